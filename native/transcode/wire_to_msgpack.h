// V8 wire bytes -> message. Bytes to bytes: no isolate, and every input is untrusted.
#ifndef PVB_TRANSCODE_WIRE_TO_MSGPACK_H_
#define PVB_TRANSCODE_WIRE_TO_MSGPACK_H_

#include <span>
#include <vector>

#include "transcode/delegate_hook.h"
#include "transcode/limits.h"
#include "wire/byte_buffer.h"
#include "wire/fault.h"

namespace pvb {

struct ToMessageOptions {
  Limits limits;
  // The bytes were just written by V8's own serializer: property keys are unique by construction.
  bool unique_keys = false;
  // Reads the values of tags that belong to an embedder. Those tags are refused without one. Borrowed.
  DelegateHook* hook = nullptr;
  // Where binary values of at least `attach_from` bytes (and more than none) go as attachments: each the bytes to put there, which lie in
  // `wire` or are the hook's. Without it all bytes lie in the message. Borrowed.
  std::vector<std::span<const uint8_t>>* attachments = nullptr;
  uint64_t attach_from = 0;
  // Uint8Arrays that share no buffer are written as typed arrays (ext 8) too, and not as bin.
  bool bytes_as_views = false;
};

// Reads one header and one value, and nothing may follow. Replaces the contents of `message`. On false, `fault` has status
// PVB_ERR_DECODE, an offset into `wire`, and a path.
bool WireToMsgpack(std::span<const uint8_t> wire, const ToMessageOptions& options, ByteBuffer* message, Fault* fault);

}  // namespace pvb

#endif  // PVB_TRANSCODE_WIRE_TO_MSGPACK_H_
