#include "transcode/graph_writer.h"

namespace pvb {

void GraphWriter::EndNode(uint32_t number, NodeKind kind, size_t start, MessageWriter* out) {
  const size_t size = out->position() - start;
  kinds_[number] = static_cast<uint8_t>(kind);
  bodies_[number] = {finished_.size(), size};
  finished_.append(out->out()->data() + start, size);
  out->out()->truncate(start);
  out->WriteReference(Ext::kNode, number);
}

bool GraphWriter::Assemble(uint64_t max_bytes, ByteBuffer* out) {
  ByteBuffer payload;
  MessageWriter writer(&payload);
  // Two array headers of at most 5 bytes, the ext's 6, and two sizes of 4.
  const uint64_t bound = size() + out->size() + 24;
  if (bound > max_bytes) return false;
  payload.reserve(bound);

  ByteBuffer leaves;
  MessageWriter leaves_writer(&leaves);
  leaves_writer.WriteArrayHeader(leaf_count_);
  leaves.append(leaves_.data(), leaves_.size());
  const auto node_count = static_cast<uint32_t>(kinds_.size());
  ByteBuffer rest_header;
  MessageWriter(&rest_header).WriteArrayHeader(node_count + 1);
  const uint64_t payload_size = 8 + kinds_.size() + leaves.size() + rest_header.size() + out->size() + finished_.size();

  // Always ext 32, so that a graph's payload begins at byte 6.
  payload.push(0xC9);
  writer.WriteBigEndian(payload_size, 4);
  payload.push(static_cast<uint8_t>(Ext::kGraph));
  writer.WriteBigEndian(node_count, 4);
  payload.append(kinds_.data(), kinds_.size());
  writer.WriteBigEndian(leaves.size(), 4);
  payload.append(leaves.data(), leaves.size());
  payload.append(rest_header.data(), rest_header.size());
  payload.append(out->data(), out->size());
  for (const Body& body : bodies_) payload.append(finished_.data() + body.offset, body.size);
  *out = std::move(payload);
  return true;
}

}  // namespace pvb
