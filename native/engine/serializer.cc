#include "engine/serializer.h"

#include <cstdlib>
#include <string_view>

#include "engine/byte_copy.h"
#include "engine/isolate.h"
#include "engine/no_script.h"
#include "engine/text.h"
#include "transcode/host_object.h"
#include "wire/reader.h"

namespace pvb {
namespace {

class Delegate : public v8::ValueSerializer::Delegate {
 public:
  explicit Delegate(v8::Isolate* isolate) : isolate_(isolate) {}

  bool refused() const { return refused_; }
  const std::string& refusal() const { return refusal_; }

  void ThrowDataCloneError(v8::Local<v8::String> message) override {
    if (!refused_) refusal_ = ToUtf8(isolate_, message);
    refused_ = true;
    isolate_->ThrowException(v8::Exception::Error(message));
  }

  // The message that is made of the wire bytes will take about as much again.
  void* ReallocateBufferMemory(void* memory, size_t size, size_t* actual_size) override {
    constexpr size_t kSmall = size_t{64} << 10;
    if (size > kSmall) {
      Isolate* const isolate = Isolate::From(isolate_);
      // V8 looks for a termination at each object and not at primitives, of which a value may have millions.
      if (isolate->stopping()) return nullptr;
      if (!isolate->account()->FitsBesideLive(uint64_t{2} * size)) {
        isolate->Stop(StopReason::kMemory);
        return nullptr;
      }
    }
    void* const grown = std::realloc(memory, size);
    if (grown == nullptr) return nullptr;
    AskForHugePages(static_cast<uint8_t*>(grown), size);
    *actual_size = size;
    return grown;
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

 protected:
  void Refuse(std::string_view message) { ThrowDataCloneError(Literal(isolate_, message)); }

  v8::Isolate* isolate_;

 private:
  bool refused_ = false;
  std::string refusal_;
};

// What stands behind V8's view tag.
struct ViewParts {
  uint8_t kind = 0;
  uint32_t offset = 0;
  uint32_t length = 0;
  uint32_t flags = 0;
};

// V8's API does not tell whether a view follows the length of its buffer, or has lost its place in it. Its serializer does: here it
// writes nothing else.
bool WriteViewAlone(v8::Local<v8::Context> context, v8::Local<v8::ArrayBufferView> view, Delegate* delegate,
                    ViewParts* parts) {
  v8::ValueSerializer serializer(context->GetIsolate(), delegate);
  serializer.TransferArrayBuffer(0, view->Buffer());
  if (!serializer.WriteValue(context, view).FromMaybe(false)) return false;
  const auto [data, size] = serializer.Release();
  const ByteBuffer written = ByteBuffer::adopt(data, size);
  Fault fault;
  wire::Reader reader(written.span(), &fault);
  wire::Tag tag;
  uint32_t number = 0;
  return reader.ReadTag(&tag) && reader.ReadVarint32(&number) && reader.ReadTag(&tag) &&
         reader.ReadVarint8(&parts->kind) && reader.ReadVarint32(&parts->offset) &&
         reader.ReadVarint32(&parts->length) && reader.ReadVarint32(&parts->flags);
}

// Is handed every view, which lets it keep the bytes of the view's buffer out of what V8 writes. The buffer itself goes through V8 as a
// value, so that V8 alone knows what is met twice.
class ViewDelegate final : public Delegate {
 public:
  ViewDelegate(v8::Local<v8::Context> context, OutgoingBuffers* buffers)
      : Delegate(context->GetIsolate()), context_(context), buffers_(buffers) {}

  void set_serializer(v8::ValueSerializer* serializer) { serializer_ = serializer; }

  v8::Maybe<bool> WriteHostObject(v8::Isolate* isolate, v8::Local<v8::Object> object) override {
    if (!object->IsArrayBufferView()) return Delegate::WriteHostObject(isolate, object);
    const v8::Local<v8::ArrayBufferView> view = object.As<v8::ArrayBufferView>();
    ViewParts parts;
    if (!Describe(view, &parts)) return v8::Nothing<bool>();
    serializer_->WriteUint32(static_cast<uint32_t>(HostObject::kView));
    serializer_->WriteUint32(parts.kind);
    serializer_->WriteUint32(parts.offset);
    serializer_->WriteUint32(parts.length);
    serializer_->WriteUint32(parts.flags);
    return serializer_->WriteValue(context_, view->Buffer());
  }

