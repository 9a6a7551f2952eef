// What the engine asks of its embedder: to run a host function, to hear what JavaScript has let go of, and how promises
// end. One set for the process; the C API installs it.
#ifndef PVB_ENGINE_HOST_HOOKS_H_
#define PVB_ENGINE_HOST_HOOKS_H_

#include <unistd.h>

#include <atomic>
#include <new>
#include <utility>
#include <vector>

#include "engine/host_reference.h"
#include "engine/outcome.h"

namespace pvb {

class HostCall;

class HostHooks {
 public:
  struct Hooks {
    // Inside the isolate, on the thread that runs JavaScript. Tells `call` what comes back.
    void (*call)(HostCall* call, Outcome arguments) = nullptr;
    // Outside, on any thread.
    void (*release)(const std::vector<HostReference>& references) = nullptr;
    // Inside. The value, or PVB_ERR_JS and what the promise was rejected with.
    void (*settle)(const HostReference& watch, Outcome outcome) = nullptr;
    // Inside, at the end of a call: a promise was rejected and nobody handles it.
    void (*reject)(uint64_t owner, Outcome outcome) = nullptr;
  };

  // Never destroyed; the last one set counts.
  static void Set(const Hooks* hooks) { hooks_.store(hooks, std::memory_order_release); }
  static const Hooks& Get() {
    static constexpr Hooks kNone;
    const Hooks* const hooks = hooks_.load(std::memory_order_acquire);
    return hooks == nullptr ? kNone : *hooks;
  }

  // Runs one of them. Nothing of the embedder's throws, and what there is no memory to tell it is lost. But when its
  // thread is being ended by unwinding the stack, as Python does with threads while it exits, this is as far as it gets:
  // V8's frames cannot be unwound.
  template <typename Hook, typename... Arguments>
  static void Run(Hook hook, Arguments&&... arguments) {
    try {
      hook(std::forward<Arguments>(arguments)...);
    } catch (const std::bad_alloc&) {
      return;
    } catch (...) {
      for (;;) pause();
    }
  }

 private:
  inline static std::atomic<const Hooks*> hooks_{nullptr};
};

}  // namespace pvb

#endif  // PVB_ENGINE_HOST_HOOKS_H_
