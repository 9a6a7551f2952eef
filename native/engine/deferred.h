// Promises that the embedder settles: a host function gives one at once, and what it becomes comes later as a message.
#ifndef PVB_ENGINE_DEFERRED_H_
#define PVB_ENGINE_DEFERRED_H_

#include <cstdint>

#include "engine/context.h"
#include "engine/host_call.h"
#include "engine/v8_compat.h"

namespace pvb {

// A new pending promise of the frame's context. Empty: V8 is being terminated.
v8::MaybeLocal<v8::Promise> MakeDeferred(const Frame& frame, uint64_t id);

// As pvb_settle_options.
struct SettleRequest {
  uint64_t id = 0;
  TimeLimits time;
  uint64_t token = 0;
};

// Settles the promise with what `reply` says, which is a value or an exception, and runs the microtasks that are due.
// PVB_ERR_NOT_FOUND for an unknown id, or one that is settled.
void SettleDeferred(const Context& context, const SettleRequest& request, HostCall* reply, Outcome* outcome);

}  // namespace pvb

#endif  // PVB_ENGINE_DEFERRED_H_
