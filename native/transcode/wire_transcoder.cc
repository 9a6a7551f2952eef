// The loop over frames; objects, Maps and Sets; references, and the path to what is wrong.
#include "transcode/wire_transcoder.h"

#include "msgpack/reader.h"
#include "wire/text.h"

namespace pvb {

bool WireTranscoder::Run(bool v13_view_flags, bool second_pass, std::vector<bool>* shared) {
  v13_view_flags_ = v13_view_flags;
  second_pass_ = second_pass;
  shared_ = shared;
  if (Transcode()) return true;
  fault_->path = Path();
  return false;
}

bool WireTranscoder::Transcode() {
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

uint32_t WireTranscoder::NewObject(Object::Type type) {
  objects_.push_back({type, kNone});
  return static_cast<uint32_t>(objects_.size() - 1);
}

MessageWriter* WireTranscoder::BeginLeaf() {
  const uint32_t id = NewObject(Object::Type::kLeaf);
  if (!IsShared(id)) return &out_;
  objects_[id].number = graph_.BeginLeaf();
  out_.WriteReference(Ext::kLeaf, objects_[id].number);
  return graph_.leaves();
}

void WireTranscoder::NoteReference(uint32_t id) {
  saw_references_ = true;
  if (second_pass_) return;
  if (shared_->size() <= id) shared_->resize(id + 1);
  (*shared_)[id] = true;
}

bool WireTranscoder::ReadReference(uint64_t at) {
  uint32_t id = 0;
  if (!reader_.ReadVarint32(&id)) return false;
  if (id >= objects_.size()) {
    return Fail(at, "a reference to object " + std::to_string(id) + ", which has not begun");
  }
  const Object object = objects_[id];
  NoteReference(id);
  if (object.type == Object::Type::kBuffer && reader_.TakeTagIf(Tag::kArrayBufferView)) {
    return ReadView(*FindBuffer(id), true);
  }
  if (!second_pass_) {
    out_.WriteNil();  // stands in: this pass is thrown away
  } else {
    out_.WriteReference(object.type == Object::Type::kNode ? Ext::kNode : Ext::kLeaf, object.number);
  }
  return true;
}

WireTranscoder::Frame* WireTranscoder::Push(FrameKind kind, Tag end_tag, uint64_t at, bool always_node) {
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

void WireTranscoder::Pop(NodeKind kind, bool must_be_node) {
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

bool WireTranscoder::Continue() {
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
    if (!reader_.PeekTag(&tag)) {
      BeginMissing(&frame);
      return Fail(reader_.offset(), "truncated: an end was expected");
    }
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

void WireTranscoder::BeginMissing(Frame* frame) {
  frame->key_position = 0;
  if (frame->kind == FrameKind::kMap || frame->kind == FrameKind::kSet) {
    ++frame->begun;
    frame->key_read = true;
  }
}

bool WireTranscoder::Finish(Frame* frame) {
  const uint64_t at = reader_.offset();
  uint32_t count = 0;
  if (!reader_.ReadVarint32(&count)) return false;
  const uint64_t counted = frame->begun - frame->dense_pairs;
  if (count != counted) {
    return Fail(at, "an end that counts " + std::to_string(count) + " where " + std::to_string(counted) + " were read");
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

bool WireTranscoder::ReadValue() {
  Tag tag;
  if (!reader_.ReadValueTag(&tag)) return false;
  const uint64_t at = reader_.offset() - 1;

  bool known = false;
  if (!leaf_.WritePrimitive(tag, &out_, &known)) return false;
  return known || ReadObject(tag, at);
}

bool WireTranscoder::ReadObject(Tag tag, uint64_t at) {
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

bool WireTranscoder::ReadDelegated(Tag tag, uint64_t at) {
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

bool WireTranscoder::ReadKey(bool* str) {
  Tag tag;
  if (!reader_.ReadValueTag(&tag)) return false;
  const uint64_t at = reader_.offset() - 1;

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

bool WireTranscoder::ReadObjectKey(Frame* frame) {
  const uint64_t at = reader_.offset();
  frame->key_position = out_.position();
  bool str = false;
  if (!ReadKey(&str)) return false;
  frame->flat = frame->flat || !str;
  return options_.unique_keys || keys_.Insert(Written(frame->key_position)) ||
         Fail(at, "a property key that is there already");
}

std::string_view WireTranscoder::Written(size_t position) {
  return {reinterpret_cast<const char*>(out_.out()->data()) + position, out_.position() - position};
}

std::string WireTranscoder::Path() const {
  ValuePath path;
  auto error = errors_.begin();
  for (const Frame& frame : frames_) {
    if (path.full()) break;
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

void WireTranscoder::AppendEntry(const Frame& frame, ValuePath* path) const {
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

void WireTranscoder::AppendKey(size_t position, ValuePath* path) const {
  Fault ignored;
  msgpack_format::Reader written(out_.written(), &ignored);
  written.Seek(position);
  msgpack_format::Token key;
  if (written.left() != 0 && written.Next(&key)) path->Property(msgpack_format::StringText(key));
}

}  // namespace pvb
