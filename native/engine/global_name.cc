#include "engine/global_name.h"

#include "engine/text.h"

namespace pvb {
namespace {

// A program calls few names many times; one that makes names up must not fill the memory.
constexpr size_t kMaxNames = 256;

v8::MaybeLocal<v8::Function> Compile(v8::Local<v8::Context> context, const std::string& body,
                                     v8::Local<v8::String> parameter = {}) {
  v8::Isolate* isolate = context->GetIsolate();
  v8::Local<v8::String> source;
  if (!ToV8String(isolate, body).ToLocal(&source)) return {};
  v8::ScriptCompiler::Source unit(source);
  return v8::ScriptCompiler::CompileFunction(context, &unit, parameter.IsEmpty() ? 0 : 1,
                                             parameter.IsEmpty() ? nullptr : &parameter);
}

// V8 has no question "is this an identifier", but takes nothing else as a parameter's name. This also keeps anything
// that is more than one name out of the sources below.
bool IsIdentifier(v8::Local<v8::Context> context, std::string_view name) {
  if (name.empty() || name == "arguments") return false;  // the functions' own `arguments` would be meant
  v8::Isolate* isolate = context->GetIsolate();
  const v8::TryCatch ignored(isolate);
  v8::Local<v8::String> parameter;
  return ToV8String(isolate, name).ToLocal(&parameter) && !Compile(context, "", parameter).IsEmpty();
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
    if (!Compile(context, "return " + text).ToLocal(&accessors->read) ||
        !Compile(context, "return typeof " + text).ToLocal(&accessors->type) ||
        !Compile(context, text + " = arguments[0]").ToLocal(&accessors->write)) {
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
