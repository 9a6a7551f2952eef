// The containers of message -> wire: arrays, objects, maps, sets, errors, and the nodes of a graph, which are written where they
// are first met and referred to by their object id from then on. One loop over a stack of frames: depth costs no C++ stack.
#include "transcode/msgpack_to_wire.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "msgpack/graph.h"
#include "transcode/host_object.h"
#include "transcode/key_set.h"
#include "transcode/leaf_to_wire.h"
#include "wire/text.h"
#include "wire/value_path.h"

namespace pvb {
namespace {

using msgpack_format::Graph;
using msgpack_format::ReadBigEndian;
using msgpack_format::Token;
using msgpack_format::TokenType;
using wire::Tag;

constexpr uint64_t kNowhere = UINT64_MAX;
constexpr uint32_t kNoId = UINT32_MAX;

enum class FrameKind : uint8_t {
  kArray,            // elements of an Array without properties
  kArrayElements,    // elements of an Array whose properties follow
  kArrayProperties,  // those properties
  kObject,           // keys and values, from a map or from a flat array
  kSparseArray,
  kMap,
  kSet,
  kError,  // only the cause is read through a frame
};

struct Frame {
  FrameKind kind;
  bool key_read = false;           // of a keyed container: a value comes next
  bool has_keys = false;           // it has pushed a key set
  bool str_keys = false;           // read from a map, whose keys must be str
  uint64_t remaining = 0;          // values still to be read, keys counted too
  uint64_t begun = 0;              // values begun, keys not counted (in a Map they are)
  uint64_t length = 0;             // of an Array
  uint64_t key_offset = kNowhere;  // of the last key's token
  uint64_t resume = kNowhere;      // where to read on after the body of a node
};

// The state of one node or leaf.
struct Placed {
  uint32_t id = kNoId;     // its object id once it has one
  bool referable = false;  // V8 could resolve a reference to it by now
};

// A key as text: what keys are compared by, and shown as.
std::string KeyText(const Token& key) {
  return key.type == TokenType::kUint ? std::to_string(key.number) : msgpack_format::StringText(key);
}

class MsgpackToWireTranscoder {
 public:
  MsgpackToWireTranscoder(std::span<const uint8_t> message, std::span<const pvb_bytes> attachments,
                          const ToWireOptions& options, ByteBuffer* wire, Fault* fault)
      : message_(message),
        options_(options),
        fault_(fault),
        reader_(message, fault),
        leaf_(message, attachments, options, wire, fault) {}

  bool Run() {
    writer().WriteHeader();
    if (!Transcode()) {
      fault_->path = Path();
      return false;
    }
    return true;
  }

 private:
  wire::Writer& writer() { return leaf_.writer(); }

  bool Fail(uint64_t offset, std::string message) { return reader_.Fail(offset, std::move(message)); }

  bool Transcode() {
    if (message_.size() > options_.limits.max_bytes) return Fail(0, "a message of 4 GiB or more");
    if (msgpack_format::IsGraph(message_)) {
      graph_ = msgpack_format::IndexGraph(message_, fault_);
      if (!graph_) return false;
      nodes_.resize(graph_->kinds.size());
      leaves_.resize(graph_->leaf_offsets.size());
      reader_.Seek(graph_->root_offset);
    }
    if (!ReadValue()) return false;
    while (!frames_.empty()) {
      if (frames_.back().remaining == 0 ? !Finish() : !ReadItem()) return false;
      // Here and not only at the end: an attachment may be used, and copied, any number of times.
      if (!CheckSize()) return false;
    }
    if (!graph_ && reader_.left() != 0) return Fail(reader_.offset(), "bytes after the message");
    return CheckSize();
  }

  bool CheckSize() {
    return writer().out()->size() <= options_.limits.max_bytes ||
           Fail(reader_.offset(), "more than " + std::to_string(options_.limits.max_bytes) + " wire bytes");
  }

  // ---- frames ----

  bool Push(FrameKind kind, uint64_t at, uint64_t remaining, uint64_t length = 0) {
    if (frames_.size() >= options_.limits.max_depth) {
      return Fail(at, "nested deeper than " + std::to_string(options_.limits.max_depth) + " levels");
    }
    Frame& frame = frames_.emplace_back();
    frame.kind = kind;
    frame.remaining = remaining;
    frame.length = length;
    if (kind == FrameKind::kObject || kind == FrameKind::kSparseArray) BeginKeys();
    return true;
  }

  void BeginKeys() {
    if (options_.unique_keys) return;
    frames_.back().has_keys = true;
    keys_.Push();
  }

  bool ReadItem() {
    Frame& frame = frames_.back();
    --frame.remaining;
    switch (frame.kind) {
      case FrameKind::kArray:
      case FrameKind::kArrayElements:
        ++frame.begun;
        return ReadElement();
      case FrameKind::kMap:
      case FrameKind::kSet:
      case FrameKind::kError:
        ++frame.begun;
        return ReadValue();
      case FrameKind::kObject:
      case FrameKind::kArrayProperties:
      case FrameKind::kSparseArray:
        break;
    }
    if (!frame.key_read) return ReadKey(&frame);
    frame.key_read = false;
    ++frame.begun;
    return ReadValue();
  }

