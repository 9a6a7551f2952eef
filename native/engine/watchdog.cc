#include "engine/watchdog.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <system_error>
#include <thread>

namespace pvb {

Watchdog& Watchdog::Get() {
  static Watchdog* const watchdog = new Watchdog;
  return *watchdog;
}

void Watchdog::Add(Watched* watched) {
  const std::lock_guard<std::mutex> hold(lock_);
  watched_.push_back(watched);
}

void Watchdog::Remove(Watched* watched) {
  const std::lock_guard<std::mutex> hold(lock_);
  std::erase(watched_, watched);
}

void Watchdog::StopAll() {
  const std::lock_guard<std::mutex> hold(lock_);
  for (Watched* const watched : watched_) watched->StopNow();
}

void Watchdog::WakeEarlier(Nanoseconds due) {
  const std::lock_guard<std::mutex> hold(lock_);
  if (due >= wakes_at_.load()) return;
  if (!started_) Start();
  wakes_at_.store(due);
  wake_.notify_one();
}

void Watchdog::Start() {
  // Signals are for the threads of the program, which inherit nothing from here.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  if (const int error = pthread_sigmask(SIG_SETMASK, &all, &before); error != 0) {
    throw std::system_error(error, std::generic_category(), "pthread_sigmask");
  }
  try {
    std::thread thread([this] { Run(); });
    pthread_setname_np(thread.native_handle(), "pyv8bridge-time");
    thread.detach();
    started_ = true;
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void Watchdog::Run() {
  std::unique_lock<std::mutex> hold(lock_);
  for (;;) {
    // First this, then the look: a call that begins meanwhile either is seen, or sees that it has to wake somebody.
    wakes_at_.store(kNever);
    const Nanoseconds now = Now();
    Nanoseconds next = kNever;
    for (Watched* const watched : watched_) next = std::min(next, watched->Look(now));
    if (next <= now) continue;
    wakes_at_.store(next);
    // Until it is time, or somebody is due earlier.
    while (wakes_at_.load() == kNever || Now() < wakes_at_.load()) {
      if (wakes_at_.load() == kNever) {
        wake_.wait(hold);
      } else {
        wake_.wait_until(hold, std::chrono::steady_clock::time_point(std::chrono::nanoseconds(wakes_at_.load())));
      }
    }
  }
}

}  // namespace pvb
