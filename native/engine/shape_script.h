// The codec's JavaScript in a context: its two files and what is compiled for each shape.
#ifndef PVB_ENGINE_SHAPE_SCRIPT_H_
#define PVB_ENGINE_SHAPE_SCRIPT_H_

#include <initializer_list>
#include <string_view>
#include <utility>

#include "engine/v8_compat.h"

namespace pvb::shape_script {

// engine/shape/decode.js and encode.js.
extern const std::string_view kDecode;
extern const std::string_view kEncode;

using Parameter = std::pair<std::string_view, v8::Local<v8::Value>>;

// Runs `body` as that of a function of these parameters, and returns what it returns. Empty when V8 is being terminated, or out of stack.
v8::MaybeLocal<v8::Value> Run(v8::Local<v8::Context> context, std::string_view body,
                              std::initializer_list<Parameter> parameters);

// A property of an object of ours. Empty as above.
v8::MaybeLocal<v8::Function> Method(v8::Local<v8::Context> context, v8::Local<v8::Object> object,
                                    std::string_view name);

}  // namespace pvb::shape_script

#endif  // PVB_ENGINE_SHAPE_SCRIPT_H_
