#include "transcode/msgpack_to_wire.h"

#include "transcode/message_transcoder.h"

namespace pvb {

bool MsgpackToWire(std::span<const uint8_t> message, std::span<const pvb_bytes> attachments,
                   const ToWireOptions& options, ByteBuffer* wire, Fault* fault) {
  wire->clear();
  if (options.transfers != nullptr) options.transfers->clear();
  *fault = Fault();
  return MessageTranscoder(message, attachments, options, wire, fault).Run();
}

}  // namespace pvb
