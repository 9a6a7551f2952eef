// The one thread that looks at the clock for all isolates. It sleeps until the earliest time at which a running call is
// due, and for ever when none is: an idle process costs nothing, and a call that ends in time costs it nothing either.
#ifndef PVB_ENGINE_WATCHDOG_H_
#define PVB_ENGINE_WATCHDOG_H_

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "engine/deadline.h"

namespace pvb {

// What can be looked at.
class Watched {
 public:
  // On the watchdog's thread, with its lock held: does what is due, and returns when something will be next.
  virtual Nanoseconds Look(Nanoseconds now) = 0;
  // Any thread, with the lock held: ends what runs.
  virtual void StopNow() = 0;

 protected:
  ~Watched() = default;
};

class Watchdog {
 public:
  // Never destroyed: its thread may run while static objects go.
  static Watchdog& Get();

  void Add(Watched* watched);
  // When it returns, nobody looks at `watched` any more.
  void Remove(Watched* watched);

  void StopAll();

  // Makes sure that the thread wakes by then. To be called after the state that Look reads is in place. Throws
  // std::system_error when the thread cannot be started.
  void WakeBy(Nanoseconds due) {
    if (due < wakes_at_.load()) WakeEarlier(due);
  }

 private:
  Watchdog() = default;
  void WakeEarlier(Nanoseconds due);
  void Start();
  void Run();

  std::mutex lock_;
  std::condition_variable wake_;
  std::vector<Watched*> watched_;
  bool started_ = false;
  // When the thread will wake by itself.
  std::atomic<Nanoseconds> wakes_at_{kNever};
};

}  // namespace pvb

#endif  // PVB_ENGINE_WATCHDOG_H_
