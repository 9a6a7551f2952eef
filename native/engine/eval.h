// Compiling and running a classic script.
#ifndef PVB_ENGINE_EVAL_H_
#define PVB_ENGINE_EVAL_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/context.h"
#include "engine/result.h"

namespace pvb {

// As pvb_code_cache.
struct CodeCacheRequest {
  std::span<const uint8_t> data;
  bool wanted = false;
  bool used = false;
  Attachment made;
};

struct EvalRequest {
  std::string_view code;
  std::string_view filename;
  int32_t line_offset = 0;
  ResultOptions result;
  TimeLimits time;
  uint64_t token = 0;
  CodeCacheRequest* code_cache = nullptr;
};

// `timings` may be null.
void Eval(const Context& context, const EvalRequest& request, pvb_timings* timings, Outcome* outcome);

}  // namespace pvb

#endif  // PVB_ENGINE_EVAL_H_
