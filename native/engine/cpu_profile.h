// Sampling what JavaScript does: V8's CPU profiler, of which an isolate runs one at a time.
#ifndef PVB_ENGINE_CPU_PROFILE_H_
#define PVB_ENGINE_CPU_PROFILE_H_

#include <cstdint>
#include <memory>

#include "engine/outcome.h"
#include "engine/v8_compat.h"

namespace pvb {

// Used inside the isolate only. Drop before V8's isolate goes.
class CpuProfiling {
 public:
  // Samples calls of this thread, every so many microseconds, until Stop.
  void Start(v8::Isolate* isolate, int interval, Outcome* outcome);

  // The outcome's message: [start, end, nodes, samples, times], times in microseconds. A node is [id, function, script id, URL,
  // line, column, hits, [id of child, …], [line, ticks, …], why it is not optimised]; lines and columns count from 1, 0: none.
  void Stop(v8::Isolate* isolate, Outcome* outcome);

  // Gives up a profile that nobody stopped.
  void Drop(v8::Isolate* isolate);

 private:
  struct DeleteProfile {
    void operator()(v8::CpuProfile* profile) const { profile->Delete(); }
  };
  struct Dispose {
    void operator()(v8::CpuProfiler* profiler) const { profiler->Dispose(); }
  };

  // V8 must not dispose of a profiler that samples.
  std::unique_ptr<v8::CpuProfile, DeleteProfile> TakeProfile(v8::Isolate* isolate);

  std::unique_ptr<v8::CpuProfiler, Dispose> profiler_;  // null when nothing is sampled
};

}  // namespace pvb

#endif  // PVB_ENGINE_CPU_PROFILE_H_
