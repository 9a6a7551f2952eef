// Exceptions of the embedder's in JavaScript: an Error that carries the exception's number where no script sees it. When
// such an Error leaves again, or one that has it as its cause, the embedder gets its own exception back.
#ifndef PVB_ENGINE_HOST_ERROR_H_
#define PVB_ENGINE_HOST_ERROR_H_

#include <vector>

#include "engine/context.h"
#include "engine/host_call.h"
#include "engine/v8_compat.h"

namespace pvb {

// What is to be thrown for an exception. `details` are the elements of the message that came with it: nothing; the Error's cause;
// or what to throw instead of a new Error, and an object of properties for it. Lets go of the exception when it
// cannot be carried.
v8::Local<v8::Value> MakeHostError(const Frame& frame, const HostReference& exception, const HostCall::Exception& from,
                                   const std::vector<v8::Local<v8::Value>>& details);

// An Error of ours, with an own name and a stack. To name it may run code of a script.
v8::Local<v8::Value> MakeNamedError(const Frame& frame, std::string_view name, std::string_view message);
// Throws one, unless the call was stopped meanwhile: an exception would take the termination's place.
void ThrowNamedError(const Frame& frame, std::string_view name, std::string_view message);

// The exception that a thrown value, or the nearest Error in its chain of causes, stands for. Runs no script.
void FindHostError(const Frame& frame, v8::Local<v8::Value> thrown, Outcome* outcome);

}  // namespace pvb

#endif  // PVB_ENGINE_HOST_ERROR_H_
