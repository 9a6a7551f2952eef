#include "engine/host_error.h"

#include <string_view>

#include "engine/no_script.h"
#include "engine/text.h"

namespace pvb {
namespace {

// Longer chains of causes are nobody's; a script may have made a circle.
constexpr uint32_t kMaxCauses = 64;

v8::Local<v8::Private> Mark(v8::Isolate* isolate) {
  return v8::Private::ForApi(isolate, Literal(isolate, "pyv8bridge.exception"));
}

// In JavaScript's own class where the name is one of its.
v8::Local<v8::Value> NewError(std::string_view name, v8::Local<v8::String> message) {
  if (name == "TypeError") return v8::Exception::TypeError(message);
  if (name == "RangeError") return v8::Exception::RangeError(message);
  if (name == "ReferenceError") return v8::Exception::ReferenceError(message);
  if (name == "SyntaxError") return v8::Exception::SyntaxError(message);
  return v8::Exception::Error(message);
}

void Define(const Frame& frame, v8::Local<v8::Object> object, const char* name, v8::Local<v8::Value> value) {
  object->DefineOwnProperty(frame.context, Literal(frame.isolate, name), value, v8::DontEnum).FromMaybe(false);
}

// V8 wrote "Error: …" at the head of the stack, before the Error had its name.
void NameStack(const Frame& frame, v8::Local<v8::Object> error, v8::Local<v8::String> name) {
  v8::Local<v8::Value> stack;
  if (!error->Get(frame.context, Literal(frame.isolate, "stack")).ToLocal(&stack) || !stack->IsString()) return;
  const std::string text = ToUtf8(frame.isolate, stack.As<v8::String>());
  constexpr std::string_view kHead = "Error";
  if (!text.starts_with(kHead)) return;
  v8::Local<v8::String> rest;
  if (!ToV8String(frame.isolate, std::string_view(text).substr(kHead.size())).ToLocal(&rest)) return;
  if (name->Length() + rest->Length() > v8::String::kMaxLength) return;  // V8 would give nothing to define
  Define(frame, error, "stack", v8::String::Concat(frame.isolate, name, rest));
}

// The object's own property if it is data; empty otherwise.
v8::MaybeLocal<v8::Value> OwnData(const Frame& frame, v8::Local<v8::Object> object, v8::Local<v8::String> name) {
  const v8::TryCatch ignored(frame.isolate);
  const NoScript no_script(frame.isolate);
  if (!object->HasOwnProperty(frame.context, name).FromMaybe(false)) return {};
  return object->Get(frame.context, name);
}

}  // namespace

v8::Local<v8::Value> MakeNamedError(const Frame& frame, std::string_view name, std::string_view message) {
  const v8::TryCatch ignored(frame.isolate);
  v8::Local<v8::String> text;
  v8::Local<v8::String> name_text;
  if (!ToV8String(frame.isolate, message).ToLocal(&text)) text = v8::String::Empty(frame.isolate);
  const v8::Local<v8::Value> value = NewError(name, text);
  if (!value->IsObject()) return value;
  const v8::Local<v8::Object> error = value.As<v8::Object>();
  v8::Local<v8::Value> class_name;
  if (ToV8String(frame.isolate, name).ToLocal(&name_text) &&
      error->Get(frame.context, Literal(frame.isolate, "name")).ToLocal(&class_name) &&
      !class_name->StrictEquals(name_text)) {
    Define(frame, error, "name", name_text);
    NameStack(frame, error, name_text);
  }
  return error;
}

void ThrowNamedError(const Frame& frame, std::string_view name, std::string_view message) {
  const v8::Local<v8::Value> error = MakeNamedError(frame, name, message);
  if (!frame.entry.stopping()) frame.isolate->ThrowException(error);
}

v8::Local<v8::Value> MakeHostError(const Frame& frame, const HostReference& exception, const HostCall::Exception& from,
                                   const std::vector<v8::Local<v8::Value>>& details) {
  const v8::TryCatch ignored(frame.isolate);
  v8::Local<v8::Value> thrown;
  if (details.size() > 1) {
    thrown = details[0];
    v8::Local<v8::Array> names;
    if (thrown->IsNativeError() && details[1]->IsObject() &&
        details[1].As<v8::Object>()->GetOwnPropertyNames(frame.context).ToLocal(&names)) {
      const v8::Local<v8::Object> properties = details[1].As<v8::Object>();
      for (uint32_t i = 0; i < names->Length(); ++i) {
        v8::Local<v8::Value> name;
        v8::Local<v8::Value> value;
        if (names->Get(frame.context, i).ToLocal(&name) && properties->Get(frame.context, name).ToLocal(&value)) {
          thrown.As<v8::Object>()->Set(frame.context, name, value).FromMaybe(false);
        }
      }
    }
  } else {
    thrown = MakeNamedError(frame, from.name, from.message);
    if (!details.empty() && thrown->IsObject()) Define(frame, thrown.As<v8::Object>(), "cause", details[0]);
  }
  HostReferences* const references = Isolate::From(frame.isolate)->host_references();
  if (thrown->IsNativeError() &&
      thrown.As<v8::Object>()
          ->SetPrivate(frame.context, Mark(frame.isolate), v8::BigInt::NewFromUnsigned(frame.isolate, exception.id))
          .FromMaybe(false)) {
    references->Attach(frame.isolate, references->Add(exception), thrown.As<v8::Object>());
  } else {
    references->Release(exception);
  }
  return thrown;
}

void FindHostError(const Frame& frame, v8::Local<v8::Value> thrown, Outcome* outcome) {
  const v8::TryCatch ignored(frame.isolate);
  const v8::Local<v8::Private> mark = Mark(frame.isolate);
  const v8::Local<v8::String> cause = Literal(frame.isolate, "cause");
  for (uint32_t depth = 0; depth < kMaxCauses; ++depth) {
    if (!thrown->IsNativeError() || thrown->IsProxy()) return;
    const v8::Local<v8::Object> error = thrown.As<v8::Object>();
    v8::Local<v8::Value> id;
    if (error->GetPrivate(frame.context, mark).ToLocal(&id) && id->IsBigInt()) {
      outcome->exception = id.As<v8::BigInt>()->Uint64Value();
      outcome->exception_depth = depth;
      return;
    }
    if (!OwnData(frame, error, cause).ToLocal(&thrown)) return;
  }
}

}  // namespace pvb
