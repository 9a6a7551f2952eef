// The value that was thrown, as a message. However odd the value, this never fails to say something of it.
#ifndef PVB_ENGINE_THROWN_VALUE_H_
#define PVB_ENGINE_THROWN_VALUE_H_

#include "engine/context.h"
#include "engine/v8_compat.h"

namespace pvb {

// Fills the frame's outcome: `message`, and `thrown_error` for an Error, whose message is the array of
// the Error, its name, and an Object of its own properties that structured clone leaves out. What of it cannot be
// cloned is left out piece by piece, and then what follows the first thousand properties too. Any other value that cannot be cloned becomes a handle.
void WriteThrown(const Frame& frame, v8::Local<v8::Value> thrown);

}  // namespace pvb

#endif  // PVB_ENGINE_THROWN_VALUE_H_
