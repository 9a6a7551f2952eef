// One crossing: arguments in, an operation on what a path leads to, the result out.
#ifndef PVB_ENGINE_CALL_H_
#define PVB_ENGINE_CALL_H_

#include <cstdint>
#include <string_view>

#include "engine/context.h"
#include "engine/result.h"

namespace pvb {

// As pvb_call_options.
struct CallRequest {
  pvb_operation operation = PVB_CALL;
  uint64_t base = 0;
  std::string_view path;
  bool path_is_name = false;
  bool has_this = false;
  ResultOptions result;
  pvb_big_ints big_ints = PVB_BIG_INTS_BIGINT;
  bool unique_keys = false;
  TimeLimits time;
  uint64_t token = 0;
};

// `timings` may be null.
void RunCall(const Context& context, const CallRequest& request, const pvb_message& arguments, pvb_timings* timings,
             Outcome* outcome);

}  // namespace pvb

#endif  // PVB_ENGINE_CALL_H_
