// The containers of wire -> message, and identity. One loop over a stack of frames: depth costs no C++ stack.
//
// Only a reference shows that a value is met twice, and it comes after the value. So the first pass takes every value for unshared and
// notes what references point to; if there were any, a second pass makes those values nodes and leaves. Trees, the usual case, pay
// nothing for it.
#include "transcode/wire_to_msgpack.h"

#include <algorithm>
#include <vector>

#include "msgpack/reader.h"
#include "transcode/graph_writer.h"
#include "transcode/key_set.h"
#include "transcode/leaf_to_msgpack.h"
#include "wire/text.h"
#include "wire/value_path.h"

namespace pvb {
namespace {

using wire::Tag;

constexpr uint32_t kNone = UINT32_MAX;
constexpr uint64_t kMaxIndex = 0xFFFFFFFE;  // the largest array index

// What an object id stands for.
struct Object {
  enum class Type : uint8_t { kNode, kLeaf, kBuffer };
  Type type = Type::kNode;
  uint32_t number = kNone;  // of its node or leaf, in the second pass
};

struct Buffer {
  uint32_t id = 0;
  std::span<const uint8_t> bytes;
  bool resizable = false;
  uint64_t max_size = 0;
};

enum class FrameKind : uint8_t { kDenseArray, kPairArray, kObject, kMap, kSet, kError };

struct Frame {
  FrameKind kind;
  Tag end_tag = Tag::kPadding;
  bool key_read = false;     // a value comes next
  bool flat = false;         // an object with a key that is no str
  uint32_t node = kNone;     // its number when it is one already
  size_t start = 0;          // where it begins in the output
  uint64_t begun = 0;        // values begun (keys of a Map counted, keys of objects not)
  uint64_t length = 0;       // of an array
  uint64_t holes = 0;        // of a dense array
  uint64_t dense_pairs = 0;  // entries that came from a dense array's elements: its end counts only the others
  size_t first_entry = 0;    // of a pair array, in entries_
  size_t first_extent = 0;   // of a dense array, in extents_
  size_t key_position = 0;   // of an object's last key, in the output
};

// An element or property of an array that is read as keys and values.
struct Entry {
  bool is_index;
  uint32_t index;
  uint64_t offset;  // of the key in the wire bytes
  size_t position;  // of the value (an element) or of key and value (a property) in the output
  size_t end = 0;
};

// Where a container inside a dense array stands in the output.
struct Extent {
  size_t begin;
  size_t end;
};

// What an error frame has read so far.
struct ErrorParts {
  const char* name = "Error";
  bool has_message = false;
  bool has_stack = false;
  bool has_cause = false;
  bool cause_open = false;  // the cause stands at the end of the output
  ByteBuffer message;
  ByteBuffer stack;
  ByteBuffer cause;
};

// The number that a property key spells when it is an array index in canonical form.
bool ParseIndex(std::string_view key, uint32_t* index) {
  if (key.empty() || key.size() > 10 || (key[0] == '0' && key.size() > 1)) return false;
  uint64_t value = 0;
  for (const char c : key) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + static_cast<uint64_t>(c - '0');
  }
  *index = static_cast<uint32_t>(value);
  return value <= kMaxIndex;
}

class WireToMsgpackTranscoder {
 public:
  WireToMsgpackTranscoder(std::span<const uint8_t> wire, const ToMessageOptions& options, ByteBuffer* message,
                          Fault* fault)
      : wire_(wire),
        options_(options),
        fault_(fault),
        reader_(wire, fault),
        leaf_(&reader_, options.limits),
        out_(message) {}

  // `shared` has an entry for each object id that something refers to: read in the second pass, filled in the first.
  bool Run(bool v13_view_flags, bool second_pass, std::vector<bool>* shared) {
    v13_view_flags_ = v13_view_flags;
    second_pass_ = second_pass;
    shared_ = shared;
    if (Transcode()) return true;
    fault_->path = Path();
    return false;
  }

  bool saw_v13() const { return reader_.version() < wire::kViewFlagsVersion; }
  bool saw_references() const { return saw_references_; }

 private:
  bool Fail(uint64_t offset, std::string message) { return reader_.Fail(offset, std::move(message)); }

  bool Transcode() {
    if (!reader_.ReadHeader() || !ReadValue()) return false;
    while (!frames_.empty()) {
      if (!Continue()) return false;
      if (out_.position() + graph_.size() > options_.limits.max_bytes) return Fail(reader_.offset(), kTooLarge);
    }
    if (reader_.left() != 0) return Fail(reader_.offset(), "bytes after the value");
    if (out_.position() > options_.limits.max_bytes) return Fail(0, kTooLarge);
    if (graph_.empty()) return true;
    return graph_.Assemble(options_.limits.max_bytes, out_.out()) || Fail(0, kTooLarge);
  }

  // ---- objects and their ids ----

