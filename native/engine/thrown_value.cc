#include "engine/thrown_value.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/no_script.h"
#include "engine/result.h"
#include "engine/serializer.h"
#include "engine/text.h"
#include "transcode/wire_to_msgpack.h"

namespace pvb {
namespace {

// All the way to a message, at once: afterwards it would be too late to try something smaller.
bool WriteMessage(const Frame& frame, v8::Local<v8::Value> value, ByteBuffer* message) {
  v8::TryCatch caught(frame.isolate);
  ByteBuffer wire;
  if (Serialize(frame.context, value, &caught, nullptr, &wire) != Serialized::kDone) return false;
  ToMessageOptions options;
  options.unique_keys = true;
  Fault fault;
  return WireToMsgpack(wire.span(), options, message, &fault);
}

class ErrorWriter {
 public:
  ErrorWriter(const Frame& frame, v8::Local<v8::Object> error)
      : frame_(frame), isolate_(frame.isolate), context_(frame.context), error_(error) {}

  bool Write(ByteBuffer* message) {
    ReadParts();
    // Getters throw in here instead of running, and count as what cannot be cloned.
    const NoScript no_script(isolate_);
    CollectProperties();
    if (WriteMessage(frame_, Root(error_), message)) return true;
    DropUncloneable();
    if (WriteMessage(frame_, Root(error_), message)) return true;
    // The Error itself: a getter for its name or message, or its cause.
    for (const bool with_cause : {true, false}) {
      if (WriteMessage(frame_, Root(PlainCopy(with_cause)), message)) return true;
    }
    properties_.clear();
    return WriteMessage(frame_, Root(PlainCopy(false)), message);
  }

 private:
  using Property = std::pair<v8::Local<v8::Value>, v8::Local<v8::Value>>;

  bool Is(v8::Local<v8::Value> key, std::string_view name) const { return key->StrictEquals(Literal(isolate_, name)); }

  v8::MaybeLocal<v8::Value> Get(v8::Local<v8::Object> object, v8::Local<v8::Value> key) const {
    const v8::TryCatch ignored(isolate_);
    return object->Get(context_, key);
  }

  // What describes an Error may come from getters of its class, as in `get name() { return this.constructor.name }`, and V8 asks
  // them too when the stack is read for the first time. They run here, within the call's limits like the rest of the script.
  void ReadParts() {
    stack_ = Ask("stack").FromMaybe(v8::Local<v8::Value>(v8::Undefined(isolate_)));
    v8::Local<v8::Value> value;
    name_ = Ask("name").ToLocal(&value) && value->IsString() ? value.As<v8::String>() : error_->GetConstructorName();
    message_ =
        Ask("message").ToLocal(&value) && value->IsString() ? value.As<v8::String>() : v8::String::Empty(isolate_);
  }

  // A property of the Error, through whatever getter it has. After a termination nothing is asked any more: it ends the getter that runs
  // and no other.
  v8::MaybeLocal<v8::Value> Ask(std::string_view name) {
    if (stopped_) return {};
    const v8::TryCatch ignored(isolate_);
    const v8::MaybeLocal<v8::Value> value = error_->Get(context_, Literal(isolate_, name));
    stopped_ = ignored.HasTerminated();
    return value;
  }

  void CollectProperties() {
    const v8::TryCatch ignored(isolate_);
    const auto filter = static_cast<v8::PropertyFilter>(v8::ONLY_ENUMERABLE | v8::SKIP_SYMBOLS);
    v8::Local<v8::Array> keys;
    if (!error_->GetOwnPropertyNames(context_, filter, v8::KeyConversionMode::kConvertToString).ToLocal(&keys)) return;
    for (uint32_t i = 0; i < keys->Length(); ++i) {
      v8::Local<v8::Value> key;
      v8::Local<v8::Value> value;
      if (!keys->Get(context_, i).ToLocal(&key)) continue;
      // The Error carries these itself.
      if (Is(key, "message") || Is(key, "stack") || Is(key, "cause") || Is(key, "name")) continue;
      if (Get(error_, key).ToLocal(&value)) properties_.emplace_back(key, value);
    }
    CollectErrors();
  }

