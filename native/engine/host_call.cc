#include "engine/host_call.h"

#include <utility>

namespace pvb {

void HostCall::Return(const pvb_message& value, pvb_big_ints big_ints, Outcome* outcome) {
  IncomingValues message;
  if (!message.Transcode(nullptr, value, big_ints, true, outcome)) return;
  message_ = std::move(message);
  reply_ = Reply::kValue;
}

void HostCall::Throw(Exception exception, const pvb_message& details, Outcome* outcome) {
  IncomingValues message;
  if (!message.Transcode(nullptr, details, PVB_BIG_INTS_BIGINT, true, outcome)) return;
  message_ = std::move(message);
  exception_ = std::move(exception);
  reply_ = Reply::kThrow;
}

}  // namespace pvb
