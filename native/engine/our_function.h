// The frame of every function of ours that scripts can call.
#ifndef PVB_ENGINE_OUR_FUNCTION_H_
#define PVB_ENGINE_OUR_FUNCTION_H_

#include <new>

#include "engine/entry.h"
#include "engine/isolate.h"
#include "engine/v8_compat.h"

namespace pvb {

// The last that such a function does in a call that is being stopped. JavaScript must not go on, and V8 by itself would notice only at its next
// check, after a `catch` perhaps; or never, where the termination was caught, or replaced by an exception, on its way through C++. No
// exception of ours may be pending.
void Unwind(v8::Isolate* isolate);

// Runs body(entry), whose entry is the call around.
template <typename Body>
void RunOurFunction(v8::Isolate* isolate, Body body) {
  const Isolate* const self = Isolate::From(isolate);
  const Entry* const entry = self->innermost();
  if (entry == nullptr) return;  // nothing runs JavaScript without one
  if (self->functions_barred()) {
    // Nobody sees it: whoever bars them (no_script.h) has another way.
    isolate->ThrowException(v8::Undefined(isolate));
    return;
  }
  try {
    body(*entry);
  } catch (const std::bad_alloc&) {  // V8's frames are not to be unwound
    entry->Stop(StopReason::kMemory);
  }
  if (entry->stopping()) Unwind(isolate);
}

}  // namespace pvb

#endif  // PVB_ENGINE_OUR_FUNCTION_H_
