#include "engine/host_call.h"

#include <utility>

namespace pvb {

// The message is borrowed until the answer is given, and read after that. In a frame it may be read by shape.
bool HostCall::Take(const Frame* frame, const pvb_message& message, pvb_big_ints big_ints, Outcome* outcome) {
  std::vector<uint8_t> bytes(message.bytes.data, message.bytes.data + message.bytes.size);
  const pvb_message kept{{bytes.data(), bytes.size()}, message.attachments, message.attachment_count};
  IncomingValues values;
  if (!(frame != nullptr ? values.TranscodeAnswer(*frame, kept, big_ints, outcome)
                         : values.Transcode(nullptr, kept, big_ints, true, outcome))) {
    return false;
  }
  if (message.attachment_count != 0) values.ForgetMessage();
  bytes_ = std::move(bytes);
  message_ = std::move(values);
  return true;
}

void HostCall::Return(const pvb_message& value, pvb_big_ints big_ints, Outcome* outcome) {
  if (!Take(frame_, value, big_ints, outcome)) return;
  reply_ = Reply::kValue;
}

void HostCall::Throw(Exception exception, const pvb_message& details, Outcome* outcome) {
  if (!Take(nullptr, details, PVB_BIG_INTS_BIGINT, outcome)) return;
  exception_ = std::move(exception);
  reply_ = Reply::kThrow;
}

}  // namespace pvb
