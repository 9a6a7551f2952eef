// Decides, without a lock, whether a request to stop still hits the call it was meant for. No V8 in here.
//
//   IDLE --Begin--> RUN --End--> IDLE
//                   | ^
//                   v |  (nothing is due after all, or it was only a poll)
//                 TELLING --(V8 has been told)--> FIRED --Reset--> IDLE
//                                                 FIRED --Resume-> RUN  (only a call inside this one was meant)
//
// Who leaves RUN first wins, by compare-and-swap: either the call ends and a later Fire does nothing, or Fire wins and
// End waits until V8 has been told, so that what is to be cancelled is there. No stop ever reaches the next call, and
// while somebody tells V8 something, the call does not end and V8's isolate is there.
#ifndef PVB_ENGINE_CALL_SLOT_H_
#define PVB_ENGINE_CALL_SLOT_H_

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>

#include "engine/deadline.h"

namespace pvb {

// Why a call was stopped.
enum class StopReason : uint8_t {
  kNone,
  kCancel,   // pvb_isolate_terminate
  kClose,    // the isolate is being closed
  kTimeout,  // by the wall clock
  kCpuTimeout,
  kMemory,
  kPoll,  // the poll hook said so
  kHost,  // a host function said so
};

class CallSlot {
 public:
  // How often a call that asked for it is polled.
  static constexpr Nanoseconds kPollEvery = 50'000'000;

  // The thread that enters, in IDLE. Returns when somebody has to Look at the call for the first time. `token` is what
  // Fire knows the call by; 0: nothing.
  Nanoseconds Begin(const Deadline& deadline, bool poll, uint64_t token = 0) {
    token_ = token;
    cpu_at_ = kNever;
    Nanoseconds first = deadline.wall_at;
    wall_at_.store(deadline.wall_at, std::memory_order_relaxed);
    Nanoseconds look_at = kNever;
    if (deadline.cpu_for != kNever) {
      pthread_getcpuclockid(pthread_self(), &cpu_clock_);
      cpu_at_ = Later(ReadClock(CLOCK_THREAD_CPUTIME_ID), deadline.cpu_for);
      look_at = Later(Now(), deadline.cpu_for);
      first = std::min(first, look_at);
    }
    look_at_.store(look_at, std::memory_order_relaxed);
    const Nanoseconds poll_at = poll ? Later(Now(), kPollEvery) : kNever;
    poll_at_.store(poll_at, std::memory_order_relaxed);
    state_.store(State::kRun);
    return std::min(first, poll_at);
  }

  // The thread that leaves. True: nothing was fired, and the slot is IDLE again. False: the slot is FIRED; cancel the
  // termination, then Reset.
  bool End() {
    for (;;) {
      State expected = State::kRun;
      if (state_.compare_exchange_strong(expected, State::kIdle)) return true;
      if (expected == State::kFired) return false;
      std::this_thread::yield();
    }
  }

  void Reset() {
    reason_ = StopReason::kNone;
    state_.store(State::kIdle);
  }

  // What a call inside this one has brought forward.
  struct Outer {
    Nanoseconds wall_at = kNever;
    Nanoseconds cpu_at = kNever;
    Nanoseconds look_at = kNever;
  };

  // The thread inside, as it makes a call within the call: from here on the earlier of both deadlines counts. Returns
  // when somebody has to Look.
  Nanoseconds Narrow(const Deadline& deadline, Outer* outer) {
    const bool running = Claim();
    *outer = {wall_at_.load(std::memory_order_relaxed), cpu_at_, look_at_.load(std::memory_order_relaxed)};
    if (!running) return kNever;
    wall_at_.store(std::min(outer->wall_at, deadline.wall_at), std::memory_order_relaxed);
    if (deadline.cpu_for != kNever) {
      pthread_getcpuclockid(pthread_self(), &cpu_clock_);
      cpu_at_ = std::min(outer->cpu_at, Later(ReadClock(CLOCK_THREAD_CPUTIME_ID), deadline.cpu_for));
      look_at_.store(std::min(outer->look_at, Later(Now(), deadline.cpu_for)), std::memory_order_relaxed);
    }
    const Nanoseconds due = Due();
    state_.store(State::kRun);
    return due;
  }

  // The same thread, as the call within ends: the outer deadline counts again. True when the inner one alone has
  // stopped it: then cancel the termination, and Resume.
  bool Widen(const Outer& outer) {
    const bool running = Claim();
    wall_at_.store(outer.wall_at, std::memory_order_relaxed);
    cpu_at_ = outer.cpu_at;
    look_at_.store(outer.look_at, std::memory_order_relaxed);
    if (running) {
      state_.store(State::kRun);
      return false;
    }
    if (reason_ == StopReason::kTimeout) return Now() < outer.wall_at;
    return reason_ == StopReason::kCpuTimeout && ReadClock(CLOCK_THREAD_CPUTIME_ID) < outer.cpu_at;
  }