  bool Finish() {
    Frame& frame = frames_.back();
    switch (frame.kind) {
      case FrameKind::kArrayElements:
        return BeginProperties(&frame);
      case FrameKind::kArray:
        writer().WriteTag(Tag::kEndDenseJSArray);
        writer().WriteVarint(0);
        writer().WriteVarint(frame.length);
        break;
      case FrameKind::kArrayProperties:
        writer().WriteTag(Tag::kEndDenseJSArray);
        writer().WriteVarint(frame.begun);
        writer().WriteVarint(frame.length);
        break;
      case FrameKind::kSparseArray:
        writer().WriteTag(Tag::kEndSparseJSArray);
        writer().WriteVarint(frame.begun);
        writer().WriteVarint(frame.length);
        break;
      case FrameKind::kObject:
        writer().WriteTag(Tag::kEndJSObject);
        writer().WriteVarint(frame.begun);
        break;
      case FrameKind::kMap:
        writer().WriteTag(Tag::kEndJSMap);
        writer().WriteVarint(frame.begun);
        break;
      case FrameKind::kSet:
        writer().WriteTag(Tag::kEndJSSet);
        writer().WriteVarint(frame.begun);
        break;
      case FrameKind::kError:
        writer().WriteByte(static_cast<uint8_t>(wire::ErrorTag::kEnd));
        break;
    }
    if (frame.has_keys) keys_.Pop();
    const uint64_t resume = frame.resume;
    frames_.pop_back();
    if (resume != kNowhere) {
      reader_.Seek(resume);
      nodes_[open_nodes_.back()].referable = true;
      open_nodes_.pop_back();
    }
    return true;
  }

  // ---- values ----

  bool ReadElement() {
    const uint64_t at = reader_.offset();
    Token token;
    if (!reader_.Next(&token)) return false;
    if (!token.IsExt(Ext::kHole)) {
      reader_.Seek(at);
      return ReadValue();
    }
    if (!token.bytes.empty()) return Fail(at, "a hole with a payload");
    writer().WriteTag(Tag::kTheHole);
    return true;
  }

  bool ReadValue() {
    Token token;
    if (!reader_.Next(&token)) return false;
    switch (token.type) {
      case TokenType::kArray:
        if (!Push(FrameKind::kArray, token.offset, token.number, token.number)) return false;
        leaf_.TakeId();
        writer().WriteTag(Tag::kBeginDenseJSArray);
        writer().WriteVarint(token.number);
        return true;
      case TokenType::kMap:
        if (!Push(FrameKind::kObject, token.offset, 2 * token.number)) return false;
        frames_.back().str_keys = true;
        leaf_.TakeId();
        writer().WriteTag(Tag::kBeginJSObject);
        return true;
      case TokenType::kExt:
        if (graph_ && token.IsExt(Ext::kNode)) return ReadNode(token);
        if (graph_ && token.IsExt(Ext::kLeaf)) return ReadLeaf(token);
        return leaf_.Write(token);
      default:
        return leaf_.Write(token);
    }
  }

  void WriteReference(uint32_t id) {
    writer().WriteTag(Tag::kObjectReference);
    writer().WriteVarint(id);
  }

  // ---- keys ----

  bool ReadKey(Frame* frame) {
    Token key;
    if (!reader_.Next(&key)) return false;
    frame->key_offset = key.offset;
    frame->key_read = true;
    if (frame->kind == FrameKind::kSparseArray && key.type == TokenType::kUint) {
      if (key.number >= frame->length) return Fail(key.offset, "an index beyond the length of its sparse array");
      if (!NewKey(frame, key)) return false;
      writer().WriteNumber(static_cast<double>(key.number));
      return true;
    }
    const bool is_key = frame->str_keys ? key.type == TokenType::kStr : LeafToWire::IsString(key);
    if (!is_key) return Fail(key.offset, "a property key that is not a string");
    if (frame->kind != FrameKind::kObject) {
      const std::string name = KeyText(key);
      uint32_t index = 0;
      if (name == "length") return Fail(key.offset, "a property 'length' of an array");
      if (text::ParseArrayIndex(name, &index)) {
        return Fail(key.offset, "an index among the properties of an array");
      }
    }
    return NewKey(frame, key) && leaf_.WriteString(key);
  }

  bool NewKey(Frame* frame, const Token& key) {
    if (!frame->has_keys || keys_.Insert(KeyText(key))) return true;
    return Fail(key.offset, "a property key that is there already");
  }

  bool BeginProperties(Frame* frame) {
    Token token;
    if (!reader_.Next(&token)) return false;
    if (token.type != TokenType::kArray || token.number % 2 != 0) {
      return Fail(token.offset, "the properties of an array are keys and values in one array");
    }
    frame->kind = FrameKind::kArrayProperties;
    frame->remaining = token.number;
    frame->begun = 0;
    BeginKeys();
    return true;
  }

  // ---- graphs ----

