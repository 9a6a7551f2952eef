#include "engine/entry.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/platform.h"
#include "engine/poll_hook.h"
#include "engine/stack_limit.h"
#include "engine/watchdog.h"

namespace pvb {

thread_local Entry::Innermost Entry::innermost_here;

uint64_t Entry::NewMark() {
  // Odd steps through all numbers in an order in which neighbours look nothing alike, nor like what else is on a stack.
  thread_local uint64_t last = 0;
  return last += 0x9E3779B97F4A7C15;
}

bool Entry::Nests(uintptr_t frame) const {
  const Innermost& around = innermost_here;
  if (around.entry == nullptr) return true;
  // The stack grows down. A greenlet that is not running has its part of the stack elsewhere, and others have theirs at
  // the same addresses: where one of them lies deeper, it has written over the entry.
  if (frame > around.frame || around.entry == this) return false;
  return around.IsThere();
}

Entry::Entry(Isolate* isolate, Purpose purpose, Outcome* outcome, const Deadline& deadline, uint64_t token)
    : isolate_(isolate) {
  if (ForkedAfterStart()) {
    outcome->Fail(PVB_ERR_FORK, "V8 was started before this process was forked and cannot be used in the child");
    return;
  }
  ParkAfterShutDown();
  std::string problem;
  const uintptr_t stack_limit = StackLimitHere(&problem);
  if (stack_limit == 0) {
    outcome->Fail(PVB_ERR_ENGINE, std::move(problem));
    return;
  }
  if (!Lock(deadline, outcome)) return;
  locked_ = true;
  outermost_ = ++isolate_->depth_ == 1;
  if (isolate_->polling_) {
    outcome->Fail(PVB_ERR_USAGE,
                  "an isolate cannot be used from a signal handler that interrupts a call in it: leave the call first");
    Leave();
    return;
  }
  const uintptr_t frame = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  if (!Nests(frame)) {
    outcome->Fail(
        PVB_ERR_USAGE,
        "JavaScript that called out on this thread has not gone on yet, and this call does not come from there: "
        "calls have to nest, as those of greenlets (gevent) do not");
    Leave();
    return;
  }
  if (outermost_) isolate_->owner_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  // Once closed, V8's isolate may be gone, and a Stop must not find a call that runs. After Begin it is looked at
  // again: Close sets it first and then stops what runs, so one of the two sees the other. The same with ShutDown.
  if (purpose == Purpose::kRun && !isolate_->closed_.load()) {
    running_ = true;
    if (outermost_) {
      EnterProcess();
      Watchdog::Get().WakeBy(isolate_->slot_.Begin(deadline, PollHook::WantedHere(), token));
      if (token != 0 && isolate_->cancelled_.load() == token) Stop(StopReason::kCancel);
    } else if (deadline.wall_at != kNever || deadline.cpu_for != kNever) {
      Watchdog::Get().WakeBy(isolate_->slot_.Narrow(deadline, &narrowed_.emplace()));
    }
  }
  if (isolate_->closed_.load() || (running_ && ShutDown())) {
    outcome->Fail(PVB_ERR_CLOSED, isolate_->closed_.load() ? "the isolate is closed" : "the process is exiting");
    Leave();
    return;
  }
  locker_.emplace(v8_isolate());
  scope_.emplace(v8_isolate());
  outside_ = std::exchange(innermost_here, {this, frame, first_mark_, stack_limit});
  v8_isolate()->SetStackLimit(stack_limit);
  // V8 forgets a termination that was asked for before the Locker was taken, as one is between Begin and here.
  if (stopping()) v8_isolate()->TerminateExecution();
  handles_.emplace(v8_isolate());
  around_ = isolate_->innermost_;
  isolate_->innermost_ = this;
  if (!outermost_) return;
  isolate_->Drain();
  if (running_ && isolate_->overfull()) {
    // Unless handles that were dropped, or a context that was closed, held it.
    Recover();
    if (!isolate_->LooksOverfull()) return;
    outcome->Fail(
        PVB_ERR_MEMORY_LIMIT,
        "what scripts and handles hold is more than twice the isolate's memory limit, so that no JavaScript runs "
        "in it any more: close the context, or let go of handles");
    Leave();
  }
}

bool Entry::StopHere(StopReason reason) {
  const Innermost& around = innermost_here;
  if (!around.IsThere() || !around.entry->running_) return false;
  around.entry->Stop(reason);
  return true;
}

bool Entry::Lock(const Deadline& deadline, Outcome* outcome) {
  std::recursive_timed_mutex& lock = isolate_->lock_;
  if (lock.try_lock()) return true;
  const bool polls = PollHook::WantedHere();
  for (;;) {
    const Nanoseconds poll_at = polls ? Later(Now(), CallSlot::kPollEvery) : kNever;
    const Nanoseconds until = std::min(deadline.wall_at, poll_at);
    if (until == kNever) {
      lock.lock();
      return true;
    }
    if (lock.try_lock_until(std::chrono::steady_clock::time_point(std::chrono::nanoseconds(until)))) return true;
    if (deadline.wall_at <= Now()) {
      outcome->Fail(PVB_ERR_TIMEOUT, "the time was up while another thread's call ran in the isolate");
      return false;
    }
    if (polls && PollHook::Call()) {
      outcome->Fail(PVB_ERR_INTERRUPTED, "the poll hook ended the wait for another thread's call");
      return false;
    }
  }
}

Entry::~Entry() {
  if (!locked_) return;
  Leave();
  isolate_->ReportReleased();
  // Somebody may have queued work after the last Drain and found the isolate locked.
  isolate_->TryDrain();
}

StopReason Entry::Finish() {
  if (!running_) return StopReason::kNone;
  CallSlot& slot = isolate_->slot_;
  if (!outermost_) {
    if (narrowed_ && slot.Widen(*narrowed_)) {
      const StopReason reason = slot.reason();
      isolate_->stopped_before_ = true;
      if (entered()) {
        v8_isolate()->CancelTerminateExecution();
        isolate_->host_references_.KeepUntold(v8_isolate());
      }
      Watchdog::Get().WakeBy(slot.Resume());
      narrowed_.reset();
      running_ = false;
      return reason;
    }
    narrowed_.reset();
    return slot.stopping() ? slot.reason() : StopReason::kNone;
  }
  LeaveProcess();
  if (slot.End()) {
    running_ = false;
    return StopReason::kNone;
  }
  const StopReason reason = slot.reason();
  isolate_->stopped_before_ = true;
  out_of_memory_ = reason == StopReason::kMemory;
  if (entered()) {
    isolate_->DropImports();
    // What the stopped call left in the microtask queue would otherwise run in the next one. V8 empties the queue when
    // it is terminated while running it, and a termination is due.
    {
      v8::TryCatch ignored(v8_isolate());
      v8_isolate()->TerminateExecution();
      v8_isolate()->PerformMicrotaskCheckpoint();
    }
    v8_isolate()->CancelTerminateExecution();
    // Among that may have been how a promise ended that somebody waits for.
    isolate_->host_references_.KeepUntold(v8_isolate());
  }
  running_ = false;
  slot.Reset();
  return reason;
}

void Entry::Recover() {
  // First the handles, which would keep garbage alive.
  handles_.reset();
  isolate_->heap_limit_.TakeBack(v8_isolate());
  handles_.emplace(v8_isolate());
}

void Entry::Leave() {
  Finish();
  if (entered()) {
    if (outermost_ && isolate_->heap_limit_.lent()) {
      Recover();
    } else if (outermost_ && isolate_->heap_limit_.raised()) {
      isolate_->heap_limit_.Lower(v8_isolate());
    }
    if (out_of_memory_) isolate_->LooksOverfull();
    if (outermost_) isolate_->Drain();
    isolate_->innermost_ = around_;
    handles_.reset();
    innermost_here = outside_;
    if (!outermost_) v8_isolate()->SetStackLimit(outside_.stack_limit);
    scope_.reset();
    locker_.reset();
  }
  if (--isolate_->depth_ == 0) isolate_->owner_.store(std::thread::id(), std::memory_order_relaxed);
  isolate_->lock_.unlock();
  locked_ = false;
}

ContextState* Entry::AddContext(uint64_t id) const { return &isolate_->contexts_[id]; }

bool Entry::NextImport(DueImport* due) const {
  if (isolate_->due_imports_.empty()) return false;
  *due = isolate_->due_imports_.front();
  isolate_->due_imports_.pop_front();
  return true;
}

void Entry::RemoveContext(uint64_t id) const {
  isolate_->contexts_.erase(id);
  v8_isolate()->ContextDisposedNotification(/*dependant_context=*/false);
}

}  // namespace pvb
