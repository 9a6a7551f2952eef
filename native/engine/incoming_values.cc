#include "engine/incoming_values.h"

#include <utility>

#include "engine/deserializer.h"
#include "transcode/msgpack_to_wire.h"

namespace pvb {

bool IncomingValues::Transcode(const pvb_message& message, pvb_big_ints big_ints, bool unique_keys, Outcome* outcome) {
  if (message.bytes.size == 0) return true;
  ToWireOptions options;
  options.traits = compat::Traits();
  options.big_ints = big_ints;
  options.unique_keys = unique_keys;
  options.host_objects = true;
  std::vector<uint32_t> transfers;
  options.transfers = &transfers;
  ++options.limits.max_depth;  // the array of arguments is no level of the caller's
  Fault fault;
  if (!MsgpackToWire({message.bytes.data, message.bytes.size}, {message.attachments, message.attachment_count}, options,
                     &wire_, &fault)) {
    // Also for a limit, or malformed bytes: it is the caller's value that cannot enter.
    outcome->Fail(std::move(fault), PVB_ERR_ENCODE);
    return false;
  }
  buffers_ = CopyAttachments({message.attachments, message.attachment_count}, transfers);
  return true;
}

bool IncomingValues::Read(const Frame& frame, std::vector<v8::Local<v8::Value>>* values) {
  if (wire_.empty()) return true;
  // V8's values of it take about as much again.
  MemoryAccount* const account = frame.entry.account().get();
  if (!account->Fits(wire_.size())) frame.isolate->LowMemoryNotification();
  if (!account->Fits(wire_.size()) || !ChargeBuffers(&buffers_, frame.entry.account())) {
    frame.entry.Stop(StopReason::kMemory);
    return false;
  }
  if (!ReadArguments(frame, wire_.span(), &buffers_, values)) return false;
  wire_ = ByteBuffer();  // while JavaScript runs, its memory is of better use elsewhere
  return true;
}

}  // namespace pvb
