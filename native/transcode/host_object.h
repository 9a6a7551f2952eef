// Our payloads behind V8's host object tag ('\'). They never leave the process: msgpack_to_wire writes handles and named errors for the
// engine's deserializer delegate, and its serializer delegate writes views for outgoing_views.h.
#ifndef PVB_TRANSCODE_HOST_OBJECT_H_
#define PVB_TRANSCODE_HOST_OBJECT_H_

#include <cstdint>

namespace pvb {

enum class HostObject : uint32_t {
  // varint64 id: the object that the context's handle table has under that id.
  kHandle = 1,
  // A string value, then an Error value: that Error with an own, non-enumerable `name` of that string.
  kNamedError = 2,
  // varint32 view kind, byte offset, byte length, flags (as behind V8's own view tag), then the ArrayBuffer as a value.
  kView = 3,
};

}  // namespace pvb

#endif  // PVB_TRANSCODE_HOST_OBJECT_H_
