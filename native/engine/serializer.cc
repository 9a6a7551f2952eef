#include "engine/serializer.h"

#include <cstdlib>

#include "engine/text.h"

namespace pvb {
namespace {

class Delegate : public v8::ValueSerializer::Delegate {
 public:
  explicit Delegate(v8::Isolate* isolate) : isolate_(isolate) {}

  bool refused() const { return refused_; }

  void ThrowDataCloneError(v8::Local<v8::String> message) override {
    refused_ = true;
    isolate_->ThrowException(v8::Exception::Error(message));
  }

  v8::Maybe<bool> WriteHostObject(v8::Isolate*, v8::Local<v8::Object>) override {
    Refuse("a host object could not be cloned.");
    return v8::Nothing<bool>();
  }

  v8::Maybe<uint32_t> GetSharedArrayBufferId(v8::Isolate*, v8::Local<v8::SharedArrayBuffer>) override {
    Refuse("#<SharedArrayBuffer> could not be cloned.");
    return v8::Nothing<uint32_t>();
  }

  // V8's own writes nothing and reports success, which leaves a stream that nobody can read.
  v8::Maybe<uint32_t> GetWasmModuleTransferId(v8::Isolate*, v8::Local<v8::WasmModuleObject>) override {
    Refuse("#<Module> could not be cloned.");
    return v8::Nothing<uint32_t>();
  }

 private:
  void Refuse(std::string_view message) { ThrowDataCloneError(Literal(isolate_, message)); }

  v8::Isolate* isolate_;
  bool refused_ = false;
};

// Notes whether V8 comes to write anything, and lets it end there: without memory it gives up at the next value.
class Probe final : public Delegate {
 public:
  using Delegate::Delegate;

  bool wrote() const { return wrote_; }

  void* ReallocateBufferMemory(void*, size_t, size_t*) override {
    wrote_ = true;
    return nullptr;
  }

 private:
  bool wrote_ = false;
};

// V8 throws a RangeError when its stack ends. One that comes from the serializer itself has no place in a script; a
// getter that recurses without end has.
bool IsStackOverflowOfV8(v8::Local<v8::Context> context, const v8::TryCatch& caught) {
  if (!caught.HasCaught() || !caught.Exception()->IsNativeError()) return false;
  const v8::Local<v8::Message> message = caught.Message();
  if (message.IsEmpty()) return true;
  if (message->GetScriptResourceName()->IsString() || message->GetLineNumber(context).FromMaybe(0) != 0) return false;
  v8::Isolate* isolate = context->GetIsolate();
  return ToUtf8(isolate, message->Get()).find("Maximum call stack size exceeded") != std::string::npos;
}

// Objects of these types have a form of their own in the wire format.
bool HasOwnForm(v8::Local<v8::Value> value) {
  return value->IsArray() || value->IsDate() || value->IsRegExp() || value->IsMap() || value->IsSet() ||
         value->IsNativeError() || value->IsNumberObject() || value->IsStringObject() || value->IsBooleanObject() ||
         value->IsBigIntObject();
}

}  // namespace

Serialized Serialize(v8::Local<v8::Context> context, v8::Local<v8::Value> value, v8::TryCatch* caught,
                     ByteBuffer* wire) {
  v8::Isolate* isolate = context->GetIsolate();
  Delegate delegate(isolate);
  v8::ValueSerializer serializer(isolate, &delegate);
  serializer.WriteHeader();
  if (serializer.WriteValue(context, value).FromMaybe(false)) {
    const auto [data, size] = serializer.Release();
    *wire = ByteBuffer::adopt(data, size);
    return Serialized::kDone;
  }
  if (caught->HasTerminated()) return Serialized::kThrew;
  if (delegate.refused()) return Serialized::kRefused;
  return IsStackOverflowOfV8(context, *caught) ? Serialized::kTooDeep : Serialized::kThrew;
}

bool IsUncloneable(v8::Local<v8::Context> context, v8::Local<v8::Value> value) {
  if (value->IsSymbol() || value->IsFunction()) return true;
  if (!value->IsObject()) return false;
  if (value->IsProxy() || value->IsSymbolObject() || value->IsWasmMemoryObject() || value->IsWasmModuleObject())
    return true;
  if (HasOwnForm(value)) return false;
  // Of the rest, a plain object and one of V8's many special kinds cannot be told apart through the API. The serializer
  // refuses the special ones before it writes their first byte.
  v8::Isolate* isolate = context->GetIsolate();
  const v8::TryCatch ignored(isolate);
  const v8::Isolate::DisallowJavascriptExecutionScope no_script(
      isolate, v8::Isolate::DisallowJavascriptExecutionScope::THROW_ON_FAILURE);
  Probe probe(isolate);
  v8::ValueSerializer serializer(isolate, &probe);
  const bool written = serializer.WriteValue(context, value).FromMaybe(false);
  return !written && !probe.wrote() && probe.refused();
}

}  // namespace pvb
