// structuredClone, as a function that a context's scripts can be given: V8's serializer and reader, back to back, and ArrayBuffers
// that move from the value to its clone instead of being copied.
#ifndef PVB_ENGINE_STRUCTURED_CLONE_H_
#define PVB_ENGINE_STRUCTURED_CLONE_H_

#include "engine/context.h"
#include "engine/outcome.h"

namespace pvb {

// The outcome becomes a handle on a function `(value, transferred)`; `transferred` is an Array of objects. It throws a DataCloneError
// for what cannot be cloned or transferred, and then nothing is detached.
void MakeStructuredClone(const Context& context, Outcome* outcome);

}  // namespace pvb

#endif  // PVB_ENGINE_STRUCTURED_CLONE_H_
