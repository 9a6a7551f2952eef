// V8's process-wide state: started once, never stopped, and gone in a child process that forks afterwards.
#ifndef PVB_ENGINE_PLATFORM_H_
#define PVB_ENGINE_PLATFORM_H_

#include "engine/v8_compat.h"

namespace pvb {

// Starts V8 on the first call and returns its platform, which is leaked: V8's worker threads may still run while static
// objects are being destroyed at process exit. Any thread.
v8::Platform* StartV8();

// True in a child process that was forked after StartV8. V8's pages are not there: nothing of V8 may be touched, and
// locks may be held by threads that do not exist. False in a child that was forked before.
bool ForkedAfterStart() noexcept;

}  // namespace pvb

#endif  // PVB_ENGINE_PLATFORM_H_