  uint32_t NewObject(Object::Type type) {
    objects_.push_back({type, kNone});
    return static_cast<uint32_t>(objects_.size() - 1);
  }

  bool IsShared(uint32_t id) const { return second_pass_ && id < shared_->size() && (*shared_)[id]; }

  // The writer for an object without children: among the leaves when something refers to it.
  MessageWriter* BeginLeaf() {
    const uint32_t id = NewObject(Object::Type::kLeaf);
    if (!IsShared(id)) return &out_;
    objects_[id].number = graph_.BeginLeaf();
    out_.WriteReference(Ext::kLeaf, objects_[id].number);
    return graph_.leaves();
  }

  void NoteReference(uint32_t id) {
    saw_references_ = true;
    if (second_pass_) return;
    if (shared_->size() <= id) shared_->resize(id + 1);
    (*shared_)[id] = true;
  }

  bool ReadReference(uint64_t at) {
    uint32_t id = 0;
    if (!reader_.ReadVarint32(&id)) return false;
    if (id >= objects_.size()) {
      return Fail(at, "a reference to object " + std::to_string(id) + ", which has not begun");
    }
    const Object object = objects_[id];
    NoteReference(id);
    Tag next;
    if (object.type == Object::Type::kBuffer && reader_.PeekTag(&next) && next == Tag::kArrayBufferView) {
      reader_.TakeTag();
      return ReadView(*FindBuffer(id), true);
    }
    if (!second_pass_) {
      out_.WriteNil();  // stands in: this pass is thrown away
    } else {
      out_.WriteReference(object.type == Object::Type::kNode ? Ext::kNode : Ext::kLeaf, object.number);
    }
    return true;
  }

  // ---- frames ----

  Frame* Push(FrameKind kind, Tag end_tag, uint64_t at, bool always_node) {
    if (frames_.size() >= options_.limits.max_depth) {
      Fail(at, "nested deeper than " + std::to_string(options_.limits.max_depth) + " levels");
      return nullptr;
    }
    const uint32_t id = NewObject(Object::Type::kNode);
    Frame& frame = frames_.emplace_back();
    frame.kind = kind;
    frame.end_tag = end_tag;
    frame.start = out_.position();
    frame.first_extent = extents_.size();
    if (always_node || IsShared(id)) frame.node = objects_[id].number = graph_.BeginNode();
    if (kind == FrameKind::kObject && !options_.unique_keys) keys_.Push();
    return &frame;
  }

  void Pop(NodeKind kind, bool must_be_node) {
    const Frame frame = frames_.back();
    if (frame.node != kNone) {
      graph_.EndNode(frame.node, kind, frame.start, &out_);
    } else if (must_be_node) {
      graph_.EndNode(graph_.BeginNode(), kind, frame.start, &out_);
    }
    frames_.pop_back();
    extents_.resize(frame.first_extent);
    // What is small is walked over as fast as it is noted.
    constexpr size_t kWorthNoting = 64;
    if (out_.position() - frame.start >= kWorthNoting && !frames_.empty() &&
        frames_.back().kind == FrameKind::kDenseArray) {
      extents_.push_back({frame.start, out_.position()});
    }
  }

  bool Continue() {
    Frame& frame = frames_.back();
    switch (frame.kind) {
      case FrameKind::kDenseArray:
        return ContinueDenseArray(&frame);
      case FrameKind::kError:
        return ContinueError(&frame);
      default:
        break;
    }
    Tag tag;
    if (!frame.key_read) {
      if (!reader_.PeekTag(&tag)) return Fail(reader_.offset(), "truncated: an end was expected");
      if (tag == frame.end_tag) {
        reader_.TakeTag();
        return Finish(&frame);
      }
    }
    switch (frame.kind) {
      case FrameKind::kObject:
        if (frame.key_read) break;
        frame.key_read = true;
        return ReadObjectKey(&frame);
      case FrameKind::kPairArray:
        if (frame.key_read) break;
        CloseEntry(frame);
        frame.key_read = true;
        return ReadArrayKey(&frame);
      case FrameKind::kMap:
        frame.key_read = !frame.key_read;
        ++frame.begun;
        return ReadValue();
      default:
        ++frame.begun;
        return ReadValue();
    }
    frame.key_read = false;
    ++frame.begun;
    return ReadValue();
  }

  bool Finish(Frame* frame) {
    const uint64_t at = reader_.offset();
    uint32_t count = 0;
    if (!reader_.ReadVarint32(&count)) return false;
    const uint64_t counted = frame->begun - frame->dense_pairs;
    if (count != counted) {
      return Fail(at,
                  "an end that counts " + std::to_string(count) + " where " + std::to_string(counted) + " were read");
    }
    switch (frame->kind) {
      case FrameKind::kObject:
        if (!options_.unique_keys) keys_.Pop();
        out_.EndContainer(frame->start, frame->flat ? HeaderKind::kArray : HeaderKind::kMap,
                          frame->flat ? 2 * frame->begun : frame->begun);
        Pop(frame->flat ? NodeKind::kObject : NodeKind::kDict, frame->flat);
        return true;
      case FrameKind::kMap:
        out_.EndContainer(frame->start, HeaderKind::kArray, frame->begun);
        Pop(NodeKind::kMap, true);
        return true;
      case FrameKind::kSet:
        out_.EndContainer(frame->start, HeaderKind::kArray, frame->begun);
        Pop(NodeKind::kSet, true);
        return true;
      default:
        return CheckLength(frame) && FinishPairArray(frame);
    }
  }

