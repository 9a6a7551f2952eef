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

// Bytes that a message has as an attachment, where they lie: in the wire bytes, or in memory of the hook's.
struct AttachedPart {
  std::span<const uint8_t> bytes;
  uint8_t use = 0;  // an AttachmentUse, or a view kind
};

struct ToMessageOptions {
  Limits limits;
  // The bytes were just written by V8's own serializer: property keys are unique by construction.
  bool unique_keys = false;
  // Reads the values of tags that belong to an embedder. Those tags are refused without one. Borrowed.
  DelegateHook* hook = nullptr;
  // Where binary values of at least `attach_from` bytes (and more than none) go as attachments. Without it all bytes lie in the message.
  // Borrowed.
  std::vector<AttachedPart>* attachments = nullptr;
  uint64_t attach_from = 0;
  // The bytes end before the value does, and all that is wanted is the path to that place: an array may have fewer bytes than elements.
  bool is_unfinished = false;
  // Uint8Arrays that share no buffer are written as typed arrays (ext 8) too, and not as bin.
  bool bytes_as_views = false;
};

// Reads one header and one value, and nothing may follow. Replaces the contents of `message`. On false, `fault` has status
// PVB_ERR_DECODE, an offset into `wire`, and a path.
bool WireToMsgpack(std::span<const uint8_t> wire, const ToMessageOptions& options, ByteBuffer* message, Fault* fault);

}  // namespace pvb

#endif  // PVB_TRANSCODE_WIRE_TO_MSGPACK_H_
