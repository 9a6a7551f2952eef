// One V8 isolate: its lock, the call that runs in it, the contexts that live in it, and the work that others left for
// whoever enters next. Shared by all handles on it; see entry.h for going inside.
#ifndef PVB_ENGINE_ISOLATE_H_
#define PVB_ENGINE_ISOLATE_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "engine/call_slot.h"
#include "engine/context_state.h"
#include "engine/cpu_profile.h"
#include "engine/deadline.h"
#include "engine/heap_limit.h"
#include "engine/host_reference.h"
#include "engine/live_objects.h"
#include "engine/memory_account.h"
#include "engine/outcome.h"
#include "engine/v8_compat.h"
#include "engine/watchdog.h"

namespace pvb {

class Entry;

// As pvb_isolate_options.
struct IsolateSettings {
  uint64_t memory_limit = 0;  // bytes; 0: V8's own
  TimeLimits time;
  // What contexts start from, see startup_snapshot.h; null: from nothing but JavaScript's own builtins.
  std::shared_ptr<const std::string> snapshot;
  bool creates_snapshot = false;  // then made, used and destroyed by one thread
};

// A promise that was rejected, and the context that did it.
struct Rejection {
  v8::Global<v8::Promise> promise;
  uint64_t context = 0;
};

// In the order they happened. One that is handled later on stays until there are many: to look for it each time would take
// as long as all the others are many.
struct Rejections {
  std::vector<Rejection> noted;
  size_t handled = 0;  // of these, about
};

class Isolate final : public Watched {
 public:
  // Starts V8 if need be. Null on failure, with the outcome filled.
  static std::shared_ptr<Isolate> Create(const IsolateSettings& settings, Outcome* outcome);

  // The one that V8's isolate belongs to.
  static Isolate* From(v8::Isolate* isolate) { return static_cast<Isolate*>(isolate->GetData(kDataSlot)); }

  // With the last reference, which everyone inside holds one of: nobody is inside.
  ~Isolate();
  Isolate(const Isolate&) = delete;
  Isolate& operator=(const Isolate&) = delete;

  // Stops what runs, waits until nobody is inside, and frees V8's heap. PVB_ERR_USAGE from inside.
  void Close(Outcome* outcome);

  // Stops the call that runs now, if one does. Any thread, never waits for JavaScript.
  void Stop(StopReason reason);

  // The same for one call only, by the token that it has; also when it is about to begin.
  void Cancel(uint64_t token);
  // Inside, in a call: whether it has been stopped.
  bool stopping() const { return slot_.stopping(); }
  // Inside: whether any call ever was.
  bool stopped_before() const { return stopped_before_; }
  // Inside: a module is about to be evaluated that awaits, or imports one that does. V8 10.2 evaluates those by builtins of which it
  // takes for granted that they cannot fail, and each looks for interrupts once, as it begins: a termination that it finds there ends
  // the process. From here on a stop terminates from the first place that looks, and is noticed at the second.
  void ExpectAwaits() { modules_await_.store(true, std::memory_order_release); }

  // A call's own limits where it has some, else those of the isolate.
  Deadline DeadlineFor(const TimeLimits& limits) const { return Deadline::In(limits.Or(settings_.time)); }

  void HeapStatistics(pvb_heap_statistics* statistics, Outcome* outcome);
  // With `hard`, V8 also gives up what would only make it faster, and the C library the pages that nobody uses.
  void CollectGarbage(bool hard, Outcome* outcome);

  void StartCpuProfile(int interval, Outcome* outcome);
  void StopCpuProfile(Outcome* outcome);
  void WriteHeapSnapshot(int file, Outcome* outcome);
  // The outcome's message is what an isolate can start from, with this context as it is now. The last that is done here.
  void TakeSnapshot(uint64_t context, Outcome* outcome);

  const std::shared_ptr<MemoryAccount>& account() const { return account_; }

  // Inside. Null when the context has been closed.
  ContextState* FindContext(uint64_t id);
  // Inside, after a call that memory ended, and before the next while the answer is yes: is so much alive, with garbage
  // collected, that none may run any more? V8's limit moves along with what is alive, so without this each call
  // would leave a little more behind, for ever.
  bool LooksOverfull();
  bool overfull() const { return overfull_; }

  // Inside: whether V8 has collected since the tasks that it posts then were last known to be done. Among them are the
  // callbacks of FinalizationRegistry.
  bool collected() const { return collected_; }
  void NoteTasksDone() { collected_ = false; }

