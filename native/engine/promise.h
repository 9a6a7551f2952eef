// Promises of JavaScript's that the embedder waits for, and those that were rejected without anybody to notice.
#ifndef PVB_ENGINE_PROMISE_H_
#define PVB_ENGINE_PROMISE_H_

#include <cstdint>

#include "engine/context.h"
#include "engine/result.h"

namespace pvb {

// As pvb_watch_options.
struct WatchRequest {
  uint64_t promise = 0;  // a handle
  uint64_t id = 0;
  ResultOptions result;
  TimeLimits time;
  uint64_t token = 0;
};

// The settle hook will be called once with the id, perhaps before this returns; or the release hook, when the promise is
// garbage and never can be settled.
void WatchPromise(const Context& context, const WatchRequest& request, Outcome* outcome);

// Runs V8's tasks and the microtasks that are due.
void RunTasks(const Context& context, const TimeLimits& time, uint64_t token, Outcome* outcome);

// From here on the isolate notes rejections, for ReportRejections at the end of a call (context.h).
void NoteRejections(v8::Isolate* isolate);

}  // namespace pvb

#endif  // PVB_ENGINE_PROMISE_H_
