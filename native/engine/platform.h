// V8's process-wide state: started once, never stopped, gone in a child process that forks afterwards, and not to be entered
// any more when the process exits.
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

// The process is about to exit, by the calling thread: no other may run JavaScript any more.
void BeginShutDown() noexcept;
bool ShutDown() noexcept;
// After BeginShutDown, does not return to any thread but the one that called it. An interpreter that goes leaves its other
// threads nothing to return to, and nobody wants to read of it.
void ParkAfterShutDown() noexcept;

// Around everything that runs JavaScript, so that ShutDown can be waited for: how many threads are inside.
void EnterProcess() noexcept;
void LeaveProcess() noexcept;
int ThreadsInside() noexcept;

}  // namespace pvb

#endif  // PVB_ENGINE_PLATFORM_H_
