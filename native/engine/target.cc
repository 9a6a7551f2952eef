#include "engine/target.h"

#include "engine/function_body.h"
#include "engine/text.h"

namespace pvb {

bool Path::Parse(std::string_view text, bool is_one_name, Path* path) {
  if (is_one_name) {
    path->steps.emplace_back(text);
    return true;
  }
  if (text.empty()) return true;
  for (;;) {
    const size_t dot = text.find('.');
    const std::string_view step = text.substr(0, dot);
    if (step.empty()) return false;
    path->steps.emplace_back(step);
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

std::string Path::Quote(size_t count) const {
  if (count == 0) return "the object";
  std::string quoted = "`" + steps[0];
  for (size_t i = 1; i < count; ++i) quoted += "." + steps[i];
  return quoted + "`";
}

Target::Target(const Frame& frame, const Path& path, v8::Local<v8::Value> base)
    : frame_(frame),
      path_(path),
      from_global_(base.IsEmpty()),
      holder_(from_global_ ? v8::Local<v8::Value>(frame.context->Global()) : base),
      receiver_(v8::Undefined(frame.isolate)) {}

bool Target::Resolve() {
  const size_t count = path_.steps.size();
  if (count == 0) return true;
  const bool global_name = from_global_ && frame_.state->names.Find(frame_.context, path_.steps[0], &accessors_);
  if (count == 1) {
    is_global_name_ = global_name;
    if (!from_global_) receiver_ = holder_;
    return true;
  }
  for (size_t step = 0; step + 1 < count; ++step) {
    const v8::MaybeLocal<v8::Value> read =
        step == 0 && global_name ? ReadGlobal(accessors_, step) : ReadStep(holder_, step);
    if (!read.ToLocal(&holder_)) return false;
    if (holder_->IsNullOrUndefined()) {
      frame_.outcome->Fail(PVB_ERR_NOT_FOUND, path_.Quote(step + 1) + " is " + TypeInWords(holder_) +
                                                  ": cannot read `" + path_.steps[step + 1] + "`");
      return false;
    }
  }
  receiver_ = holder_;
  return true;
}

v8::MaybeLocal<v8::Value> Target::Get() const {
  if (path_.steps.empty()) return holder_;
  const size_t last = path_.steps.size() - 1;
  if (is_global_name_) return ReadGlobal(accessors_, last);
  v8::Local<v8::Value> value;
  if (!ReadStep(holder_, last).ToLocal(&value)) return {};
  if (!value->IsUndefined()) return value;
  bool exists = false;
  if (!Has().To(&exists)) return {};
  if (exists) return value;
  FailMissing(last);
  return {};
}

v8::Maybe<bool> Target::Has() const {
  if (path_.steps.empty()) return v8::Just(true);
  v8::Local<v8::Object> object;
  v8::Local<v8::String> key;
  if (!LastProperty(&object, &key)) return v8::Nothing<bool>();
  bool exists = false;
  if (!object->Has(frame_.context, key).To(&exists)) return v8::Nothing<bool>();
  if (exists || !is_global_name_) return v8::Just(exists);
  // It may be a let, const or class of a script: then reading it works, as no property of that name exists.
  v8::TryCatch caught(frame_.isolate);
  const bool read = !accessors_.read->Call(frame_.context, v8::Undefined(frame_.isolate), 0, nullptr).IsEmpty();
  return caught.HasTerminated() ? v8::Nothing<bool>() : v8::Just(read);
}

v8::Maybe<bool> Target::Set(v8::Local<v8::Value> value) const {
  v8::Local<v8::Object> object;
  v8::Local<v8::String> key;
  if (!LastProperty(&object, &key)) return v8::Nothing<bool>();
  const v8::Local<v8::Value> receiver = v8::Undefined(frame_.isolate);
  if (is_global_name_) {
    bool exists = false;
    if (!object->Has(frame_.context, key).To(&exists)) return v8::Nothing<bool>();
    v8::Local<v8::Value> arguments[] = {value, v8::Boolean::New(frame_.isolate, exists)};
    const bool done = !accessors_.write->Call(frame_.context, receiver, 2, arguments).IsEmpty();
    return done ? v8::Just(true) : v8::Nothing<bool>();
  }
  v8::Local<v8::Function> assign;
  if (!StrictAssignment().ToLocal(&assign)) return v8::Nothing<bool>();
  v8::Local<v8::Value> arguments[] = {holder_, key, value};
  const bool done = !assign->Call(frame_.context, receiver, 3, arguments).IsEmpty();
  return done ? v8::Just(true) : v8::Nothing<bool>();
}

v8::MaybeLocal<v8::Function> Target::StrictAssignment() const {
  v8::Global<v8::Function>& cached = frame_.state->assign;
  if (cached.IsEmpty()) {
    v8::Local<v8::Function> assign;
    if (!CompileBody(frame_.context, "'use strict'; arguments[0][arguments[1]] = arguments[2]").ToLocal(&assign)) {
      return {};
    }
    cached.Reset(frame_.isolate, assign);
  }
  return cached.Get(frame_.isolate);
}

v8::Maybe<bool> Target::Delete() const {
  v8::Local<v8::Object> object;
  v8::Local<v8::String> key;
  if (!LastProperty(&object, &key)) return v8::Nothing<bool>();
  return object->Delete(frame_.context, key);
}

v8::MaybeLocal<v8::Value> Target::ReadStep(v8::Local<v8::Value> from, size_t step) const {
  v8::Local<v8::Object> object;
  v8::Local<v8::String> key;
  if (!from->ToObject(frame_.context).ToLocal(&object)) return {};
  if (!ToV8String(frame_.isolate, path_.steps[step], v8::NewStringType::kInternalized).ToLocal(&key)) {
    FailMissing(step);
    return {};
  }
  return object->Get(frame_.context, key);
}

v8::MaybeLocal<v8::Value> Target::ReadGlobal(const GlobalNames::Accessors& accessors, size_t step) const {
  v8::TryCatch caught(frame_.isolate);
  const v8::Local<v8::Value> receiver = v8::Undefined(frame_.isolate);
  v8::Local<v8::Value> value;
  if (accessors.read->Call(frame_.context, receiver, 0, nullptr).ToLocal(&value)) return value;
  if (!caught.HasTerminated()) {
    // Missing, not yet initialised, or a getter that threw? Only what is missing has a type to ask for and is no
    // property.
    v8::Local<v8::Value> type;
    v8::Local<v8::String> key;
    v8::TryCatch ignored(frame_.isolate);
    const bool missing = ToV8String(frame_.isolate, path_.steps[step]).ToLocal(&key) &&
                         !frame_.context->Global()->Has(frame_.context, key).FromMaybe(true) &&
                         accessors.type->Call(frame_.context, receiver, 0, nullptr).ToLocal(&type);
    if (missing) {
      FailMissing(step);
      return {};
    }
  }
  // To the caller's TryCatch. A termination goes there by itself, and rethrown on V8 10.2 it would become a null that
  // scripts can catch.
  if (!caught.HasTerminated()) caught.ReThrow();
  return {};
}

bool Target::LastProperty(v8::Local<v8::Object>* object, v8::Local<v8::String>* key) const {
  if (!ToV8String(frame_.isolate, path_.steps.back(), v8::NewStringType::kInternalized).ToLocal(key)) {
    FailMissing(path_.steps.size() - 1);
    return false;
  }
  return holder_->ToObject(frame_.context).ToLocal(object);
}

void Target::FailMissing(size_t step) const {
  frame_.outcome->Fail(PVB_ERR_NOT_FOUND, path_.Quote(step + 1) + " is not defined");
}

std::string TypeInWords(v8::Local<v8::Value> value) {
  if (value->IsUndefined()) return "undefined";
  if (value->IsNull()) return "null";
  if (value->IsFunction()) return "a function";
  if (value->IsArray()) return "an array";
  if (value->IsString()) return "a string";
  if (value->IsNumber()) return "a number";
  if (value->IsBoolean()) return "a boolean";
  if (value->IsBigInt()) return "a bigint";
  return value->IsSymbol() ? "a symbol" : "an object";
}

}  // namespace pvb
