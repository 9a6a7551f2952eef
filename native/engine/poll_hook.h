// The embedder's say in a long call: a function that is called every now and then on one thread while that thread is
// inside, and may end the call. Python runs its signal handlers in it, which is what makes Ctrl-C work.
#ifndef PVB_ENGINE_POLL_HOOK_H_
#define PVB_ENGINE_POLL_HOOK_H_

#include <pthread.h>

#include <atomic>

#include "pyv8bridge.h"

namespace pvb {

class PollHook {
 public:
  static void Set(pvb_poll_hook hook, pthread_t thread) {
    thread_.store(thread, std::memory_order_relaxed);
    hook_.store(hook, std::memory_order_release);
  }

  // Whether this thread's calls are to be polled.
  static bool WantedHere() {
    return hook_.load(std::memory_order_acquire) != nullptr &&
           pthread_equal(thread_.load(std::memory_order_relaxed), pthread_self()) != 0;
  }

  // True when the call is to end. On the thread that wants it only.
  static bool Call() {
    const pvb_poll_hook hook = hook_.load(std::memory_order_acquire);
    return hook != nullptr && hook() != 0;
  }

 private:
  inline static std::atomic<pvb_poll_hook> hook_{nullptr};
  inline static std::atomic<pthread_t> thread_{};
};

}  // namespace pvb

#endif  // PVB_ENGINE_POLL_HOOK_H_
