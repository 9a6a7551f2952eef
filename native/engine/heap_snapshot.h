// All objects of an isolate and what refers to what, as the JSON that Chrome's DevTools open.
#ifndef PVB_ENGINE_HEAP_SNAPSHOT_H_
#define PVB_ENGINE_HEAP_SNAPSHOT_H_

#include "engine/outcome.h"
#include "engine/v8_compat.h"

namespace pvb {

// Inside the isolate. Writes to the open file as V8 gives the text. The poll hook may end it (PVB_ERR_INTERRUPTED).
void WriteHeapSnapshot(v8::Isolate* isolate, int file, Outcome* outcome);

}  // namespace pvb

#endif  // PVB_ENGINE_HEAP_SNAPSHOT_H_
