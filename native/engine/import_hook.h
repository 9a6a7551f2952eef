// The embedder's function that finds, compiles, links and settles an import. It runs on the thread of a call, inside the
// isolate and with no script of that call on the stack, so that what it does counts as part of the call.
#ifndef PVB_ENGINE_IMPORT_HOOK_H_
#define PVB_ENGINE_IMPORT_HOOK_H_

#include <atomic>
#include <cstdint>

#include "pyv8bridge.h"

namespace pvb {

class ImportHook {
 public:
  static void Set(pvb_import_hook hook) { hook_.store(hook, std::memory_order_release); }

  // True when the call is to end.
  static bool Call(uint64_t importer, uint64_t import) {
    const pvb_import_hook hook = hook_.load(std::memory_order_acquire);
    return hook != nullptr && hook(importer, import) != 0;
  }

 private:
  inline static std::atomic<pvb_import_hook> hook_{nullptr};
};

}  // namespace pvb

#endif  // PVB_ENGINE_IMPORT_HOOK_H_
