// A context with scripts run in it, as bytes from which an isolate starts: its contexts then begin where that one ended.
#ifndef PVB_ENGINE_STARTUP_SNAPSHOT_H_
#define PVB_ENGINE_STARTUP_SNAPSHOT_H_

#include <span>

#include "engine/eval.h"
#include "engine/outcome.h"

namespace pvb {

// Runs the scripts in a context of its own. The outcome's message is V8's bytes, raw. V8 ends the process when it meets
// something that it cannot write.
void BuildStartupSnapshot(std::span<const EvalRequest> scripts, Outcome* outcome);

}  // namespace pvb

#endif  // PVB_ENGINE_STARTUP_SNAPSHOT_H_