  // ---- values ----

  bool ReadValue() {
    Tag tag;
    uint64_t at = 0;
    do {
      if (!reader_.ReadTag(&tag)) return false;
      at = reader_.offset() - 1;
      uint32_t ignored;
      if (tag == Tag::kVerifyObjectCount && !reader_.ReadVarint32(&ignored)) return false;
    } while (tag == Tag::kVerifyObjectCount);

    bool known = false;
    if (!leaf_.WritePrimitive(tag, &out_, &known)) return false;
    return known || ReadObject(tag, at);
  }

  bool ReadObject(Tag tag, uint64_t at) {
    switch (tag) {
      case Tag::kObjectReference:
        return ReadReference(at);
      case Tag::kBeginJSObject:
        if (Push(FrameKind::kObject, Tag::kEndJSObject, at, false) == nullptr) return false;
        out_.BeginContainer();
        return true;
      case Tag::kBeginJSMap:
        if (Push(FrameKind::kMap, Tag::kEndJSMap, at, true) == nullptr) return false;
        out_.BeginContainer();
        return true;
      case Tag::kBeginJSSet:
        if (Push(FrameKind::kSet, Tag::kEndJSSet, at, true) == nullptr) return false;
        out_.BeginContainer();
        return true;
      case Tag::kBeginDenseJSArray:
        return BeginDenseArray(at);
      case Tag::kBeginSparseJSArray:
        return BeginSparseArray(at);
      case Tag::kError:
        if (Push(FrameKind::kError, Tag::kPadding, at, true) == nullptr) return false;
        errors_.emplace_back();
        return true;
      case Tag::kDate:
        return leaf_.WriteDate(BeginLeaf());
      case Tag::kRegExp:
        return leaf_.WriteRegExp(BeginLeaf());
      case Tag::kTrueObject:
      case Tag::kFalseObject:
      case Tag::kNumberObject:
      case Tag::kBigIntObject:
      case Tag::kStringObject:
        return leaf_.WriteBoxed(tag, BeginLeaf());
      case Tag::kArrayBuffer:
      case Tag::kResizableArrayBuffer:
        return ReadBuffer(tag);
      case Tag::kArrayBufferTransfer:
      case Tag::kSharedArrayBuffer:
      case Tag::kHostObject:
      case Tag::kWasmModule:
      case Tag::kWasmMemory:
      case Tag::kSharedObject:
        return ReadDelegated(tag, at);
      case Tag::kTheHole:
        return Fail(at, "a hole outside a dense array");
      case Tag::kArrayBufferView:
        return Fail(at, "a view without a buffer before it");
      default:
        return Fail(at, "unknown tag " + std::to_string(static_cast<unsigned>(tag)));
    }
  }

  bool ReadDelegated(Tag tag, uint64_t at) {
    if (options_.hook == nullptr) {
      return Fail(at, std::string("tag '") + static_cast<char>(tag) +
                          "': a value that only the program that wrote it can read (transferred, shared, WebAssembly "
                          "or a host object)");
    }
    DelegatedValue value;
    if (!options_.hook->Read(tag, &reader_, &value)) return false;
    switch (value.type) {
      case DelegatedValue::Type::kBuffer:
        return AddBuffer({0, value.bytes, false, 0});
      case DelegatedValue::Type::kView:
        WriteView(value.view_kind, value.bytes, NewObject(Object::Type::kNode));
        return true;
      case DelegatedValue::Type::kViewOnBuffer:
        return ReadViewOnBuffer(value, at);
      case DelegatedValue::Type::kHandle:
        if (tag != Tag::kSharedObject) NewObject(Object::Type::kLeaf);
        out_.WriteHandle(value.handle_kind, value.handle);
        return true;
    }
    return false;
  }

  // ---- objects ----

