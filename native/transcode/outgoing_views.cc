#include "transcode/outgoing_views.h"

#include <string>

#include "transcode/host_object.h"

namespace pvb {

bool OutgoingViews::Read(wire::Tag tag, wire::Reader* reader, DelegatedValue* value) {
  const uint64_t at = reader->offset();
  if (tag == wire::Tag::kHostObject) return ReadView(reader, value);
  if (tag != wire::Tag::kArrayBufferTransfer) return reader->Fail(at, "a result does not have this tag");
  uint32_t number = 0;
  if (!reader->ReadVarint32(&number)) return false;
  if (number >= buffers_.size()) return reader->Fail(at, "ArrayBuffer " + std::to_string(number) + " is unknown");
  value->type = DelegatedValue::Type::kBuffer;
  value->bytes = buffers_[number];
  return true;
}

bool OutgoingViews::ReadView(wire::Reader* reader, DelegatedValue* value) {
  const uint64_t at = reader->offset();
  uint32_t type = 0;
  uint32_t kind = 0;
  if (!reader->ReadVarint32(&type)) return false;
  if (type != static_cast<uint32_t>(HostObject::kView)) return reader->Fail(at, "a host object of unknown kind");
  if (!reader->ReadVarint32(&kind) || !reader->ReadVarint32(&value->byte_offset) ||
      !reader->ReadVarint32(&value->byte_length) || !reader->ReadVarint32(&value->view_flags)) {
    return false;
  }
  if (kind > UINT8_MAX) return reader->Fail(at, "unknown view kind " + std::to_string(kind));
  value->type = DelegatedValue::Type::kViewOnBuffer;
  value->view_kind = static_cast<uint8_t>(kind);
  return true;
}

}  // namespace pvb
