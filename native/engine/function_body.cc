#include "engine/function_body.h"

#include "engine/text.h"

namespace pvb {

v8::MaybeLocal<v8::Function> CompileBody(v8::Local<v8::Context> context, const std::string& body,
                                         v8::Local<v8::String> parameter) {
  v8::Local<v8::String> source;
  if (!ToV8String(context->GetIsolate(), body).ToLocal(&source)) return {};
  v8::ScriptCompiler::Source unit(source);
  return v8::ScriptCompiler::CompileFunction(context, &unit, parameter.IsEmpty() ? 0 : 1,
                                             parameter.IsEmpty() ? nullptr : &parameter);
}

}  // namespace pvb
