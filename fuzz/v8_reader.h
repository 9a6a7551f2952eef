// V8's own deserializer as an oracle: one isolate for the life of the process, values compared in JavaScript.
#ifndef PVB_FUZZ_V8_READER_H_
#define PVB_FUZZ_V8_READER_H_

#include <span>
#include <string>

#include "engine/v8_compat.h"

namespace pvb::fuzz {

class V8Reader {
 public:
  V8Reader();

  // Everything that follows happens inside of a scope, whose end lets the values go.
  class Scope {
   public:
    explicit Scope(V8Reader* reader)
        : isolate_(reader->isolate_), handles_(reader->isolate_), context_(reader->context_.Get(reader->isolate_)) {}

   private:
    v8::Isolate::Scope isolate_;
    v8::HandleScope handles_;
    v8::Context::Scope context_;
  };

  class Value {
   public:
    bool ok() const { return !value_.IsEmpty(); }
    // Why V8 refuses the bytes.
    const std::string& error() const { return error_; }
    // A regular expression that does not compile.
    bool is_syntax_error() const { return error_.starts_with("SyntaxError"); }

   private:
    friend class V8Reader;
    v8::Local<v8::Value> value_;
    std::string error_;
  };

  Value Read(std::span<const uint8_t> wire);

  // Where two values differ, or nothing.
  std::string Difference(const Value& a, const Value& b);

 private:
  std::string Text(v8::Local<v8::Value> value);

  v8::Isolate* isolate_ = nullptr;
  v8::Global<v8::Context> context_;
  v8::Global<v8::Function> difference_;
};

}  // namespace pvb::fuzz

#endif  // PVB_FUZZ_V8_READER_H_
