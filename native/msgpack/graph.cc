#include "msgpack/graph.h"

namespace pvb::msgpack_format {
namespace {

bool IsKind(uint8_t kind) {
  switch (static_cast<NodeKind>(kind)) {
    case NodeKind::kList:
    case NodeKind::kDict:
    case NodeKind::kObject:
    case NodeKind::kMap:
    case NodeKind::kSet:
    case NodeKind::kArray:
    case NodeKind::kSparseArray:
    case NodeKind::kError:
    case NodeKind::kView:
      return true;
  }
  return false;
}

// Skips `count` values and keeps where each began.
bool SkipAll(Reader* reader, uint64_t count, std::vector<uint64_t>* offsets) {
  offsets->reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    offsets->push_back(reader->offset());
    if (!reader->Skip()) return false;
  }
  return true;
}

bool ReadArrayHeader(Reader* reader, const char* what, uint64_t* count) {
  Token token;
  if (!reader->Next(&token)) return false;
  if (token.type != TokenType::kArray)
    return reader->Fail(token.offset, std::string("a graph's ") + what + " are not an array");
  *count = token.number;
  return true;
}

}  // namespace

bool IsGraph(std::span<const uint8_t> message) {
  constexpr auto kCode = static_cast<uint8_t>(Ext::kGraph);
  if (message.size() < 3) return false;
  switch (message[0]) {
    case 0xC7:
      return message[2] == kCode;
    case 0xC8:
      return message.size() > 3 && message[3] == kCode;
    case 0xC9:
      return message.size() > 5 && message[5] == kCode;
    case 0xD8:
      return message[1] == kCode;  // 16 bytes: the smallest graphs fit
    default:
      return false;
  }
}

std::optional<Graph> IndexGraph(std::span<const uint8_t> message, Fault* fault) {
  Reader whole(message, fault);
  Token graph_token;
  if (!whole.Next(&graph_token)) return std::nullopt;
  if (whole.left() != 0) {
    whole.Fail(whole.offset(), "bytes after the message");
    return std::nullopt;
  }
  const std::span<const uint8_t> payload = graph_token.bytes;
  const auto payload_offset = static_cast<uint64_t>(payload.data() - message.data());

  Graph graph;
  Reader reader(message, fault);
  if (payload.size() < 4) {
    reader.Fail(payload_offset, "a graph without its number of nodes");
    return std::nullopt;
  }
  const uint64_t count = ReadBigEndian(payload.first(4));
  if (count + 8 > payload.size()) {
    reader.Fail(payload_offset,
                "a graph of " + std::to_string(count) + " nodes in " + std::to_string(payload.size()) + " bytes");
    return std::nullopt;
  }
  graph.kinds = payload.subspan(4, count);
  for (uint64_t i = 0; i < count; ++i) {
    if (!IsKind(graph.kinds[i])) {
      reader.Fail(payload_offset + 4 + i, "unknown node kind " + std::to_string(graph.kinds[i]));
      return std::nullopt;
    }
  }
  const uint64_t leaves_size = ReadBigEndian(payload.subspan(4 + count, 4));
  const uint64_t leaves_offset = payload_offset + 8 + count;
  if (leaves_size > payload.size() - 8 - count) {
    reader.Fail(leaves_offset - 4, "the leaves of a graph are longer than the graph");
    return std::nullopt;
  }

  uint64_t leaf_count = 0;
  Reader leaves(message.first(leaves_offset + leaves_size), fault);
  leaves.Seek(leaves_offset);
  if (!ReadArrayHeader(&leaves, "leaves", &leaf_count)) return std::nullopt;
  if (!SkipAll(&leaves, leaf_count, &graph.leaf_offsets)) return std::nullopt;
  if (leaves.left() != 0) {
    leaves.Fail(leaves.offset(), "bytes after the leaves of a graph");
    return std::nullopt;
  }

  uint64_t rest_count = 0;
  reader.Seek(leaves_offset + leaves_size);
  if (!ReadArrayHeader(&reader, "root and bodies", &rest_count)) return std::nullopt;
  if (rest_count != count + 1) {
    reader.Fail(leaves_offset + leaves_size,
                std::to_string(count) + " nodes, but " + std::to_string(rest_count) + " values");
    return std::nullopt;
  }
  graph.root_offset = reader.offset();
  if (!reader.Skip() || !SkipAll(&reader, count, &graph.body_offsets)) return std::nullopt;
  if (reader.left() != 0) {
    reader.Fail(reader.offset(), "bytes after the bodies of a graph");
    return std::nullopt;
  }
  return graph;
}

}  // namespace pvb::msgpack_format