  // Reads a property key and writes it as a string. `number` tells whether it was one on the wire.
  bool ReadKey(bool* str) {
    Tag tag;
    uint64_t at = 0;
    do {
      if (!reader_.ReadTag(&tag)) return false;
      at = reader_.offset() - 1;
      uint32_t ignored;
      if (tag == Tag::kVerifyObjectCount && !reader_.ReadVarint32(&ignored)) return false;
    } while (tag == Tag::kVerifyObjectCount);

    *str = true;
    if (LeafToMsgpack::IsString(tag)) return leaf_.WriteString(tag, &out_, str);
    std::string text;
    if (tag == Tag::kInt32) {
      int32_t value = 0;
      if (!reader_.ReadZigZag32(&value)) return false;
      text = std::to_string(value);
    } else if (tag == Tag::kUint32) {
      uint32_t value = 0;
      if (!reader_.ReadVarint32(&value)) return false;
      text = std::to_string(value);
    } else if (tag == Tag::kDouble) {
      double value = 0;
      if (!reader_.ReadDouble(&value)) return false;
      text = text::NumberToString(value);
    } else {
      return Fail(at, "a property key that is neither a string nor a number");
    }
    out_.WriteStr(text.c_str());
    return true;
  }

  bool ReadObjectKey(Frame* frame) {
    const uint64_t at = reader_.offset();
    frame->key_position = out_.position();
    bool str = false;
    if (!ReadKey(&str)) return false;
    frame->flat = frame->flat || !str;
    return options_.unique_keys || keys_.Insert(Written(frame->key_position)) ||
           Fail(at, "a property key that is there already");
  }

  // What was written from `position` on. As keys are always written the same way, equal keys are equal bytes.
  std::string_view Written(size_t position) {
    return {reinterpret_cast<const char*>(out_.out()->data()) + position, out_.position() - position};
  }

  // ---- arrays ----

  bool BeginDenseArray(uint64_t at) {
    uint32_t length = 0;
    if (!reader_.ReadVarint32(&length)) return false;
    if (length > reader_.left()) {
      return Fail(
          at, "an array of " + std::to_string(length) + " elements in " + std::to_string(reader_.left()) + " bytes");
    }
    Frame* frame = Push(FrameKind::kDenseArray, Tag::kEndDenseJSArray, at, false);
    if (frame == nullptr) return false;
    frame->length = length;
    out_.WriteArrayHeader(length);
    return true;
  }

  bool ContinueDenseArray(Frame* frame) {
    Tag tag;
    if (!reader_.PeekTag(&tag)) return Fail(reader_.offset(), "truncated: an array's element or end was expected");
    if (frame->begun < frame->length) {
      ++frame->begun;
      if (tag != Tag::kTheHole) return ReadValue();
      reader_.TakeTag();
      ++frame->holes;
      out_.WriteHole();
      return true;
    }
    if (tag == Tag::kEndDenseJSArray && !IsSparse(frame->length, frame->length - frame->holes)) {
      reader_.TakeTag();
      const uint64_t at = reader_.offset();
      uint32_t properties = 0;
      if (!reader_.ReadVarint32(&properties)) return false;
      if (properties != 0) return Fail(at, "an end that counts properties where none were read");
      if (!CheckLength(frame)) return false;
      Pop(NodeKind::kList, false);
      return true;
    }
    return ConvertToPairs(frame);
  }

  // Goes on with a dense array as keys and values: it has properties, or is mostly holes.
  bool ConvertToPairs(Frame* frame) {
    frame->kind = FrameKind::kPairArray;
    frame->first_entry = entries_.size();
    Fault ignored;
    msgpack_format::Reader written(out_.out()->span(), &ignored);
    written.Seek(frame->start);
    msgpack_format::Token token;
    (void)written.Next(&token);  // the header; all of it is what was written here
    auto extent = extents_.begin() + static_cast<std::ptrdiff_t>(frame->first_extent);
    for (uint32_t index = 0; index < frame->length; ++index) {
      const uint64_t begin = written.offset();
      // Not through what is inside: arrays like this one may be nested, and each would walk through all that the inner ones hold.
      if (extent != extents_.end() && extent->begin == begin) {
        written.Seek((extent++)->end);
      } else {
        (void)written.Next(&token);
        if (token.IsExt(Ext::kHole)) continue;
        written.Seek(begin);
        (void)written.Skip();
      }
      entries_.push_back({true, index, reader_.offset(), begin, written.offset()});
    }
    frame->begun = frame->dense_pairs = entries_.size() - frame->first_entry;
    if (!options_.unique_keys) keys_.Push();
    return true;
  }

  bool BeginSparseArray(uint64_t at) {
    uint32_t length = 0;
    if (!reader_.ReadVarint32(&length)) return false;
    Frame* frame = Push(FrameKind::kPairArray, Tag::kEndSparseJSArray, at, false);
    if (frame == nullptr) return false;
    frame->length = length;
    frame->first_entry = entries_.size();
    if (!options_.unique_keys) keys_.Push();
    out_.WriteArrayHeader(length);
    return true;
  }

  void CloseEntry(const Frame& frame) {
    if (entries_.size() > frame.first_entry && entries_.back().end == 0) entries_.back().end = out_.position();
  }

