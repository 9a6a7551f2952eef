#include "engine/incoming_message.h"

#include <utility>

#include "engine/deserializer.h"
#include "transcode/msgpack_to_wire.h"

namespace pvb {

bool IncomingMessage::Transcode(const pvb_message& message, pvb_big_ints big_ints, bool unique_keys, Outcome* outcome) {
  if (message.bytes.size == 0) return true;
  ToWireOptions options;
  options.traits = compat::Traits();
  options.big_ints = big_ints;
  options.unique_keys = unique_keys;
  options.host_objects = true;
  std::vector<uint32_t> transfers;
  options.transfers = &transfers;
  ++options.limits.max_depth;  // the array is no level of the caller's
  Fault fault;
  if (!MsgpackToWire({message.bytes.data, message.bytes.size}, {message.attachments, message.attachment_count}, options,
                     &wire_, &fault)) {
    wire_ = ByteBuffer();
    outcome->Fail(std::move(fault), PVB_ERR_ENCODE);
    return false;
  }
  buffers_ = CopyAttachments({message.attachments, message.attachment_count}, transfers);
  return true;
}

bool IncomingMessage::Read(const Frame& frame, std::vector<v8::Local<v8::Value>>* values) {
  if (wire_.empty()) return true;
  // V8's values of it take about as much again.
  MemoryAccount* const account = frame.entry.account().get();
  if (!account->Fits(wire_.size())) frame.isolate->LowMemoryNotification();
  if (!account->Fits(wire_.size()) || !ChargeBuffers(&buffers_, frame.entry.account())) {
    frame.entry.Stop(StopReason::kMemory);
    return false;
  }
  const bool read = ReadArguments(frame, wire_.span(), &buffers_, values);
  wire_ = ByteBuffer();
  return read;
}

}  // namespace pvb
