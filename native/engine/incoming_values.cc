#include "engine/incoming_values.h"

#include <utility>

#include "engine/bad_regexp.h"
#include "engine/deserializer.h"

namespace pvb {

bool IncomingValues::Transcode(const pvb_message& message, pvb_big_ints big_ints, bool unique_keys, Outcome* outcome) {
  if (message.bytes.size == 0) return true;
  if (message.attachment_count == 0 && scalars_.Read({message.bytes.data, message.bytes.size})) return true;
  message_ = message;
  options_.traits = compat::Traits();
  options_.big_ints = big_ints;
  options_.unique_keys = unique_keys;
  options_.host_objects = true;
  ++options_.limits.max_depth;  // the array of arguments is no level of the caller's
  ToWireOptions options = options_;
  std::vector<uint32_t> transfers;
  options.transfers = &transfers;
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
  if (wire_.empty()) {
    scalars_.Make(frame.isolate, values);
    return true;
  }
  // V8's values of the message take about as much again as its bytes. What earlier calls left may be garbage, which V8, not asked
  // for this memory, has no reason to collect.
  const std::shared_ptr<MemoryAccount>& account = frame.entry.account();
  const uint64_t needed = wire_.size() + SizeOf(buffers_);
  if (!account->Fits(needed)) frame.isolate->LowMemoryNotification();
  if (!account->Fits(needed) || !ChargeBuffers(&buffers_, account)) {
    frame.entry.Stop(StopReason::kMemory);
    return false;
  }
  if (!ReadArguments(frame, wire_.span(), &buffers_, values)) {
    // A stopped call has no more time to find out where in the message V8 was.
    if (!frame.entry.stopping() && message_.bytes.size != 0) FindBadRegExp(frame, message_, options_);
    return false;
  }
  wire_ = ByteBuffer();  // while JavaScript runs, its memory is of better use elsewhere
  return true;
}

}  // namespace pvb