  bool ReadArrayKey(Frame* frame) {
    const uint64_t at = reader_.offset();
    const size_t position = out_.position();
    bool str = false;
    if (!ReadKey(&str)) return false;
    if (str) {
      const std::string_view written = Written(position);
      const std::string_view key = written.substr(written.size() < 33 ? 1 : 0);  // an index's header is one byte
      uint32_t index = 0;
      if (ParseIndex(key, &index)) {
        out_.out()->truncate(position);
        entries_.push_back({true, index, at, position});
        return true;
      }
      if (key == "length") return Fail(at, "a property 'length' of an array");
    }
    if (!options_.unique_keys && !keys_.Insert(Written(position)))
      return Fail(at, "a property key that is there already");
    entries_.push_back({false, 0, at, position});
    frame->flat = true;
    return true;
  }

  bool CheckLength(Frame* frame) {
    const uint64_t at = reader_.offset();
    uint32_t length = 0;
    if (!reader_.ReadVarint32(&length)) return false;
    return length == frame->length || Fail(at, "an array's length at its end differs from that at its beginning");
  }

  bool FinishPairArray(Frame* frame) {
    if (!options_.unique_keys) keys_.Pop();
    CloseEntry(*frame);
    const auto first = entries_.begin() + static_cast<std::ptrdiff_t>(frame->first_entry);
    const auto by_index = [](const Entry& a, const Entry& b) {
      return a.is_index != b.is_index ? a.is_index : a.is_index && a.index < b.index;
    };
    const bool sorted = std::is_sorted(first, entries_.end(), by_index);
    if (!sorted) std::stable_sort(first, entries_.end(), by_index);
    const auto first_property = std::find_if(first, entries_.end(), [](const Entry& e) { return !e.is_index; });
    for (auto entry = first; entry != first_property; ++entry) {
      if (entry != first && entry->index == (entry - 1)->index) {
        return Fail(std::max(entry->offset, (entry - 1)->offset), "an array index that is there already");
      }
    }
    const auto elements = static_cast<uint64_t>(first_property - first);
    const auto properties = static_cast<uint64_t>(entries_.end() - first_property);
    uint64_t length = frame->length;
    if (elements != 0) length = std::max<uint64_t>(length, uint64_t{(first_property - 1)->index} + 1);

    NodeKind kind = NodeKind::kList;
    if (IsSparse(length, elements)) {
      kind = NodeKind::kSparseArray;
    } else if (properties != 0) {
      kind = NodeKind::kArray;
    }
    const uint64_t holes = length - elements;
    if (kind != NodeKind::kSparseArray && !CountHoles(holes - std::min(holes, frame->holes))) return false;
    // An array without holes, not even such that were filled later, stands in the output as it should be.
    const bool in_place = kind == NodeKind::kList && sorted && elements == length && frame->length == length;
    if (!in_place || frame->holes != 0) {
      Rebuild(kind, length, first, first_property, frame->start);
    }
    entries_.resize(frame->first_entry);
    Pop(kind, kind != NodeKind::kList);
    return true;
  }

  // Holes between keys take no bytes on the wire, and three each in a message: a stream of kilobytes could ask for gigabytes.
  bool CountHoles(uint64_t holes) {
    implied_holes_ += holes;
    if (implied_holes_ <= options_.limits.max_sparse_slots) return true;
    return Fail(reader_.offset(),
                "sparse arrays of more than " + std::to_string(options_.limits.max_sparse_slots) + " holes together");
  }

  using EntryIterator = std::vector<Entry>::const_iterator;

  void Rebuild(NodeKind kind, uint64_t length, EntryIterator first, EntryIterator first_property, size_t start) {
    ByteBuffer rebuilt;
    MessageWriter writer(&rebuilt);
    const EntryIterator end = entries_.end();
    const auto append = [&](const Entry& entry) {
      rebuilt.append(out_.out()->data() + entry.position, entry.end - entry.position);
    };
    if (kind == NodeKind::kSparseArray) {
      writer.WriteArrayHeader(static_cast<uint32_t>(1 + 2 * (end - first)));
      writer.WriteUint(length);
      for (auto entry = first; entry != end; ++entry) {
        if (entry->is_index) writer.WriteUint(entry->index);
        append(*entry);
      }
    } else {
      if (kind == NodeKind::kArray) writer.WriteArrayHeader(2);
      writer.WriteArrayHeader(static_cast<uint32_t>(length));
      auto entry = first;
      for (uint64_t index = 0; index < length; ++index) {
        if (entry != first_property && entry->index == index) {
          append(*entry++);
        } else {
          writer.WriteHole();
        }
      }
      if (kind == NodeKind::kArray) {
        writer.WriteArrayHeader(static_cast<uint32_t>(2 * (end - first_property)));
        for (auto property = first_property; property != end; ++property) append(*property);
      }
    }
    out_.out()->truncate(start);
    out_.out()->append(rebuilt.data(), rebuilt.size());
  }

  // ---- errors ----

