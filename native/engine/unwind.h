// How a function of ours ends in a call that has been stopped.
#ifndef PVB_ENGINE_UNWIND_H_
#define PVB_ENGINE_UNWIND_H_

#include "engine/v8_compat.h"

namespace pvb {

// The last that a function does which a script has called, when its call is being stopped. JavaScript must not go on, and V8 by itself would
// notice only at its next check, after a `catch` perhaps; or never, where the termination was caught, or replaced by an exception, on its way
// through C++. No exception of ours may be pending.
void Unwind(v8::Isolate* isolate);

}  // namespace pvb

#endif  // PVB_ENGINE_UNWIND_H_
