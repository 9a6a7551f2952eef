#include "engine/global_name.h"

#include "engine/function_body.h"
#include "engine/text.h"

namespace pvb {
namespace {

// A program calls few names many times; one that makes names up must not fill the memory.
constexpr size_t kMaxNames = 256;

// V8 has no question "is this an identifier", but takes nothing else as a parameter's name. This also keeps anything
// that is more than one name out of the sources below.
bool IsIdentifier(v8::Local<v8::Context> context, std::string_view name) {
  if (name.empty() || name == "arguments") return false;  // the functions' own `arguments` would be meant
  v8::Isolate* isolate = context->GetIsolate();
  const v8::TryCatch ignored(isolate);
  v8::Local<v8::String> parameter;
  return ToV8String(isolate, name).ToLocal(&parameter) && !CompileBody(context, "", parameter).IsEmpty();
}

// Assigns arguments[0]. As sloppy code does, since only that can make a new variable; but where there is a property (arguments[1]), as
// strict code does, which throws when it cannot be written to. A few names cannot be assigned to in strict code at all.
v8::MaybeLocal<v8::Function> CompileWrite(v8::Local<v8::Context> context, const std::string& name) {
  const std::string assignment = name + " = arguments[0]";
  const v8::MaybeLocal<v8::Function> write =
      CompileBody(context, "if (!arguments[1]) " + assignment + "; else (function () { 'use strict'; " + assignment +
                               " })(arguments[0])");
  return write.IsEmpty() ? CompileBody(context, assignment) : write;
}

}  // namespace

bool GlobalNames::Find(v8::Local<v8::Context> context, std::string_view name, Accessors* accessors) {
  v8::Isolate* isolate = context->GetIsolate();
  std::string text(name);
  if (const auto found = cache_.find(text); found != cache_.end()) {
    const Entry& entry = found->second;
    if (entry.read.IsEmpty()) return false;
    *accessors = {entry.read.Get(isolate), entry.type.Get(isolate), entry.write.Get(isolate)};
    return true;
  }
  Entry entry;
  const bool is_identifier = IsIdentifier(context, name);
  if (is_identifier) {
    const v8::TryCatch ignored(isolate);
    if (!CompileBody(context, "return " + text).ToLocal(&accessors->read) ||
        !CompileBody(context, "return typeof " + text).ToLocal(&accessors->type) ||
        !CompileWrite(context, text).ToLocal(&accessors->write)) {
      return false;
    }
    entry.read.Reset(isolate, accessors->read);
    entry.type.Reset(isolate, accessors->type);
    entry.write.Reset(isolate, accessors->write);
  }
  if (cache_.size() >= kMaxNames) cache_.clear();
  cache_.emplace(std::move(text), std::move(entry));
  return is_identifier;
}

}  // namespace pvb
