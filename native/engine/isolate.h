// One V8 isolate: its lock, the call that runs in it, the contexts that live in it, and the work that others left for
// whoever enters next. Shared by all handles on it; see entry.h for going inside.
#ifndef PVB_ENGINE_ISOLATE_H_
#define PVB_ENGINE_ISOLATE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "engine/call_slot.h"
#include "engine/context_state.h"
#include "engine/outcome.h"
#include "engine/v8_compat.h"

namespace pvb {

class Isolate {
 public:
  // Starts V8 if need be. Null on failure, with the outcome filled.
  static std::shared_ptr<Isolate> Create(Outcome* outcome);

  // With the last reference, which everyone inside holds one of: nobody is inside.
  ~Isolate();
  Isolate(const Isolate&) = delete;
  Isolate& operator=(const Isolate&) = delete;

  // Stops what runs, waits until nobody is inside, and frees V8's heap. PVB_ERR_USAGE from inside.
  void Close(Outcome* outcome);

  // Stops the call that runs now, if one does. Any thread, never waits for JavaScript.
  void Stop(StopReason reason);

  void HeapStatistics(pvb_heap_statistics* statistics, Outcome* outcome);

  // What cannot be done where it is noticed: queued in a moment, done by the next thread that enters or leaves.
  void QueueContextRemoval(uint64_t context);
  void QueueHandleRelease(uint64_t context, uint64_t handle);

  // Does queued work now unless somebody is inside, who will do it.
  void TryDrain();

  bool closed() const { return closed_.load(); }

 private:
  friend class Entry;

  struct HandleRelease {
    uint64_t context;
    uint64_t handle;
  };

  explicit Isolate(v8::Isolate* isolate) : isolate_(isolate) {}

  // Both need the lock. Drain also needs to be inside; Dispose must not be.
  void Drain();
  void Dispose();

  v8::Isolate* isolate_;  // null once disposed; guarded by lock_
  std::unordered_map<uint64_t, ContextState> contexts_;
  unsigned depth_ = 0;  // entries of the owner that are nested in each other

  // V8's Locker is taken inside it. It is ours because V8 cannot tell how many threads wait for a Locker, and an
  // isolate must not be disposed under them.
  std::recursive_mutex lock_;
  std::atomic<std::thread::id> owner_{};
  std::atomic<bool> closed_{false};
  CallSlot slot_;

  std::mutex queue_lock_;  // never held while anything else is locked or V8 runs
  std::atomic<bool> queued_{false};
  std::vector<uint64_t> removed_contexts_;
  std::vector<HandleRelease> released_handles_;
};

}  // namespace pvb

#endif  // PVB_ENGINE_ISOLATE_H_
