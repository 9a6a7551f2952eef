// A JavaScript exception -> Outcome: where it happened, in one sentence what it is, and the thrown value itself.
// Nothing here runs script code but the getters of a thrown value that is no Error.
#ifndef PVB_ENGINE_EXCEPTION_H_
#define PVB_ENGINE_EXCEPTION_H_

#include <string>

#include "engine/context.h"
#include "engine/v8_compat.h"

namespace pvb {

// Fills the frame's outcome from what was caught. `status` is PVB_ERR_JS or PVB_ERR_SYNTAX. A termination is left to
// the entry, which knows why.
void DescribeException(const Frame& frame, const v8::TryCatch& caught, pvb_status status);

// The same for a value that was thrown out of V8's sight: what a promise was rejected with.
void DescribeRejection(const Frame& frame, v8::Local<v8::Value> reason);

// "TypeError: x is not a function": what V8 says of the exception without asking it.
std::string Sentence(const Frame& frame, const v8::TryCatch& caught);

}  // namespace pvb

#endif  // PVB_ENGINE_EXCEPTION_H_
