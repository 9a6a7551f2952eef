// Functions of a line or two in JavaScript, for what V8's API has no call for.
#ifndef PVB_ENGINE_FUNCTION_BODY_H_
#define PVB_ENGINE_FUNCTION_BODY_H_

#include <string>

#include "engine/v8_compat.h"

namespace pvb {

// A function of that body; it sees what scripts see. Empty, with the exception pending, when it does not compile.
v8::MaybeLocal<v8::Function> CompileBody(v8::Local<v8::Context> context, const std::string& body,
                                         v8::Local<v8::String> parameter = {});

}  // namespace pvb

#endif  // PVB_ENGINE_FUNCTION_BODY_H_
