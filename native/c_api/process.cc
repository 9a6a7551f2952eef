// What is one for the whole process: the poll hook, the end, and the counts of what is alive.
#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

#include "engine/live_objects.h"
#include "engine/platform.h"
#include "engine/poll_hook.h"
#include "engine/watchdog.h"
#include "pyv8bridge.h"

void pvb_set_poll_hook(pvb_poll_hook hook, uint64_t thread) {
  static_assert(sizeof(pthread_t) == sizeof(thread));
  pvb::PollHook::Set(hook, static_cast<pthread_t>(thread));
}

int pvb_shut_down(uint32_t milliseconds) {
  if (pvb::ForkedAfterStart()) return 0;
  pvb::BeginShutDown();
  const pvb::Nanoseconds end = pvb::Later(pvb::Now(), int64_t{milliseconds} * 1'000'000);
  // Again and again: who was about to begin may have looked before the flag was set.
  while (pvb::ThreadsInside() != 0) {
    pvb::Watchdog::Get().StopAll();
    if (pvb::Now() >= end) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return pvb::ThreadsInside();
}

pvb_status pvb_count_live_objects(pvb_live_objects* out) {
  if (out == nullptr || out->size < sizeof(out->size)) return PVB_ERR_USAGE;
  const auto count = [](pvb::Live kind) { return pvb::LiveCount(kind).load(std::memory_order_relaxed); };
  pvb_live_objects live{};
  live.size = out->size;
  live.isolates = count(pvb::Live::kIsolate);
  live.contexts = count(pvb::Live::kContext);
  live.handles = count(pvb::Live::kHandle);
  live.results = count(pvb::Live::kResult);
  live.host_references = count(pvb::Live::kHostReference);
  live.buffers = count(pvb::Live::kBuffer);
  std::memcpy(out, &live, std::min(live.size, sizeof(live)));
  return PVB_OK;
}
