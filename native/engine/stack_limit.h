// How much of the calling thread's stack JavaScript may use. V8 knows nothing of thread stacks: without a limit taken
// from the real bounds, recursion on a small thread is a segmentation fault.
#ifndef PVB_ENGINE_STACK_LIMIT_H_
#define PVB_ENGINE_STACK_LIMIT_H_

#include <cstdint>
#include <string>

namespace pvb {

// The address to give to v8::Isolate::SetStackLimit on this thread, at this depth of the stack. 0 when the thread's
// stack is too small or too full to run JavaScript, with a sentence in `problem`.
uintptr_t StackLimitHere(std::string* problem);

}  // namespace pvb

#endif  // PVB_ENGINE_STACK_LIMIT_H_
