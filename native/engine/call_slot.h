// Decides, without a lock, whether a request to stop still hits the call it was meant for. No V8 in here.
//
//   IDLE --Begin--> RUN --End--> IDLE
//                    \--Fire--> FIRING --(V8 has been told)--> FIRED --Reset--> IDLE
//
// Who leaves RUN first wins, by compare-and-swap: either the call ends and a later Fire does nothing, or Fire wins and
// End waits until V8 has been told, so that what is to be cancelled is there. No stop ever reaches the next call.
#ifndef PVB_ENGINE_CALL_SLOT_H_
#define PVB_ENGINE_CALL_SLOT_H_

#include <atomic>
#include <cstdint>
#include <thread>

namespace pvb {

// Why a call was stopped.
enum class StopReason : uint8_t { kNone, kTerminate };

class CallSlot {
 public:
  // The thread that enters, in IDLE.
  void Begin() { state_.store(State::kRun); }

  // The thread that leaves. True: nothing was fired, and the slot is IDLE again. False: the slot is FIRED; cancel the
  // termination, then Reset.
  bool End() {
    State expected = State::kRun;
    if (state_.compare_exchange_strong(expected, State::kIdle)) return true;
    while (state_.load(std::memory_order_acquire) != State::kFired) std::this_thread::yield();
    return false;
  }

  void Reset() {
    reason_ = StopReason::kNone;
    state_.store(State::kIdle);
  }

  // Any thread: runs `tell_v8` if a call runs that nobody has stopped yet. True if so.
  template <typename TellV8>
  bool Fire(StopReason reason, TellV8 tell_v8) {
    State expected = State::kRun;
    if (!state_.compare_exchange_strong(expected, State::kFiring)) return false;
    reason_ = reason;
    tell_v8();
    state_.store(State::kFired, std::memory_order_release);
    return true;
  }

  // The thread inside: has this call been stopped, or is it about to be?
  bool stopping() const {
    const State state = state_.load(std::memory_order_acquire);
    return state == State::kFiring || state == State::kFired;
  }

  // In FIRED only.
  StopReason reason() const { return reason_; }

 private:
  enum class State : uint8_t { kIdle, kRun, kFiring, kFired };

  std::atomic<State> state_{State::kIdle};
  StopReason reason_ = StopReason::kNone;  // written in FIRING, read in FIRED
};

}  // namespace pvb

#endif  // PVB_ENGINE_CALL_SLOT_H_
