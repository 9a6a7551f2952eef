#include "engine/shape_script.h"

#include <vector>

#include "engine/text.h"

namespace pvb::shape_script {

v8::MaybeLocal<v8::Value> Run(v8::Local<v8::Context> context, std::string_view body,
                              std::initializer_list<Parameter> parameters) {
  v8::Isolate* isolate = context->GetIsolate();
  std::vector<v8::Local<v8::String>> names;
  std::vector<v8::Local<v8::Value>> values;
  for (const auto& [name, value] : parameters) {
    names.push_back(Literal(isolate, name));
    values.push_back(value);
  }
  v8::Local<v8::String> code;
  v8::Local<v8::Function> function;
  if (!ToV8String(isolate, body).ToLocal(&code) || !compat::CompileFunction(context, code, names).ToLocal(&function)) {
    return {};
  }
  return function->Call(context, v8::Undefined(isolate), static_cast<int>(values.size()), values.data());
}

v8::MaybeLocal<v8::Function> Method(v8::Local<v8::Context> context, v8::Local<v8::Object> object,
                                    std::string_view name) {
  v8::Local<v8::Value> value;
  if (!object->Get(context, Literal(context->GetIsolate(), name)).ToLocal(&value) || !value->IsFunction()) return {};
  return value.As<v8::Function>();
}

}  // namespace pvb::shape_script