  // From FIRED. Returns when somebody has to Look.
  Nanoseconds Resume() {
    reason_ = StopReason::kNone;
    const Nanoseconds due = Due();
    state_.store(State::kRun);
    return due;
  }

  // Any thread: runs `tell_v8` if a call runs that nobody has stopped yet, and with a token not 0, if it is that call.
  // True if so.
  template <typename TellV8>
  bool Fire(StopReason reason, TellV8 tell_v8, uint64_t token = 0) {
    for (;;) {
      State expected = State::kRun;
      if (state_.compare_exchange_strong(expected, State::kTelling)) break;
      if (expected != State::kTelling) return false;
      std::this_thread::yield();
    }
    if (token != 0 && token != token_) {
      state_.store(State::kRun);
      return false;
    }
    Stopped(reason, tell_v8);
    return true;
  }

  // The watchdog, at the time `now`: stops the call if its time is up, polls it if that is due. Returns when to look
  // again, as far as this call goes; kNever when none runs.
  template <typename TellV8, typename Poll>
  Nanoseconds Look(Nanoseconds now, TellV8 tell_v8, Poll poll) {
    if (state_.load() != State::kRun) return kNever;  // a call that begins after this says itself when it is due
    if (const Nanoseconds due = Due(); due > now) return due;
    State expected = State::kRun;
    if (!state_.compare_exchange_strong(expected, State::kTelling)) {
      return expected == State::kTelling ? now : kNever;
    }
    // It may be another call than the one that was seen above. What is read from here on is this one's.
    if (wall_at_.load(std::memory_order_relaxed) <= now) {
      Stopped(StopReason::kTimeout, tell_v8);
      return kNever;
    }
    if (look_at_.load(std::memory_order_relaxed) <= now) {
      const Nanoseconds used = ReadClock(cpu_clock_);
      if (used >= cpu_at_) {
        Stopped(StopReason::kCpuTimeout, tell_v8);
        return kNever;
      }
      // Not before the thread can have used up the rest.
      look_at_.store(Later(now, cpu_at_ - used), std::memory_order_relaxed);
    }
    if (poll_at_.load(std::memory_order_relaxed) <= now) {
      poll();
      poll_at_.store(Later(now, kPollEvery), std::memory_order_relaxed);
    }
    const Nanoseconds due = Due();
    state_.store(State::kRun);
    return due;
  }

  // The thread inside: has this call been stopped? While somebody is about to tell V8, this waits for the answer.
  bool stopping() const {
    for (;;) {
      const State state = state_.load(std::memory_order_acquire);
      if (state != State::kTelling) return state == State::kFired;
      std::this_thread::yield();
    }
  }

  // In FIRED only.
  StopReason reason() const { return reason_; }

 private:
  enum class State : uint8_t { kIdle, kRun, kTelling, kFired };

  // From RUN to TELLING, by the thread inside. False: it is FIRED.
  bool Claim() {
    for (;;) {
      State expected = State::kRun;
      if (state_.compare_exchange_strong(expected, State::kTelling)) return true;
      if (expected == State::kFired) return false;
      std::this_thread::yield();
    }
  }

  Nanoseconds Due() const {
    return std::min({wall_at_.load(std::memory_order_relaxed), look_at_.load(std::memory_order_relaxed),
                     poll_at_.load(std::memory_order_relaxed)});
  }

  template <typename TellV8>
  void Stopped(StopReason reason, TellV8 tell_v8) {
    reason_ = reason;
    tell_v8();
    state_.store(State::kFired, std::memory_order_release);
  }

  std::atomic<State> state_{State::kIdle};
  StopReason reason_ = StopReason::kNone;  // written in TELLING, read in FIRED

  // Written in IDLE and in TELLING. The watchdog also reads them in RUN, when they may be of two calls.
  std::atomic<Nanoseconds> wall_at_{kNever};
  std::atomic<Nanoseconds> look_at_{kNever};  // at the CPU clock
  std::atomic<Nanoseconds> poll_at_{kNever};

  // Written in IDLE and TELLING, read in TELLING.
  uint64_t token_ = 0;
  Nanoseconds cpu_at_ = kNever;
  clockid_t cpu_clock_ = CLOCK_MONOTONIC;
};

}  // namespace pvb

#endif  // PVB_ENGINE_CALL_SLOT_H_
