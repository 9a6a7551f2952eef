#include "engine/stack_limit.h"

#include <pthread.h>

namespace pvb {
namespace {

// What V8's C++ code may use below the limit: it checks the limit on entry, not in every frame.
constexpr uintptr_t kReserve = 100 * 1024;
constexpr uintptr_t kSmallestStack = 192 * 1024;
// V8's own default. More would only make runaway recursion take longer, and results differ from other hosts.
constexpr uintptr_t kLargestUse = 984 * 1024;
constexpr uintptr_t kSmallestUse = 32 * 1024;

struct Bounds {
  uintptr_t low = 0;
  uintptr_t size = 0;
};

Bounds ReadBounds() {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return {};
  void* low = nullptr;
  size_t size = 0;
  size_t guard = 0;
  pthread_attr_getstack(&attributes, &low, &size);
  pthread_attr_getguardsize(&attributes, &guard);
  pthread_attr_destroy(&attributes);
  // glibc counts the guard pages of the threads it starts as part of their stacks.
  if (guard >= size) guard = 0;
  return {reinterpret_cast<uintptr_t>(low) + guard, size - guard};
}

}  // namespace

uintptr_t StackLimitHere(std::string* problem) {
  // For the main thread glibc reads /proc/self/maps, which is far too slow for every call.
  thread_local const Bounds bounds = ReadBounds();
  if (bounds.size == 0) {
    *problem = "the bounds of this thread's stack cannot be found";
    return 0;
  }
  if (bounds.size < kSmallestStack) {
    *problem = "this thread's stack is too small to run JavaScript: " + std::to_string(bounds.size / 1024) +
               " KiB, and at least " + std::to_string(kSmallestStack / 1024) + " KiB are needed (threading.stack_size)";
    return 0;
  }
  const uintptr_t here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  const uintptr_t lowest = bounds.low + kReserve;
  if (here < lowest + kSmallestUse) {
    *problem = "too little of this thread's stack is left to run JavaScript";
    return 0;
  }
  const uintptr_t wanted = here > kLargestUse ? here - kLargestUse : 0;
  return wanted > lowest ? wanted : lowest;
}

}  // namespace pvb