 private:
  bool Describe(v8::Local<v8::ArrayBufferView> view, ViewParts* parts) {
    const v8::Local<v8::ArrayBuffer> buffer = view->Buffer();
    // The API says ArrayBuffer even where it is a shared one.
    if (buffer.As<v8::Value>()->IsSharedArrayBuffer()) {
      Refuse("#<SharedArrayBuffer> could not be cloned.");
      return false;
    }
    if (buffer->WasDetached()) {
      Refuse("An ArrayBuffer is detached and could not be cloned.");
      return false;
    }
    if (compat::IsResizable(buffer)) {
      if (!WriteViewAlone(context_, view, this, parts)) return false;
    } else if (buffer->ByteLength() <= wire::kMaxUint32) {
      parts->kind = static_cast<uint8_t>(compat::KindOfView(view));
      parts->offset = static_cast<uint32_t>(view->ByteOffset());
      parts->length = static_cast<uint32_t>(view->ByteLength());
    }
    uint32_t number = 0;
    switch (buffers_->Meet(buffer, view->ByteLength(), &number)) {
      case OutgoingBuffers::Met::kTaken:
        serializer_->TransferArrayBuffer(number, buffer);
        return true;
      case OutgoingBuffers::Met::kKnown:
      case OutgoingBuffers::Met::kLeft:
        return true;
      case OutgoingBuffers::Met::kRefused:
        break;
    }
    Refuse(kNotDetachable);
    return false;
  }

  v8::Local<v8::Context> context_;
  OutgoingBuffers* buffers_;
  v8::ValueSerializer* serializer_ = nullptr;
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

// V8 doubles its buffer as it grows, so up to half of it is spare, which would be kept while the message is made.
uint8_t* WithoutSpare(uint8_t* data, size_t size) {
  constexpr size_t kLarge = size_t{64} << 10;
  if (size < kLarge) return data;
  void* const fitted = std::realloc(data, size);
  return fitted == nullptr ? data : static_cast<uint8_t*>(fitted);
}

// Objects of these types have a form of their own in the wire format.
bool HasOwnForm(v8::Local<v8::Value> value) {
  return value->IsArray() || value->IsDate() || value->IsRegExp() || value->IsMap() || value->IsSet() ||
         value->IsNativeError() || value->IsNumberObject() || value->IsStringObject() || value->IsBooleanObject() ||
         value->IsBigIntObject();
}

}  // namespace

Serialized Serialize(v8::Local<v8::Context> context, v8::Local<v8::Value> value, v8::TryCatch* caught,
                     OutgoingBuffers* buffers, ByteBuffer* wire, std::string* refusal,
                     std::span<const v8::Local<v8::ArrayBuffer>> transferred) {
  v8::Isolate* isolate = context->GetIsolate();
  Delegate plain_delegate(isolate);
  ViewDelegate view_delegate(context, buffers);
  Delegate& delegate = buffers == nullptr ? plain_delegate : view_delegate;
  v8::ValueSerializer serializer(isolate, &delegate);
  if (buffers != nullptr) {
    view_delegate.set_serializer(&serializer);
    serializer.SetTreatArrayBufferViewsAsHostObjects(true);
    for (uint32_t number = 0; number < buffers->count(); ++number) {
      serializer.TransferArrayBuffer(number, buffers->Get(number));
    }
  }
  for (uint32_t number = 0; number < transferred.size(); ++number) {
    serializer.TransferArrayBuffer(number, transferred[number]);
  }
  serializer.WriteHeader();
  const bool written = serializer.WriteValue(context, value).FromMaybe(false);
  const auto [data, size] = serializer.Release();
  *wire = ByteBuffer::adopt(WithoutSpare(data, size), size);
  // V8 goes on after an error in a view's buffer, which it met in a call of ours.
  if (written && !caught->HasCaught()) return Serialized::kDone;
  if (caught->HasTerminated()) return Serialized::kThrew;
  if (delegate.refused()) {
    if (refusal != nullptr) *refusal = delegate.refusal();
    return Serialized::kRefused;
  }
  return IsStackOverflowOfV8(context, *caught) ? Serialized::kTooDeep : Serialized::kThrew;
}

bool IsDetached(v8::Local<v8::Value> value) {
  if (value->IsArrayBufferView()) value = value.As<v8::ArrayBufferView>()->Buffer();
  return value->IsArrayBuffer() && value.As<v8::ArrayBuffer>()->WasDetached();
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
  const NoScript no_script(isolate);
  Probe probe(isolate);
  v8::ValueSerializer serializer(isolate, &probe);
  const bool written = serializer.WriteValue(context, value).FromMaybe(false);
  return !written && !probe.wrote() && probe.refused();
}

}  // namespace pvb
