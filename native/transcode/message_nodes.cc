// Message -> wire: the nodes and leaves of a graph.
#include "transcode/message_transcoder.h"

#include <algorithm>

#include "transcode/host_object.h"

namespace pvb {

using msgpack_format::ReadBigEndian;
using msgpack_format::TokenType;
using wire::Tag;

// ---- graphs ----

bool MessageTranscoder::ReadLeaf(const Token& reference) {
  Placed* leaf = FindPlaced(reference, &leaves_, "leaf");
  if (leaf == nullptr) return false;
  if (leaf->id != kNoId) {
    WriteReference(leaf->id);
    return true;
  }
  Token token;
  if (!LeafToken(reference, &token)) return false;
  if (token.type != TokenType::kExt || token.IsExt(Ext::kView))
    return Fail(token.offset, "a value that cannot be a leaf");
  const uint32_t id = leaf_.NextId();
  if (!leaf_.Write(token)) return false;
  if (leaf_.NextId() != id + 1) return Fail(token.offset, "a value that cannot be a leaf");
  leaf->id = id;
  return true;
}

bool MessageTranscoder::LeafToken(const Token& reference, Token* token) {
  msgpack_format::Reader reader(message_, fault_);
  reader.Seek(graph_->leaf_offsets[ReadBigEndian(reference.bytes)]);
  return reader.Next(token);
}

MessageTranscoder::Placed* MessageTranscoder::FindPlaced(const Token& reference, std::vector<Placed>* all,
                                                         const char* what) {
  if (reference.bytes.size() != 4) {
    Fail(reference.offset, std::string("a ") + what + " number is 4 bytes");
    return nullptr;
  }
  const uint64_t number = ReadBigEndian(reference.bytes);
  if (number < all->size()) return &(*all)[number];
  Fail(reference.offset, std::string(what) + " " + std::to_string(number) + " of " + std::to_string(all->size()));
  return nullptr;
}

bool MessageTranscoder::ReadNode(const Token& reference) {
  Placed* node = FindPlaced(reference, &nodes_, "node");
  if (node == nullptr) return false;
  const auto number = static_cast<uint32_t>(ReadBigEndian(reference.bytes));
  const auto kind = static_cast<NodeKind>(graph_->kinds[number]);
  if (node->id != kNoId) {
    if (kind == NodeKind::kError && !node->referable && !options_.traits.error_self_cause) {
      return reader_.Fail(PVB_ERR_ENCODE, reference.offset, "this V8 cannot read an Error inside its own cause");
    }
    WriteReference(node->id);
    return true;
  }
  const uint64_t resume = reader_.offset();
  reader_.Seek(graph_->body_offsets[number]);
  if (kind == NodeKind::kView) {
    if (!ReadViewNode(node)) return false;
    reader_.Seek(resume);
    return true;
  }
  if (!BeginNode(kind, node)) return false;
  frames_.back().resume = resume;
  open_nodes_.push_back(number);
  return true;
}

bool MessageTranscoder::BeginNode(NodeKind kind, Placed* node) {
  Token body;
  if (!reader_.Next(&body)) return false;
  const bool is_map = kind == NodeKind::kDict || kind == NodeKind::kError;
  if (body.type != (is_map ? TokenType::kMap : TokenType::kArray)) {
    return Fail(body.offset, is_map ? "the body of this node is a map" : "the body of this node is an array");
  }
  const uint64_t count = body.number;
  switch (kind) {
    case NodeKind::kList:
      if (!Push(FrameKind::kArray, body.offset, count, count)) return false;
      node->id = leaf_.TakeId();
      writer().WriteTag(Tag::kBeginDenseJSArray);
      writer().WriteVarint(count);
      return true;
    case NodeKind::kDict:
    case NodeKind::kObject:
      if (kind == NodeKind::kObject && count % 2 != 0) return Fail(body.offset, "a key without a value");
      if (!Push(FrameKind::kObject, body.offset, kind == NodeKind::kDict ? 2 * count : count)) return false;
      frames_.back().str_keys = kind == NodeKind::kDict;
      node->id = leaf_.TakeId();
      writer().WriteTag(Tag::kBeginJSObject);
      return true;
    case NodeKind::kMap:
      if (count % 2 != 0) return Fail(body.offset, "a key without a value");
      if (!Push(FrameKind::kMap, body.offset, count)) return false;
      node->id = leaf_.TakeId();
      writer().WriteTag(Tag::kBeginJSMap);
      return true;
    case NodeKind::kSet:
      if (!Push(FrameKind::kSet, body.offset, count)) return false;
      node->id = leaf_.TakeId();
      writer().WriteTag(Tag::kBeginJSSet);
      return true;
    case NodeKind::kArray:
      return BeginArrayNode(body, node);
    case NodeKind::kSparseArray:
      return BeginSparseArray(body, node);
    case NodeKind::kError:
      return BeginError(body, node);
    case NodeKind::kView:
      break;
  }
  return Fail(body.offset, "unknown node kind");
}

bool MessageTranscoder::BeginArrayNode(const Token& body, Placed* node) {
  Token elements;
  if (body.number != 2) return Fail(body.offset, "an array with properties is two arrays");
  if (!reader_.Next(&elements)) return false;
  if (elements.type != TokenType::kArray) return Fail(elements.offset, "an array with properties is two arrays");
  if (!Push(FrameKind::kArrayElements, body.offset, elements.number, elements.number)) return false;
  node->id = leaf_.TakeId();
  writer().WriteTag(Tag::kBeginDenseJSArray);
  writer().WriteVarint(elements.number);
  return true;
}

bool MessageTranscoder::BeginSparseArray(const Token& body, Placed* node) {
  Token length;
  if (body.number % 2 != 1) return Fail(body.offset, "a sparse array is a length, then keys and values");
  if (!reader_.Next(&length)) return false;
  if (length.type != TokenType::kUint || length.number > wire::kMaxUint32) {
    return Fail(length.offset, "the length of a sparse array is an int below 2**32");
  }
  // Longer ones cost V8 nothing: it makes them dictionaries at once.
  constexpr uint64_t kLongestWithSlots = uint64_t{1} << 25;
  if (length.number <= kLongestWithSlots) {
    sparse_slots_ += length.number;
    if (sparse_slots_ > options_.limits.max_sparse_slots) {
      return Fail(length.offset, "sparse arrays of more than " + std::to_string(options_.limits.max_sparse_slots) +
                                     " slots together, 8 bytes each in V8");
    }
  }
  if (!Push(FrameKind::kSparseArray, body.offset, body.number - 1, length.number)) return false;
  node->id = leaf_.TakeId();
  writer().WriteTag(Tag::kBeginSparseJSArray);
  writer().WriteVarint(length.number);
  return true;
}

bool MessageTranscoder::BeginError(const Token& body, Placed* node) {
  struct Kind {
    std::string_view name;
    char tag;
  };
  constexpr Kind kKinds[] = {{"EvalError", 'E'},   {"RangeError", 'R'}, {"ReferenceError", 'F'},
                             {"SyntaxError", 'S'}, {"TypeError", 'T'},  {"URIError", 'U'}};
  uint64_t fields = body.number;
  Token value;
  if (fields == 0 || !ReadErrorKey("name", &fields)) return Fail(body.offset, "an error begins with its name");
  if (!reader_.Next(&value)) return false;
  if (!LeafToWire::IsString(value)) return Fail(value.offset, "an error's name is a string");
  const std::string name = KeyText(value);
  const auto* kind = std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& k) { return k.name == name; });
  if (kind == std::end(kKinds) && name != "Error" && options_.host_objects) {
    leaf_.TakeId();
    writer().WriteTag(Tag::kHostObject);
    writer().WriteVarint(static_cast<uint32_t>(HostObject::kNamedError));
    if (!leaf_.WriteString(value)) return false;
  }
  node->id = leaf_.TakeId();
  writer().WriteTag(Tag::kError);
  if (kind != std::end(kKinds)) writer().WriteByte(static_cast<uint8_t>(kind->tag));
  for (const auto& [key, tag] :
       {std::pair{"message", wire::ErrorTag::kMessage}, std::pair{"stack", wire::ErrorTag::kStack}}) {
    if (!ReadErrorKey(key, &fields)) continue;
    if (!reader_.Next(&value)) return false;
    if (!LeafToWire::IsString(value)) return Fail(value.offset, std::string("an error's ") + key + " is a string");
    writer().WriteByte(static_cast<uint8_t>(tag));
    if (!leaf_.WriteString(value)) return false;
  }
  const bool cause = ReadErrorKey("cause", &fields);
  if (fields != 0) return Fail(reader_.offset(), "an error has a name, a message, a stack and a cause, in this order");
  if (cause) writer().WriteByte(static_cast<uint8_t>(wire::ErrorTag::kCause));
  return Push(FrameKind::kError, body.offset, cause ? 1 : 0);
}

