// The call slot alone: who wins between a call that ends and those who stop it.
#include "engine/call_slot.h"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

using pvb::CallSlot;
using pvb::Deadline;
using pvb::kNever;
using pvb::Nanoseconds;
using pvb::StopReason;

namespace {

constexpr auto kNothing = [] {};

Deadline At(Nanoseconds wall) {
  Deadline deadline;
  deadline.wall_at = wall;
  return deadline;
}

}  // namespace

TEST_CASE("a stop hits the call that runs, once, and no other") {
  CallSlot slot;
  int told = 0;
  const auto tell = [&told] { ++told; };
  CHECK_FALSE(slot.Fire(StopReason::kCancel, tell));
  slot.Begin({}, false);
  CHECK_FALSE(slot.stopping());
  CHECK(slot.Fire(StopReason::kMemory, tell));
  CHECK_FALSE(slot.Fire(StopReason::kCancel, tell));
  CHECK(slot.stopping());
  CHECK_FALSE(slot.End());
  CHECK(slot.reason() == StopReason::kMemory);
  slot.Reset();
  slot.Begin({}, false);
  CHECK_FALSE(slot.stopping());
  CHECK(slot.End());
  CHECK_FALSE(slot.Fire(StopReason::kCancel, tell));
  CHECK(told == 1);
}

TEST_CASE("a look stops a call whose time is up, and says when to look again") {
  CallSlot slot;
  CHECK(slot.Look(1000, kNothing, kNothing) == kNever);
  CHECK(slot.Begin(At(500), false) == 500);
  CHECK(slot.Look(499, kNothing, kNothing) == 500);
  CHECK_FALSE(slot.stopping());
  CHECK(slot.Look(500, kNothing, kNothing) == kNever);
  CHECK(slot.stopping());
  CHECK_FALSE(slot.End());
  CHECK(slot.reason() == StopReason::kTimeout);
}

TEST_CASE("a poll comes every 50 ms and stops nothing") {
  CallSlot slot;
  int polls = 0;
  const auto poll = [&polls] { ++polls; };
  const Nanoseconds first = slot.Begin({}, true);
  CHECK(slot.Look(first - 1, kNothing, poll) == first);
  CHECK(slot.Look(first, kNothing, poll) == first + CallSlot::kPollEvery);
  CHECK(slot.Look(first + 1, kNothing, poll) == first + CallSlot::kPollEvery);
  CHECK(polls == 1);
  CHECK_FALSE(slot.stopping());
  CHECK(slot.End());
}

TEST_CASE("CPU time is looked at again when the rest of it can be used up") {
  CallSlot slot;
  Deadline deadline;
  deadline.cpu_for = Nanoseconds{3600} * 1'000'000'000;
  const Nanoseconds first = slot.Begin(deadline, false);
  // Asked long after, the thread has used up next to nothing of it.
  const Nanoseconds next = slot.Look(first, kNothing, kNothing);
  CHECK(next > first + deadline.cpu_for / 2);
  CHECK(next <= first + deadline.cpu_for);
  CHECK_FALSE(slot.stopping());
  CHECK(slot.End());
}

TEST_CASE("no look ever stops a call that has no deadline, whatever the calls around it have") {
  CallSlot slot;
  std::atomic<bool> done{false};
  std::atomic<int> told{0};
  std::thread watchdog([&] {
    // Everything with a deadline is due.
    while (!done) slot.Look(1000, [&told] { ++told; }, kNothing);
  });
  int stopped = 0;
  for (int i = 0; i < 200'000; ++i) {
    const bool limited = i % 2 == 0;
    slot.Begin(limited ? At(1) : Deadline{}, false);
    for (int spin = i % 64; spin > 0; --spin) std::atomic_signal_fence(std::memory_order_seq_cst);
    if (slot.End()) continue;
    REQUIRE(limited);
    REQUIRE(slot.reason() == StopReason::kTimeout);
    slot.Reset();
    ++stopped;
  }
  done = true;
  watchdog.join();
  CHECK(stopped == told);
}
