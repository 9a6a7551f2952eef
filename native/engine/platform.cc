#include "engine/platform.h"

#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <system_error>

namespace pvb {
namespace {

// Garbage collection and compilation are helped by these threads, which all isolates share.
constexpr int kWorkerThreads = 2;

std::atomic<bool> forked{false};
std::atomic<bool> shut_down{false};
std::atomic<pthread_t> exiting{};
std::atomic<int> inside{0};

void MarkForked() { forked.store(true, std::memory_order_relaxed); }

}  // namespace

v8::Platform* StartV8() {
  static std::once_flag once;
  static v8::Platform* platform = nullptr;
  std::call_once(once, [] {
    // Registered only now, so that a fork before the first use leaves a child that can start V8 itself.
    if (int error = pthread_atfork(nullptr, nullptr, &MarkForked); error != 0) {
      throw std::system_error(error, std::generic_category(), "pthread_atfork");
    }
    platform = v8::platform::NewDefaultPlatform(kWorkerThreads).release();
    compat::LookForTerminationMoreOften();
    compat::CompileInPlace();
    v8::V8::InitializePlatform(platform);
    v8::V8::Initialize();
  });
  return platform;
}

void BeginShutDown() noexcept {
  exiting.store(pthread_self());
  shut_down.store(true);
}

void ParkAfterShutDown() noexcept {
  if (!ShutDown() || pthread_equal(exiting.load(), pthread_self()) != 0) return;
  for (;;) pause();
}

bool ShutDown() noexcept { return shut_down.load(); }

void EnterProcess() noexcept { inside.fetch_add(1); }

void LeaveProcess() noexcept { inside.fetch_sub(1); }

int ThreadsInside() noexcept { return inside.load(); }

bool ForkedAfterStart() noexcept { return forked.load(std::memory_order_relaxed); }

}  // namespace pvb