  // What an AggregateError is about is no enumerable property.
  void CollectErrors() {
    const v8::Local<v8::String> errors = Literal(isolate_, "errors");
    const bool collected = std::any_of(properties_.begin(), properties_.end(),
                                       [&](const Property& property) { return property.first->StrictEquals(errors); });
    v8::Local<v8::Value> value;
    if (!collected && error_->HasOwnProperty(context_, errors).FromMaybe(false) &&
        Get(error_, errors).ToLocal(&value)) {
      properties_.emplace_back(errors, value);
    }
  }

  // Each is tried alone, which takes as long as it is large: for a moderate number of them, and while there is time.
  void DropUncloneable() {
    constexpr size_t kMost = 1000;
    if (properties_.size() > kMost) properties_.resize(kMost);
    std::erase_if(properties_, [this](const Property& property) {
      ByteBuffer message;
      return frame_.entry.stopping() || !WriteMessage(frame_, property.second, &message);
    });
  }

  // [error, name, properties]. Definitions, not assignments: no setter of Array.prototype or Object.prototype runs.
  v8::Local<v8::Value> Root(v8::Local<v8::Object> error) const {
    const v8::TryCatch ignored(isolate_);
    const v8::Local<v8::Object> properties = v8::Object::New(isolate_);
    for (const auto& [key, value] : properties_) {
      properties->CreateDataProperty(context_, key.As<v8::Name>(), value).FromMaybe(false);
    }
    v8::Local<v8::Value> elements[] = {error, name_, properties};
    return v8::Array::New(isolate_, elements, std::size(elements));
  }

  // The Error's parts in a new Error, whose class follows from the name.
  v8::Local<v8::Object> PlainCopy(bool with_cause) const {
    const v8::TryCatch ignored(isolate_);
    const v8::Local<v8::Object> copy = v8::Exception::Error(message_).As<v8::Object>();
    copy->DefineOwnProperty(context_, Literal(isolate_, "stack"), stack_, v8::DontEnum).FromMaybe(false);
    copy->DefineOwnProperty(context_, Literal(isolate_, "name"), name_, v8::DontEnum).FromMaybe(false);
    const v8::Local<v8::String> cause = Literal(isolate_, "cause");
    v8::Local<v8::Value> value;
    if (with_cause && error_->HasOwnProperty(context_, cause).FromMaybe(false) && Get(error_, cause).ToLocal(&value)) {
      copy->DefineOwnProperty(context_, cause, value, v8::DontEnum).FromMaybe(false);
    }
    return copy;
  }

  const Frame& frame_;
  v8::Isolate* isolate_;
  v8::Local<v8::Context> context_;
  v8::Local<v8::Object> error_;
  bool stopped_ = false;
  v8::Local<v8::Value> stack_;
  v8::Local<v8::String> name_;
  v8::Local<v8::String> message_;
  std::vector<Property> properties_;
};

}  // namespace

void WriteThrown(const Frame& frame, v8::Local<v8::Value> thrown) {
  Outcome* outcome = frame.outcome;
  if (WritePrimitive(frame.isolate, thrown, &outcome->message)) return;
  if (thrown->IsNativeError() && !thrown->IsProxy()) {
    outcome->thrown_error = ErrorWriter(frame, thrown.As<v8::Object>()).Write(&outcome->message);
    if (outcome->thrown_error) return;
  } else if (!thrown->IsSymbol() && !thrown->IsFunction() && !thrown->IsPromise() &&
             WriteMessage(frame, thrown, &outcome->message)) {
    return;
  }
  outcome->message.clear();
  WriteHandle(frame, thrown);
}

}  // namespace pvb