  // Inside: somebody has to be told of an import, before the microtasks of the run end.
  void QueueImport(const DueImport& due) { due_imports_.push_back(due); }
  // Inside: forgets those that nobody has been told of.
  void DropImports();

  // From the watchdog.
  Nanoseconds Look(Nanoseconds now) override;
  void StopNow() override { Stop(StopReason::kCancel); }

  // What cannot be done where it is noticed: queued in a moment, done by the next thread that enters or leaves.
  void QueueContextRemoval(uint64_t context);
  void QueueHandleRelease(uint64_t context, uint64_t handle);

  // Inside, also in the middle of a call: the handles among it only. A long call may make and drop millions of them.
  void ReleaseHandles();

  // Does queued work now unless somebody is inside, who will do it.
  void TryDrain();

  bool closed() const { return closed_.load(); }

  // Whether the calling thread is inside.
  bool EnteredHere() const { return owner_.load(std::memory_order_relaxed) == std::this_thread::get_id(); }

  // These inside only: what JavaScript holds of the embedder's, and the entry that runs it; null when none does.
  HostReferences* host_references() { return &host_references_; }
  const Entry* innermost() const { return innermost_; }
  // no_script.h
  void BarFunctions() { ++barred_; }
  void UnbarFunctions() { --barred_; }
  bool functions_barred() const { return barred_ != 0; }
  Rejections* rejections() { return &rejections_; }

 private:
  friend class Entry;

  struct HandleRelease {
    uint64_t context;
    uint64_t handle;
  };

  // Of those that V8 keeps for its embedder.
  static constexpr uint32_t kDataSlot = 0;

  explicit Isolate(const IsolateSettings& settings);

  // These need the lock. Drain also needs to be inside; Dispose must not be.
  bool Start(Outcome* outcome);
  void Drain();
  void Dispose();

  // Tells the embedder which of its things JavaScript has let go of. Without the lock: it may do what it likes.
  void ReportReleased();

  // Any thread, while a call runs: has V8 end it.
  void Terminate(StopReason reason);

  // What V8 calls, inside.
  static void OnHeapLimit(void* data);
  static void OnGarbageCollected(v8::Isolate* isolate, v8::GCType type, v8::GCCallbackFlags flags, void* data);
  static void CheckMemory(v8::Isolate* isolate, void* data);
  static void OnPoll(v8::Isolate* isolate, void* data);

  const IsolateSettings settings_;
  const std::shared_ptr<MemoryAccount> account_;
  HeapLimit heap_limit_;
  v8::StartupData snapshot_{};                    // V8 keeps a pointer to it
  std::unique_ptr<v8::SnapshotCreator> creator_;  // then owns isolate_
  CpuProfiling cpu_profiling_;
  v8::Isolate* isolate_ = nullptr;  // null once disposed; guarded by lock_
  std::unordered_map<uint64_t, ContextState> contexts_;
  HostReferences host_references_;
  Rejections rejections_;  // in this call
  const Entry* innermost_ = nullptr;
  std::deque<DueImport> due_imports_;
  unsigned barred_ = 0;
  unsigned depth_ = 0;            // entries of the owner that are nested in each other
  bool polling_ = false;          // the owner is in the poll hook, from where V8 must not be entered
  bool checking_memory_ = false;  // or about to
  bool overfull_ = false;
  bool stopped_before_ = false;
  bool collected_ = false;

  // V8's Locker is taken inside it. It is ours because V8 cannot tell how many threads wait for a Locker, and an
  // isolate must not be disposed under them.
  std::recursive_timed_mutex lock_;
  std::atomic<std::thread::id> owner_{};
  std::atomic<bool> closed_{false};
  std::atomic<bool> modules_await_{false};
  CallSlot slot_;
  std::atomic<uint64_t> cancelled_{0};  // the token of the call that was cancelled last

  std::mutex queue_lock_;  // never held while anything else is locked or V8 runs
  std::atomic<bool> queued_{false};
  std::atomic<bool> handles_queued_{false};
  std::vector<uint64_t> removed_contexts_;
  std::vector<HandleRelease> released_handles_;

  std::optional<Counted<Live::kIsolate>> counted_{std::in_place};  // until it is disposed
};

}  // namespace pvb

#endif  // PVB_ENGINE_ISOLATE_H_
