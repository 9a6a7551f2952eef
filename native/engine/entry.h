// Being inside an isolate: lock, V8's scopes, the stack limit and the call slot, taken and given back in the one right
// order.
#ifndef PVB_ENGINE_ENTRY_H_
#define PVB_ENGINE_ENTRY_H_

#include <optional>

#include "engine/deadline.h"
#include "engine/isolate.h"
#include "engine/outcome.h"

namespace pvb {

class Entry {
 public:
  // kRun: JavaScript may run, and can be stopped. kMaintain: none runs.
  enum class Purpose { kRun, kMaintain };

  // Waits for other threads to leave, until the deadline. When it cannot enter (forked, closed, no stack, no time),
  // `entered` is false and the outcome filled. The caller holds a reference on the isolate that outlives the entry.
  // Throws std::system_error when the watchdog is needed and cannot be started.
  // A call inside another one ends by the earlier of both deadlines. `token` is what Isolate::Cancel knows the call by.
  // Entries of one thread nest, whatever isolates they are in: V8 finds its way back by what lies on the stack. With code
  // that moves parts of the stack away and back (greenlets), they may not, and such an entry is refused.
  Entry(Isolate* isolate, Purpose purpose, Outcome* outcome, const Deadline& deadline = {}, uint64_t token = 0);
  ~Entry();
  Entry(const Entry&) = delete;
  Entry& operator=(const Entry&) = delete;

  bool entered() const { return handles_.has_value(); }
  v8::Isolate* v8_isolate() const { return isolate_->isolate_; }
  // False for an entry inside another one of this thread.
  bool outermost() const { return outermost_; }
  // True when this call has been stopped.
  bool stopping() const { return running_ && isolate_->slot_.stopping(); }
  // Stops this call, from inside.
  void Stop(StopReason reason) const { isolate_->Stop(reason); }
  const std::shared_ptr<MemoryAccount>& account() const { return isolate_->account(); }

  // The same for the innermost call of this thread, whatever isolate it is in. False: there is none.
  static bool StopHere(StopReason reason);

  // Null when the context has been closed.
  ContextState* FindContext(uint64_t id) const { return isolate_->FindContext(id); }
  // The isolate's own copy of a new context.
  ContextState* AddContext(uint64_t id) const;
  void RemoveContext(uint64_t id) const;
  // Takes the oldest import that a script has asked for and nobody has been told of. False: there is none.
  bool NextImport(DueImport* due) const;

  // Ends what can be stopped: from here on a Stop does nothing to this call. Returns why it was stopped, if it was,
  // even if V8 did not notice. To be called with all of V8's TryCatch scopes gone, and with no use for a Local any more;
  // the destructor does it otherwise.
  StopReason Finish();

 private:
  // What a thread knows of the entry that is nested innermost on it. It does not read that one's members before it is
  // sure that they are still there.
  struct Innermost {
    const Entry* entry = nullptr;
    uintptr_t frame = 0;  // of its constructor
    uint64_t mark = 0;
    uintptr_t stack_limit = 0;  // V8 has no getter for the one in force

    // False also when a greenlet has left the entry behind, and others have written over it.
    bool IsThere() const { return entry != nullptr && entry->first_mark_ == mark && entry->last_mark_ == mark; }
  };
  static thread_local Innermost innermost_here;

  static uint64_t NewMark();
  // Whether an entry whose constructor has this frame is inside of the innermost one.
  bool Nests(uintptr_t frame) const;

  // False: the outcome is filled.
  bool Lock(const Deadline& deadline, Outcome* outcome);
  void Recover();
  void Leave();

  // At both ends, for Nests.
  const uint64_t first_mark_ = NewMark();
  Isolate* isolate_;
  bool locked_ = false;
  bool outermost_ = false;
  bool running_ = false;
  bool out_of_memory_ = false;
  const Entry* around_ = nullptr;  // the entry that this one is inside of
  std::optional<CallSlot::Outer> narrowed_;
  Innermost outside_;
  std::optional<v8::Locker> locker_;
  std::optional<v8::Isolate::Scope> scope_;
  std::optional<v8::HandleScope> handles_;
  const uint64_t last_mark_ = first_mark_;
};

}  // namespace pvb

#endif  // PVB_ENGINE_ENTRY_H_