  bool ReadLeaf(const Token& reference) {
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

  bool LeafToken(const Token& reference, Token* token) {
    msgpack_format::Reader reader(message_, fault_);
    reader.Seek(graph_->leaf_offsets[ReadBigEndian(reference.bytes)]);
    return reader.Next(token);
  }

  Placed* FindPlaced(const Token& reference, std::vector<Placed>* all, const char* what) {
    if (reference.bytes.size() != 4) {
      Fail(reference.offset, std::string("a ") + what + " number is 4 bytes");
      return nullptr;
    }
    const uint64_t number = ReadBigEndian(reference.bytes);
    if (number < all->size()) return &(*all)[number];
    Fail(reference.offset, std::string(what) + " " + std::to_string(number) + " of " + std::to_string(all->size()));
    return nullptr;
  }

  bool ReadNode(const Token& reference) {
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

  // Reads the beginning of a body, writes the beginning of the value, and pushes its frame.
  bool BeginNode(NodeKind kind, Placed* node) {
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

  bool BeginArrayNode(const Token& body, Placed* node) {
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

  bool BeginSparseArray(const Token& body, Placed* node) {
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

  bool BeginError(const Token& body, Placed* node) {
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
    const auto* kind =
        std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& k) { return k.name == name; });
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
    if (fields != 0)
      return Fail(reader_.offset(), "an error has a name, a message, a stack and a cause, in this order");
    if (cause) writer().WriteByte(static_cast<uint8_t>(wire::ErrorTag::kCause));
    return Push(FrameKind::kError, body.offset, cause ? 1 : 0);
  }

  // Takes the next key of an error's body if it is `name`.
  bool ReadErrorKey(std::string_view name, uint64_t* fields) {
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

  bool ReadViewNode(Placed* node) {
    Token body;
    Token reference;
    Token kind;
    Token offset;
    Token length;
    if (!reader_.Next(&body)) return false;
    if (body.type != TokenType::kArray || body.number != 4)
      return Fail(body.offset, "a view's body is an array of four");
    if (!reader_.Next(&reference) || !reader_.Next(&kind) || !reader_.Next(&offset) || !reader_.Next(&length))
      return false;
    if (!reference.IsExt(Ext::kLeaf)) return Fail(reference.offset, "a view's buffer is a leaf");
    Placed* leaf = FindPlaced(reference, &leaves_, "leaf");
    Token buffer_token;
    BufferValue buffer;
    if (leaf == nullptr || !LeafToken(reference, &buffer_token) || !leaf_.ReadBuffer(buffer_token, &buffer))
      return false;
    if (kind.type != TokenType::kUint || kind.number > 0xFF || offset.type != TokenType::kUint) {
      return Fail(kind.offset, "a view's kind and byte offset are ints");
    }
    const bool tracking = length.type == TokenType::kNil;
    if (!tracking && length.type != TokenType::kUint)
      return Fail(length.offset, "a view's byte length is an int or nil");
    if (tracking && !buffer.resizable)
      return Fail(length.offset, "only a view on a resizable buffer follows its length");
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

  // ---- errors ----

  std::string Path() const {
    ValuePath path;
    for (const Frame& frame : frames_) {
      switch (frame.kind) {
        case FrameKind::kArray:
        case FrameKind::kArrayElements:
          if (frame.begun != 0) path.Index(frame.begun - 1);
          break;
        case FrameKind::kMap:
          if (frame.begun != 0)
            (frame.begun % 2 != 0) ? path.MapKey(frame.begun / 2) : path.Member(frame.begun / 2 - 1);
          break;
        case FrameKind::kSet:
          if (frame.begun != 0) path.Member(frame.begun - 1);
          break;
        case FrameKind::kError:
          path.Cause();
          break;
        case FrameKind::kObject:
        case FrameKind::kArrayProperties:
        case FrameKind::kSparseArray:
          if (frame.key_offset != kNowhere) AppendKey(frame.key_offset, &path);
          break;
      }
    }
    return path.text();
  }

  void AppendKey(uint64_t offset, ValuePath* path) const {
    Fault ignored;
    msgpack_format::Reader reader(message_, &ignored);
    reader.Seek(offset);
    Token key;
    if (!reader.Next(&key)) return;
    if (key.type == TokenType::kUint) {
      path->Index(key.number);
    } else if (LeafToWire::IsString(key)) {
      path->Property(KeyText(key));
    }
  }

  std::span<const uint8_t> message_;
  const ToWireOptions& options_;
  Fault* fault_;
  msgpack_format::Reader reader_;
  LeafToWire leaf_;
  std::optional<Graph> graph_;
  std::vector<Placed> nodes_;
  std::vector<Placed> leaves_;
  std::vector<uint32_t> open_nodes_;  // those whose body is being read, outermost first
  std::vector<Frame> frames_;
  KeySet keys_;
  uint64_t sparse_slots_ = 0;
};

}  // namespace

bool MsgpackToWire(std::span<const uint8_t> message, std::span<const pvb_bytes> attachments,
                   const ToWireOptions& options, ByteBuffer* wire, Fault* fault) {
  wire->clear();
  if (options.transfers != nullptr) options.transfers->clear();
  *fault = Fault();
  return MsgpackToWireTranscoder(message, attachments, options, wire, fault).Run();
}

}  // namespace pvb
