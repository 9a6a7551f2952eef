// Many calls of one target in one crossing: each of them a call of its own in every respect, but for the way to and from the caller.
#ifndef PVB_ENGINE_CALL_EACH_H_
#define PVB_ENGINE_CALL_EACH_H_

#include <cstdint>
#include <span>

#include "engine/call.h"

namespace pvb {

// As pvb_call_each: the request's time limits are for each call, `together` for all. `calls` is untrusted. Fills `results` always; `outcome`
// is that of the call that failed, or of what is wrong with `calls`.
void RunCalls(const Context& context, const CallRequest& request, const TimeLimits& together,
              std::span<const uint8_t> calls, pvb_timings* timings, ByteBuffer* results, Outcome* outcome);

}  // namespace pvb

#endif  // PVB_ENGINE_CALL_EACH_H_
