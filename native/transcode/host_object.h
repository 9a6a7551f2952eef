// Our payloads behind V8's host object tag ('\'), written by msgpack_to_wire and read by the engine's deserializer delegate.
// They never leave the process.
#ifndef PVB_TRANSCODE_HOST_OBJECT_H_
#define PVB_TRANSCODE_HOST_OBJECT_H_

#include <cstdint>

namespace pvb {

enum class HostObject : uint32_t {
  // varint64 id: the object that the context's handle table has under that id.
  kHandle = 1,
  // A string value, then an Error value: that Error with an own, non-enumerable `name` of that string.
  kNamedError = 2,
};

}  // namespace pvb

#endif  // PVB_TRANSCODE_HOST_OBJECT_H_
