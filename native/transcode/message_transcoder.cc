// The loop over frames: arrays, objects, maps and sets; keys, and the path to what is wrong.
#include "transcode/message_transcoder.h"

#include <algorithm>

#include "wire/text.h"

namespace pvb {

using msgpack_format::TokenType;
using wire::Tag;

std::string MessageTranscoder::KeyText(const Token& key) {
  return key.type == TokenType::kUint ? std::to_string(key.number) : msgpack_format::StringText(key);
}

bool MessageTranscoder::Run() {
  writer().WriteHeader();
  if (Transcode()) return true;
  fault_->path = Path();
  return false;
}

bool MessageTranscoder::Transcode() {
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

bool MessageTranscoder::LookAtLimits() {
  const uint64_t size = writer().out()->size();
  if (size > options_.limits.max_bytes) {
    return Fail(reader_.offset(), "more than " + std::to_string(options_.limits.max_bytes) + " wire bytes");
  }
  look_at_ = std::min(size + ToWireOptions::kAskEveryBytes, options_.limits.max_bytes + 1);
  if (!options_.time_is_up || !options_.time_is_up()) return true;
  return reader_.Fail(PVB_ERR_TIMEOUT, reader_.offset(), "the time was up while the values were being read");
}

// ---- frames ----

bool MessageTranscoder::Push(FrameKind kind, uint64_t at, uint64_t remaining, uint64_t length) {
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

void MessageTranscoder::BeginKeys() {
  if (options_.unique_keys) return;
  frames_.back().has_keys = true;
  keys_.Push();
}

bool MessageTranscoder::ReadItem() {
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

bool MessageTranscoder::Finish() {
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

bool MessageTranscoder::ReadElement() {
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

bool MessageTranscoder::ReadValue() {
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

void MessageTranscoder::WriteReference(uint32_t id) {
  writer().WriteTag(Tag::kObjectReference);
  writer().WriteVarint(id);
}

// ---- keys ----

bool MessageTranscoder::ReadKey(Frame* frame) {
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

bool MessageTranscoder::NewKey(Frame* frame, const Token& key) {
  if (!frame->has_keys || keys_.Insert(KeyText(key))) return true;
  return Fail(key.offset, "a property key that is there already");
}

bool MessageTranscoder::BeginProperties(Frame* frame) {
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

// ---- errors of ours ----

std::string MessageTranscoder::Path() const {
  ValuePath path;
  for (const Frame& frame : frames_) {
    if (path.full()) break;
    switch (frame.kind) {
      case FrameKind::kArray:
      case FrameKind::kArrayElements:
        if (frame.begun != 0) path.Index(frame.begun - 1);
        break;
      case FrameKind::kMap:
        if (frame.begun != 0) (frame.begun % 2 != 0) ? path.MapKey(frame.begun / 2) : path.Member(frame.begun / 2 - 1);
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

void MessageTranscoder::AppendKey(uint64_t offset, ValuePath* path) const {
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

}  // namespace pvb
