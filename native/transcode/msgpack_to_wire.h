// Message -> V8 wire bytes. Bytes to bytes: no isolate, and every input is untrusted.
#ifndef PVB_TRANSCODE_MSGPACK_TO_WIRE_H_
#define PVB_TRANSCODE_MSGPACK_TO_WIRE_H_

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "transcode/limits.h"
#include "wire/byte_buffer.h"
#include "wire/fault.h"

namespace pvb {

struct ToWireOptions {
  Limits limits;
  EngineTraits traits;
  pvb_big_ints big_ints = PVB_BIG_INTS_BIGINT;
  // The caller vouches that no map has a key twice (Python's dicts cannot); V8 would still refuse one.
  bool unique_keys = false;
  // Write handles and custom error names as host objects (transcode/host_object.h); refused otherwise.
  bool host_objects = false;
  // Write each ArrayBuffer of fixed length that is an attachment as a transferred one, so that its bytes need not pass through the wire.
  // Element n becomes the attachment whose bytes the buffer of transfer id n holds. Borrowed.
  std::vector<uint32_t>* transfers = nullptr;
  // Asked about each RegExp, whose pattern only an engine can judge: what is wrong with it, or an empty string. Lone surrogates of
  // `source` are three bytes each.
  std::function<std::string(std::string_view source, std::string_view flags)> regexp_fault;
  // Asked now and then: true ends it, with PVB_ERR_TIMEOUT.
  std::function<bool()> time_is_up;

  // How many values may be read, or bytes written, between two questions: some tenths of a millisecond.
  static constexpr uint64_t kAskEvery = 4096;
  static constexpr uint64_t kAskEveryBytes = uint64_t{1} << 14;
};

// Writes the header and one value to `wire` (replacing its contents). On false, `fault` has status
// PVB_ERR_DECODE (malformed, or over a limit) or PVB_ERR_ENCODE (a sound value that this V8 or these options do not allow),
// an offset into the message, and a path.
bool MsgpackToWire(std::span<const uint8_t> message, std::span<const pvb_bytes> attachments,
                   const ToWireOptions& options, ByteBuffer* wire, Fault* fault);

}  // namespace pvb

#endif  // PVB_TRANSCODE_MSGPACK_TO_WIRE_H_
