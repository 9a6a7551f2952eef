// What is wanted back of a run.
#ifndef PVB_ENGINE_RESULT_OPTIONS_H_
#define PVB_ENGINE_RESULT_OPTIONS_H_

#include <cstdint>

#include "pyv8bridge.h"

namespace pvb {

// As in pvb_call_options and pvb_eval_options.
struct ResultOptions {
  pvb_result_mode mode = PVB_RESULT_VALUE;
  uint64_t attach_from = 0;
  bool transfer = false;
  const pvb_bytes_allocator* bytes_allocator = nullptr;
  bool rethrow = false;  // what a getter throws is left pending, instead of being described
};

}  // namespace pvb

#endif  // PVB_ENGINE_RESULT_OPTIONS_H_
