#include "engine/structured_clone.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/exception.h"
#include "engine/host_error.h"
#include "engine/our_function.h"
#include "engine/result.h"
#include "engine/serializer.h"

namespace pvb {
namespace {

using Buffers = std::vector<v8::Local<v8::ArrayBuffer>>;

void Refuse(const Frame& frame, std::string_view sentence) { ThrowNamedError(frame, "DataCloneError", sentence); }

// False: an exception is pending.
bool ReadTransferred(const Frame& frame, v8::Local<v8::Value> list, Buffers* buffers) {
  if (!list->IsArray()) return true;
  const v8::Local<v8::Array> array = list.As<v8::Array>();
  std::unordered_multimap<int, v8::Local<v8::Value>> met;  // by hash
  for (uint32_t i = 0; i < array->Length(); ++i) {
    if (frame.entry.stopping()) return false;
    v8::Local<v8::Value> item;
    if (!array->Get(frame.context, i).ToLocal(&item)) return false;
    if (!item->IsArrayBuffer()) {
      Refuse(frame, "only ArrayBuffers can be transferred");
      return false;
    }
    const v8::Local<v8::ArrayBuffer> buffer = item.As<v8::ArrayBuffer>();
    const int hash = buffer->GetIdentityHash();
    const auto [first, last] = met.equal_range(hash);
    if (std::any_of(first, last, [&](const auto& other) { return other.second == buffer; })) {
      Refuse(frame, "an ArrayBuffer is to be transferred twice");
      return false;
    }
    met.emplace(hash, buffer);
    buffers->push_back(buffer);
  }
  return true;
}

// Getters have run by now, and may have detached what was still whole before. False: an exception is pending.
bool CheckTransferred(const Frame& frame, const Buffers& buffers) {
  for (const v8::Local<v8::ArrayBuffer>& buffer : buffers) {
    if (!buffer->WasDetached() && buffer->IsDetachable()) continue;
    Refuse(frame, buffer->WasDetached() ? "an ArrayBuffer that is to be transferred is detached"
                                        : "an ArrayBuffer that is to be transferred cannot be detached");
    return false;
  }
  return true;
}

// Moves the memory to new objects. Nothing can fail any more, but for the lack of memory in the reader.
v8::MaybeLocal<v8::Value> Read(const Frame& frame, const ByteBuffer& wire, const Buffers& buffers) {
  v8::ValueDeserializer reader(frame.isolate, wire.data(), wire.size());
  for (uint32_t number = 0; number < buffers.size(); ++number) {
    const std::shared_ptr<v8::BackingStore> memory = buffers[number]->GetBackingStore();
    compat::Detach(buffers[number]);
    reader.TransferArrayBuffer(number, v8::ArrayBuffer::New(frame.isolate, memory));
  }
  if (!reader.ReadHeader(frame.context).FromMaybe(false)) return {};
  return reader.ReadValue(frame.context);
}

v8::MaybeLocal<v8::Value> Clone(const Frame& frame, v8::Local<v8::Value> value, v8::Local<v8::Value> list) {
  Buffers buffers;
  if (!ReadTransferred(frame, list, &buffers)) return {};
  ByteBuffer wire;
  std::string refusal;
  {
    v8::TryCatch caught(frame.isolate);
    const Serialized done = Serialize(frame.context, value, &caught, nullptr, &wire, &refusal, buffers);
    if (done == Serialized::kThrew) {
      // A termination goes on by itself, and would become an exception that scripts can catch.
      if (!caught.HasTerminated()) caught.ReThrow();
      return {};
    }
    if (done == Serialized::kTooDeep) refusal = "the value is nested too deeply to be cloned";
  }
  if (!refusal.empty()) {
    Refuse(frame, refusal);
    return {};
  }
  if (!CheckTransferred(frame, buffers)) return {};
  v8::MaybeLocal<v8::Value> clone;
  {
    const v8::TryCatch caught(frame.isolate);
    clone = Read(frame, wire, buffers);
    if (!clone.IsEmpty() || frame.entry.stopping()) return clone;
    refusal = "V8 cannot read the clone: " + Sentence(frame, caught);
  }
  Refuse(frame, refusal);
  return clone;
}

// What V8 calls.
void OnCall(const v8::FunctionCallbackInfo<v8::Value>& info) {
  v8::Isolate* const isolate = info.GetIsolate();
  RunOurFunction(isolate, [&](const Entry& entry) {
    Outcome unused;
    const Frame frame{entry, isolate, isolate->GetCurrentContext(), nullptr, &unused};
    if (v8::Local<v8::Value> clone; Clone(frame, info[0], info[1]).ToLocal(&clone)) info.GetReturnValue().Set(clone);
  });
}

}  // namespace

void MakeStructuredClone(const Context& context, Outcome* outcome) {
  RunInContext(context, {}, nullptr, outcome, [](const Frame& frame) {
    const v8::TryCatch caught(frame.isolate);
    v8::Local<v8::Function> function;
    if (!v8::Function::New(frame.context, &OnCall, {}, 2, v8::ConstructorBehavior::kThrow).ToLocal(&function)) {
      return DescribeException(frame, caught, PVB_ERR_ENGINE);
    }
    WriteHandle(frame, function);
  });
}

}  // namespace pvb