  bool ContinueError(Frame* frame) {
    ErrorParts& parts = errors_.back();
    if (parts.cause_open) {
      parts.cause_open = false;
      parts.cause.clear();
      parts.cause.append(out_.out()->data() + frame->start, out_.position() - frame->start);
      out_.out()->truncate(frame->start);
    }
    const uint64_t at = reader_.offset();
    uint8_t tag = 0;
    if (!reader_.ReadVarint8(&tag)) return false;
    switch (static_cast<wire::ErrorTag>(tag)) {
      case wire::ErrorTag::kEvalError:
        parts.name = "EvalError";
        return true;
      case wire::ErrorTag::kRangeError:
        parts.name = "RangeError";
        return true;
      case wire::ErrorTag::kReferenceError:
        parts.name = "ReferenceError";
        return true;
      case wire::ErrorTag::kSyntaxError:
        parts.name = "SyntaxError";
        return true;
      case wire::ErrorTag::kTypeError:
        parts.name = "TypeError";
        return true;
      case wire::ErrorTag::kUriError:
        parts.name = "URIError";
        return true;
      case wire::ErrorTag::kMessage:
        parts.has_message = true;
        return ReadErrorString(&parts.message);
      case wire::ErrorTag::kStack:
        parts.has_stack = true;
        return ReadErrorString(&parts.stack);
      case wire::ErrorTag::kCause:
        parts.has_cause = parts.cause_open = true;
        return ReadValue();
      case wire::ErrorTag::kEnd:
        FinishError();
        return true;
    }
    return Fail(at, "unknown tag " + std::to_string(tag) + " in an error");
  }

  bool ReadErrorString(ByteBuffer* part) {
    part->clear();
    MessageWriter writer(part);
    return leaf_.WriteTaggedString(&writer);
  }

  void FinishError() {
    const ErrorParts parts = std::move(errors_.back());
    errors_.pop_back();
    out_.WriteMapHeader(1u + parts.has_message + parts.has_stack + parts.has_cause);
    out_.WriteStr("name");
    out_.WriteStr(parts.name);
    const auto write = [&](bool has, const char* key, const ByteBuffer& value) {
      if (!has) return;
      out_.WriteStr(key);
      out_.out()->append(value.data(), value.size());
    };
    write(parts.has_message, "message", parts.message);
    write(parts.has_stack, "stack", parts.stack);
    write(parts.has_cause, "cause", parts.cause);
    Pop(NodeKind::kError, true);
  }

  // ---- buffers and views ----

  const Buffer* FindBuffer(uint32_t id) const {
    const auto buffer =
        std::lower_bound(buffers_.begin(), buffers_.end(), id,
                         [](const Buffer& candidate, uint32_t wanted) { return candidate.id < wanted; });
    return &*buffer;
  }

  bool ReadBuffer(Tag tag) {
    Buffer buffer;
    return ReadBufferBytes(tag, &buffer) && AddBuffer(buffer);
  }

  bool ReadBufferBytes(Tag tag, Buffer* buffer) {
    const uint64_t at = reader_.offset();
    uint32_t size = 0;
    uint32_t max_size = 0;
    *buffer = {0, {}, tag == Tag::kResizableArrayBuffer, 0};
    if (!reader_.ReadVarint32(&size)) return false;
    if (buffer->resizable) {
      if (!reader_.ReadVarint32(&max_size)) return false;
      if (max_size < size) return Fail(at, "an ArrayBuffer longer than its maximum");
      buffer->max_size = max_size;
    }
    return reader_.ReadRaw(size, &buffer->bytes);
  }

  void NewBuffer(Buffer* buffer, bool viewed) {
    buffer->id = NewObject(Object::Type::kBuffer);
    buffers_.push_back(*buffer);
    // Only a node says of a view's buffer that it is resizable.
    if (IsShared(buffer->id) || (viewed && buffer->resizable)) {
      objects_[buffer->id].number = graph_.BeginLeaf();
      WriteBuffer(*buffer, graph_.leaves());
    }
  }

  // After every ArrayBuffer a view on it may follow, which is then the value.
  bool AddBuffer(Buffer buffer) {
    Tag next;
    const bool viewed = reader_.PeekTag(&next) && next == Tag::kArrayBufferView;
    NewBuffer(&buffer, viewed);
    if (viewed) {
      reader_.TakeTag();
      return ReadView(buffer, false);
    }
    if (IsShared(buffer.id)) {
      out_.WriteReference(Ext::kLeaf, objects_[buffer.id].number);
    } else {
      WriteBuffer(buffer, &out_);
    }
    return true;
  }

  // A view that the hook read: it took its object id before its buffer, which may also be known already.
  bool ReadViewOnBuffer(const DelegatedValue& view, uint64_t at) {
    const uint32_t id = NewObject(Object::Type::kNode);
    Buffer buffer;
    bool again = false;
    return ReadBufferOfView(&buffer, &again) &&
           AddView(buffer, at, view.view_kind, view.byte_offset, view.byte_length, view.view_flags, id, again);
  }

