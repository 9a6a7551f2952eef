// V8 strings from and to bytes, for names, sentences and sources; values go through the serializer instead.
#ifndef PVB_ENGINE_TEXT_H_
#define PVB_ENGINE_TEXT_H_

#include <string>
#include <string_view>

#include "engine/v8_compat.h"

namespace pvb {

// UTF-8; lone surrogates become three-byte sequences (WTF-8).
std::string ToUtf8(v8::Isolate* isolate, v8::Local<v8::String> string);

// Empty when the text is longer than a JavaScript string can be. Bytes that are not UTF-8 become U+FFFD.
v8::MaybeLocal<v8::String> ToV8String(v8::Isolate* isolate, std::string_view utf8,
                                      v8::NewStringType type = v8::NewStringType::kNormal);

// For texts of ours, which are short.
v8::Local<v8::String> Literal(v8::Isolate* isolate, std::string_view ascii);

}  // namespace pvb

#endif  // PVB_ENGINE_TEXT_H_