bool MessageTranscoder::ReadErrorKey(std::string_view name, uint64_t* fields) {
  if (*fields == 0) return false;
  const uint64_t at = reader_.offset();
  Token key;
  if (!reader_.Next(&key)) return false;
  if (key.type == TokenType::kStr && KeyText(key) == name) {
    --*fields;
    return true;
  }
  reader_.Seek(at);
  return false;
}

bool MessageTranscoder::ReadViewNode(Placed* node) {
  Token body;
  Token reference;
  Token kind;
  Token offset;
  Token length;
  if (!reader_.Next(&body)) return false;
  if (body.type != TokenType::kArray || body.number != 4) return Fail(body.offset, "a view's body is an array of four");
  if (!reader_.Next(&reference) || !reader_.Next(&kind) || !reader_.Next(&offset) || !reader_.Next(&length))
    return false;
  if (!reference.IsExt(Ext::kLeaf)) return Fail(reference.offset, "a view's buffer is a leaf");
  Placed* leaf = FindPlaced(reference, &leaves_, "leaf");
  Token buffer_token;
  BufferValue buffer;
  if (leaf == nullptr || !LeafToken(reference, &buffer_token) || !leaf_.ReadBuffer(buffer_token, &buffer)) return false;
  if (kind.type != TokenType::kUint || kind.number > 0xFF || offset.type != TokenType::kUint) {
    return Fail(kind.offset, "a view's kind and byte offset are ints");
  }
  const bool tracking = length.type == TokenType::kNil;
  if (!tracking && length.type != TokenType::kUint) return Fail(length.offset, "a view's byte length is an int or nil");
  if (tracking && !buffer.resizable) return Fail(length.offset, "only a view on a resizable buffer follows its length");
  const auto kind_byte = static_cast<uint8_t>(kind.number);
  const uint64_t byte_length = tracking ? 0 : length.number;
  if (!leaf_.CheckView(body.offset, kind_byte, offset.number, byte_length, buffer.bytes.size())) return false;
  if (leaf->id == kNoId) {
    leaf->id = leaf_.NextId();
    if (!leaf_.WriteBuffer(buffer_token, buffer)) return false;
  } else {
    WriteReference(leaf->id);
  }
  node->id = leaf_.NextId();
  leaf_.WriteView(kind_byte, offset.number, byte_length,
                  (buffer.resizable ? wire::kViewBufferResizable : 0) | (tracking ? wire::kViewLengthTracking : 0));
  return true;
}

}  // namespace pvb