  bool ReadBufferOfView(Buffer* buffer, bool* again) {
    Tag tag;
    if (!reader_.ReadTag(&tag)) return false;
    const uint64_t at = reader_.offset() - 1;
    DelegatedValue value;
    switch (tag) {
      case Tag::kObjectReference: {
        uint32_t id = 0;
        if (!reader_.ReadVarint32(&id)) return false;
        if (id >= objects_.size() || objects_[id].type != Object::Type::kBuffer) break;
        NoteReference(id);
        *buffer = *FindBuffer(id);
        *again = true;
        return true;
      }
      case Tag::kArrayBuffer:
      case Tag::kResizableArrayBuffer:
        if (!ReadBufferBytes(tag, buffer)) return false;
        NewBuffer(buffer, true);
        return true;
      case Tag::kArrayBufferTransfer:
        if (!options_.hook->Read(tag, &reader_, &value)) return false;
        if (value.type != DelegatedValue::Type::kBuffer) break;
        *buffer = {0, value.bytes, false, 0};
        NewBuffer(buffer, true);
        return true;
      default:
        break;
    }
    return Fail(at, "a view's buffer was expected");
  }

  bool Attaches(std::span<const uint8_t> bytes) const {
    return options_.attachments != nullptr && !bytes.empty() && bytes.size() >= options_.attach_from;
  }

  uint32_t Attach(std::span<const uint8_t> bytes) {
    options_.attachments->push_back(bytes);
    return static_cast<uint32_t>(options_.attachments->size() - 1);
  }

  void WriteFixedBuffer(std::span<const uint8_t> bytes, MessageWriter* out) {
    if (Attaches(bytes)) {
      out->WriteAttachment(static_cast<uint8_t>(AttachmentUse::kBuffer), Attach(bytes), bytes.size());
    } else {
      out->WriteExt(Ext::kBuffer, bytes);
    }
  }

  void WriteBuffer(const Buffer& buffer, MessageWriter* out) {
    if (!buffer.resizable) {
      WriteFixedBuffer(buffer.bytes, out);
      return;
    }
    if (Attaches(buffer.bytes)) {
      out->WriteResizableAttachment(Attach(buffer.bytes), buffer.bytes.size(), buffer.max_size);
      return;
    }
    out->WriteExtHeader(Ext::kResizableBuffer, 8 + buffer.bytes.size());
    out->WriteBigEndian(buffer.max_size, 8);
    out->out()->append(buffer.bytes.data(), buffer.bytes.size());
  }

  // `again`: the buffer was met before.
  bool ReadView(const Buffer& buffer, bool again) {
    const uint64_t at = reader_.offset();
    uint8_t kind = 0;
    uint32_t offset = 0;
    uint32_t length = 0;
    uint32_t flags = 0;
    if (!reader_.ReadVarint8(&kind) || !reader_.ReadVarint32(&offset) || !reader_.ReadVarint32(&length)) return false;
    const bool has_flags = reader_.version() >= wire::kViewFlagsVersion || v13_view_flags_;
    if (has_flags && !reader_.ReadVarint32(&flags)) return false;
    return AddView(buffer, at, kind, offset, length, flags, NewObject(Object::Type::kNode), again);
  }

  bool AddView(const Buffer& buffer, uint64_t at, uint8_t kind, uint32_t offset, uint32_t length, uint32_t flags,
               uint32_t id, bool again) {
    const uint32_t element = wire::ElementSize(kind);
    const uint64_t size = buffer.bytes.size();
    const bool tracking = (flags & wire::kViewLengthTracking) != 0;
    const bool resizable = (flags & wire::kViewBufferResizable) != 0;
    if (element == 0) return Fail(at, "unknown view kind " + std::to_string(kind));
    if (((tracking || resizable) && !buffer.resizable) || (buffer.resizable && !resizable)) {
      return Fail(at, "a view's flags do not fit its buffer");
    }
    if (tracking) length = 0;
    if (offset > size || length > size - offset) return Fail(at, "a view beyond the end of its buffer");
    if (offset % element != 0 || length % element != 0) {
      return Fail(at, "a view's offset or length is no multiple of its element size");
    }
    const uint64_t shown = tracking ? (size - offset) / element * element : length;

    const uint32_t leaf = objects_[buffer.id].number;
    if (leaf != kNone) {
      const uint32_t node = objects_[id].number = graph_.BeginNode();
      WriteViewNode(node, leaf, kind, offset, tracking ? nullptr : &shown);
    } else if (again) {
      out_.WriteNil();  // stands in: many views on one buffer must not become many copies of it, even in a pass thrown away
    } else {
      WriteView(kind, buffer.bytes.subspan(offset, shown), id);
    }
    return true;
  }

