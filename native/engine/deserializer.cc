#include "engine/deserializer.h"

#include <algorithm>
#include <string>

#include "engine/exception.h"
#include "engine/text.h"
#include "transcode/host_object.h"

namespace pvb {
namespace {

// V8 pushes a call's arguments on the stack and knows no limit of its own at this entry.
constexpr uint32_t kMaxArguments = 65'000;

class Delegate final : public v8::ValueDeserializer::Delegate {
 public:
  explicit Delegate(const Frame& frame) : frame_(frame) {}

  void set_deserializer(v8::ValueDeserializer* deserializer) { deserializer_ = deserializer; }

  v8::MaybeLocal<v8::Object> ReadHostObject(v8::Isolate*) override {
    uint32_t kind = 0;
    if (!deserializer_->ReadUint32(&kind)) return Throw("a host object is cut short");
    switch (static_cast<HostObject>(kind)) {
      case HostObject::kHandle:
        return ReadHandle();
      case HostObject::kNamedError:
        return ReadNamedError();
      case HostObject::kView:
        break;  // only on the way out
    }
    return Throw("a host object of unknown kind");
  }

  // V8 lets a host object be an object only. A symbol's place is taken by a fresh object, which counts as used once
  // Resolve has put the symbol back.
  v8::Local<v8::Value> Resolve(v8::Local<v8::Value> argument) {
    for (auto& [stand_in, symbol] : symbols_) {
      if (stand_in == argument) {
        ++resolved_;
        return symbol.Get(frame_.isolate);
      }
    }
    return argument;
  }
  bool all_resolved() const { return resolved_ >= symbols_.size(); }

 private:
  v8::MaybeLocal<v8::Object> ReadHandle() {
    uint64_t id = 0;
    if (!deserializer_->ReadUint64(&id)) return Throw("a handle is cut short");
    const v8::Local<v8::Value> value = frame_.state->handles.Find(frame_.isolate, id);
    if (value.IsEmpty()) return Throw("a handle that is not of this context, or was released");
    if (value->IsObject()) return value.As<v8::Object>();
    const v8::Local<v8::Object> stand_in = v8::Object::New(frame_.isolate);
    symbols_.emplace_back(v8::Global<v8::Value>(frame_.isolate, stand_in),
                          v8::Global<v8::Value>(frame_.isolate, value));
    return stand_in;
  }

  v8::MaybeLocal<v8::Object> ReadNamedError() {
    v8::Local<v8::Value> name;
    v8::Local<v8::Value> error;
    if (!deserializer_->ReadValue(frame_.context).ToLocal(&name)) return {};
    if (!deserializer_->ReadValue(frame_.context).ToLocal(&error)) return {};
    if (!name->IsString() || !error->IsNativeError()) return Throw("an error's name without an error");
    const v8::Local<v8::Object> object = error.As<v8::Object>();
    if (!object->DefineOwnProperty(frame_.context, Literal(frame_.isolate, "name"), name, v8::DontEnum)
             .FromMaybe(false)) {
      return {};
    }
    return object;
  }

  v8::MaybeLocal<v8::Object> Throw(std::string_view message) {
    frame_.isolate->ThrowException(v8::Exception::Error(Literal(frame_.isolate, message)));
    return {};
  }

  const Frame& frame_;
  v8::ValueDeserializer* deserializer_ = nullptr;
  // Not Local: V8 calls ReadHostObject in a handle scope of its own.
  std::vector<std::pair<v8::Global<v8::Value>, v8::Global<v8::Value>>> symbols_;
  size_t resolved_ = 0;
};

bool Refuse(const Frame& frame, std::string sentence) {
  frame.outcome->Fail(PVB_ERR_ENCODE, std::move(sentence));
  return false;
}

}  // namespace

bool ReadArguments(const Frame& frame, std::span<const uint8_t> wire, IncomingBuffers* buffers,
                   std::vector<v8::Local<v8::Value>>* arguments) {
  const v8::TryCatch caught(frame.isolate);
  Delegate delegate(frame);
  v8::ValueDeserializer deserializer(frame.isolate, wire.data(), wire.size(), &delegate);
  delegate.set_deserializer(&deserializer);
  for (uint32_t number = 0; number < buffers->size(); ++number) {
    deserializer.TransferArrayBuffer(number, v8::ArrayBuffer::New(frame.isolate, (*buffers)[number].Release()));
  }
  v8::Local<v8::Value> value;
  if (!deserializer.ReadHeader(frame.context).FromMaybe(false) ||
      !deserializer.ReadValue(frame.context).ToLocal(&value)) {
    return Refuse(frame, "V8 cannot make a value of this: " + Sentence(frame, caught));
  }
  if (!value->IsArray()) return Refuse(frame, "the arguments are not an array");
  const v8::Local<v8::Array> array = value.As<v8::Array>();
  if (array->Length() > kMaxArguments) {
    return Refuse(frame, "a call takes at most " + std::to_string(kMaxArguments) + " arguments");
  }
  arguments->reserve(arguments->size() + array->Length());
  for (uint32_t i = 0; i < array->Length(); ++i) {
    // A hole would be looked up in Array.prototype, where a script may have put something.
    v8::Local<v8::Value> argument = v8::Undefined(frame.isolate);
    const v8::Maybe<bool> present = array->HasRealIndexedProperty(frame.context, i);
    if (present.IsNothing() || (present.FromJust() && !array->Get(frame.context, i).ToLocal(&argument))) {
      return Refuse(frame, "an argument could not be read");
    }
    arguments->push_back(delegate.Resolve(argument));
  }
  if (!delegate.all_resolved()) return Refuse(frame, "a symbol can only be an argument itself, not inside one");
  return true;
}

}  // namespace pvb
