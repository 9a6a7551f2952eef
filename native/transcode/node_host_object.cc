#include "transcode/node_host_object.h"

namespace pvb {

bool NodeHostObjects::Read(wire::Tag tag, wire::Reader* reader, DelegatedValue* value) {
  // In the order of Node's type indexes. 10 is its Buffer, a Uint8Array.
  constexpr uint8_t kKinds[] = {'b', 'B', 'C', 'w', 'W', 'd', 'D', 'f', 'F', '?', 'B', 'q', 'Q', 'h'};
  const uint64_t at = reader->offset();
  if (tag != wire::Tag::kHostObject) return reader->Fail(at, "Node's v8.serialize does not write this tag");
  uint32_t index = 0;
  if (!reader->ReadVarint32(&index)) return false;
  if (index >= sizeof kKinds) return reader->Fail(at, "unknown type index " + std::to_string(index) + " of a view");
  const uint64_t length_at = reader->offset();
  if (!reader->ReadCounted(&value->bytes)) return false;
  value->type = DelegatedValue::Type::kView;
  value->view_kind = kKinds[index];
  if (value->bytes.size() % wire::ElementSize(value->view_kind) != 0) {
    return reader->Fail(length_at, "a view's length is no multiple of its element size");
  }
  return true;
}

}  // namespace pvb
