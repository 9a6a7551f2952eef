// Wire -> message: ArrayBuffers and the views on them.
#include "transcode/wire_transcoder.h"

#include <algorithm>

namespace pvb {

const WireTranscoder::Buffer* WireTranscoder::FindBuffer(uint32_t id) const {
  const auto buffer = std::lower_bound(buffers_.begin(), buffers_.end(), id,
                                       [](const Buffer& candidate, uint32_t wanted) { return candidate.id < wanted; });
  return &*buffer;
}

bool WireTranscoder::ReadBuffer(Tag tag) {
  Buffer buffer;
  return ReadBufferBytes(tag, &buffer) && AddBuffer(buffer);
}

bool WireTranscoder::ReadBufferBytes(Tag tag, Buffer* buffer) {
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

void WireTranscoder::NewBuffer(Buffer* buffer, bool viewed) {
  buffer->id = NewObject(Object::Type::kBuffer);
  buffers_.push_back(*buffer);
  // Only a node says of a view's buffer that it is resizable.
  if (IsShared(buffer->id) || (viewed && buffer->resizable)) {
    objects_[buffer->id].number = graph_.BeginLeaf();
    WriteBuffer(*buffer, graph_.leaves());
  }
}

bool WireTranscoder::AddBuffer(Buffer buffer) {
  const bool viewed = reader_.TakeTagIf(Tag::kArrayBufferView);
  NewBuffer(&buffer, viewed);
  if (viewed) return ReadView(buffer, false);
  if (IsShared(buffer.id)) {
    out_.WriteReference(Ext::kLeaf, objects_[buffer.id].number);
  } else {
    WriteBuffer(buffer, &out_);
  }
  return true;
}

bool WireTranscoder::ReadViewOnBuffer(const DelegatedValue& view, uint64_t at) {
  const uint32_t id = NewObject(Object::Type::kNode);
  Buffer buffer;
  bool again = false;
  return ReadBufferOfView(&buffer, &again) &&
         AddView(buffer, at, view.view_kind, view.byte_offset, view.byte_length, view.view_flags, id, again);
}

bool WireTranscoder::ReadBufferOfView(Buffer* buffer, bool* again) {
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

bool WireTranscoder::Attaches(std::span<const uint8_t> bytes) const {
  return options_.attachments != nullptr && !bytes.empty() && bytes.size() >= options_.attach_from;
}

uint32_t WireTranscoder::Attach(uint8_t use, std::span<const uint8_t> bytes) {
  options_.attachments->push_back({bytes, use});
  return static_cast<uint32_t>(options_.attachments->size() - 1);
}

void WireTranscoder::WriteFixedBuffer(std::span<const uint8_t> bytes, MessageWriter* out) {
  if (Attaches(bytes)) {
    constexpr auto kUse = static_cast<uint8_t>(AttachmentUse::kBuffer);
    out->WriteAttachment(kUse, Attach(kUse, bytes), bytes.size());
  } else {
    out->WriteExt(Ext::kBuffer, bytes);
  }
}

void WireTranscoder::WriteBuffer(const Buffer& buffer, MessageWriter* out) {
  if (!buffer.resizable) {
    WriteFixedBuffer(buffer.bytes, out);
    return;
  }
  if (Attaches(buffer.bytes)) {
    const uint32_t index = Attach(static_cast<uint8_t>(AttachmentUse::kResizableBuffer), buffer.bytes);
    out->WriteResizableAttachment(index, buffer.bytes.size(), buffer.max_size);
    return;
  }
  out->WriteExtHeader(Ext::kResizableBuffer, 8 + buffer.bytes.size());
  out->WriteBigEndian(buffer.max_size, 8);
  out->out()->append(buffer.bytes.data(), buffer.bytes.size());
}

bool WireTranscoder::ReadView(const Buffer& buffer, bool again) {
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

bool WireTranscoder::AddView(const Buffer& buffer, uint64_t at, uint8_t kind, uint32_t offset, uint32_t length,
                             uint32_t flags, uint32_t id, bool again) {
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

void WireTranscoder::WriteView(uint8_t kind, std::span<const uint8_t> bytes, uint32_t id) {
  if (!IsShared(id)) {
    const bool is_bytes = kind == static_cast<uint8_t>(wire::ViewKind::kUint8) && !options_.bytes_as_views;
    if (Attaches(bytes)) {
      const uint8_t use = is_bytes ? static_cast<uint8_t>(AttachmentUse::kBytes) : kind;
      out_.WriteAttachment(use, Attach(use, bytes), bytes.size());
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

void WireTranscoder::WriteViewNode(uint32_t node, uint32_t leaf, uint8_t kind, uint64_t offset,
                                   const uint64_t* length) {
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

}  // namespace pvb
