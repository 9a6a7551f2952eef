// When a call has to be over, and the clock that says so.
#ifndef PVB_ENGINE_DEADLINE_H_
#define PVB_ENGINE_DEADLINE_H_

#include <ctime>

#include <cstdint>

namespace pvb {

// Nanoseconds; of CLOCK_MONOTONIC unless said otherwise.
using Nanoseconds = int64_t;
inline constexpr Nanoseconds kNever = INT64_MAX;

inline Nanoseconds ReadClock(clockid_t clock) {
  timespec now{};
  if (clock_gettime(clock, &now) != 0) return kNever;
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

inline Nanoseconds Now() { return ReadClock(CLOCK_MONOTONIC); }

// kNever stays kNever.
inline Nanoseconds Later(Nanoseconds from, Nanoseconds by) { return by > kNever - from ? kNever : from + by; }

// How long a call may take, as in pvb_call_options: 0 is what the isolate has as its default, below 0 no limit.
struct TimeLimits {
  Nanoseconds wall = 0;
  Nanoseconds cpu = 0;

  TimeLimits Or(const TimeLimits& defaults) const {
    return {wall == 0 ? defaults.wall : wall, cpu == 0 ? defaults.cpu : cpu};
  }
};

struct Deadline {
  Nanoseconds wall_at = kNever;
  Nanoseconds cpu_for = kNever;  // of the thread that makes the call, from when it has entered

  // For a call that is made now.
  static Deadline In(const TimeLimits& limits) {
    Deadline deadline;
    if (limits.wall > 0) deadline.wall_at = Later(Now(), limits.wall);
    if (limits.cpu > 0) deadline.cpu_for = limits.cpu;
    return deadline;
  }
};

}  // namespace pvb

#endif  // PVB_ENGINE_DEADLINE_H_
