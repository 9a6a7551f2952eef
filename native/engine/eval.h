// Compiling and running a classic script.
#ifndef PVB_ENGINE_EVAL_H_
#define PVB_ENGINE_EVAL_H_

#include <cstdint>
#include <string_view>

#include "engine/context.h"
#include "engine/result.h"

namespace pvb {

struct EvalRequest {
  std::string_view code;
  std::string_view filename;
  int32_t line_offset = 0;
  ResultOptions result;
  TimeLimits time;
  uint64_t token = 0;
};

// `timings` may be null.
void Eval(const Context& context, const EvalRequest& request, pvb_timings* timings, Outcome* outcome);

}  // namespace pvb

#endif  // PVB_ENGINE_EVAL_H_