  // A view whose buffer nothing else shows: its own bytes.
  void WriteView(uint8_t kind, std::span<const uint8_t> bytes, uint32_t id) {
    if (!IsShared(id)) {
      const bool is_bytes = kind == static_cast<uint8_t>(wire::ViewKind::kUint8) && !options_.bytes_as_views;
      if (Attaches(bytes)) {
        const uint8_t use = is_bytes ? static_cast<uint8_t>(AttachmentUse::kBytes) : kind;
        out_.WriteAttachment(use, Attach(bytes), bytes.size());
      } else if (is_bytes) {
        out_.WriteBin(bytes);
      } else {
        WriteOwnView(kind, bytes, &out_);
      }
      return;
    }
    const uint32_t leaf = graph_.BeginLeaf();
    WriteFixedBuffer(bytes, graph_.leaves());
    const uint64_t size = bytes.size();
    WriteViewNode(objects_[id].number = graph_.BeginNode(), leaf, kind, 0, &size);
  }

  void WriteViewNode(uint32_t node, uint32_t leaf, uint8_t kind, uint64_t offset, const uint64_t* length) {
    const size_t start = out_.position();
    out_.WriteArrayHeader(4);
    out_.WriteReference(Ext::kLeaf, leaf);
    out_.WriteUint(kind);
    out_.WriteUint(offset);
    if (length == nullptr) {
      out_.WriteNil();
    } else {
      out_.WriteUint(*length);
    }
    graph_.EndNode(node, NodeKind::kView, start, &out_);
  }

  // ---- errors of ours ----

  std::string Path() const {
    ValuePath path;
    auto error = errors_.begin();
    for (const Frame& frame : frames_) {
      switch (frame.kind) {
        case FrameKind::kDenseArray:
          if (frame.begun != 0) path.Index(frame.begun - 1);
          break;
        case FrameKind::kPairArray:
          if (entries_.size() > frame.first_entry) AppendEntry(frame, &path);
          break;
        case FrameKind::kObject:
          if (frame.key_position != 0) AppendKey(frame.key_position, &path);
          break;
        case FrameKind::kMap:
          if (frame.begun != 0) frame.key_read ? path.MapKey(frame.begun / 2) : path.Member(frame.begun / 2 - 1);
          break;
        case FrameKind::kSet:
          if (frame.begun != 0) path.Member(frame.begun - 1);
          break;
        case FrameKind::kError:
          if (error != errors_.end() && (error++)->cause_open) path.Cause();
          break;
      }
    }
    return path.text();
  }

  void AppendEntry(const Frame& frame, ValuePath* path) const {
    // The frame's last entry is the one before the next pair array's first.
    size_t last = entries_.size() - 1;
    for (const Frame& other : frames_) {
      if (other.kind == FrameKind::kPairArray && other.first_entry > frame.first_entry) {
        last = other.first_entry - 1;
        break;
      }
    }
    const Entry& entry = entries_[last];
    entry.is_index ? path->Index(entry.index) : AppendKey(entry.position, path);
  }

  void AppendKey(size_t position, ValuePath* path) const {
    Fault ignored;
    msgpack_format::Reader written(out_.written(), &ignored);
    written.Seek(position);
    msgpack_format::Token key;
    if (written.left() != 0 && written.Next(&key)) path->Property(msgpack_format::StringText(key));
  }

  static constexpr char kTooLarge[] = "a message of more than 4 GiB";

  std::span<const uint8_t> wire_;
  const ToMessageOptions& options_;
  Fault* fault_;
  wire::Reader reader_;
  LeafToMsgpack leaf_;
  MessageWriter out_;
  GraphWriter graph_;
  bool v13_view_flags_ = false;
  bool second_pass_ = false;
  bool saw_references_ = false;
  uint64_t implied_holes_ = 0;
  std::vector<bool>* shared_ = nullptr;
  std::vector<Object> objects_;
  std::vector<Buffer> buffers_;  // by ascending id
  std::vector<Frame> frames_;
  std::vector<Entry> entries_;      // of the pair arrays in frames_
  std::vector<Extent> extents_;     // of the dense arrays in frames_
  std::vector<ErrorParts> errors_;  // of the errors in frames_
  KeySet keys_;
};

}  // namespace

bool WireToMsgpack(std::span<const uint8_t> wire, const ToMessageOptions& options, ByteBuffer* message, Fault* fault) {
  // Version 13 streams exist with and without flags behind their views; nothing but success tells which one this is.
  Fault first_fault;
  for (const bool v13_view_flags : {false, true}) {
    std::vector<bool> shared;
    bool saw_v13 = false;
    for (const bool second_pass : {false, true}) {
      message->clear();
      if (options.attachments != nullptr) options.attachments->clear();
      *fault = Fault();
      WireToMsgpackTranscoder transcoder(wire, options, message, fault);
      const bool ok = transcoder.Run(v13_view_flags, second_pass, &shared);
      saw_v13 = transcoder.saw_v13();
      if (!ok) break;
      if (second_pass || !transcoder.saw_references()) return true;
    }
    if (!v13_view_flags) first_fault = *fault;
    if (!saw_v13) break;
  }
  *fault = first_fault;
  message->clear();
  return false;
}

}  // namespace pvb
