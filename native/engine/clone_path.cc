#include "engine/clone_path.h"

#include <vector>

#include "engine/serializer.h"
#include "engine/text.h"
#include "engine/value_walk.h"
#include "transcode/outgoing_views.h"
#include "transcode/wire_to_msgpack.h"

namespace pvb {

Uncloneable FindUncloneable(const Frame& frame, v8::Local<v8::Value> root, std::span<const uint8_t> wire,
                            const OutgoingBuffers* buffers, const std::string& refusal) {
  Uncloneable found{PathToEnd(wire, buffers), {}};
  const auto path = WalkValues(frame, root, [&](v8::Local<v8::Value> value) {
    if (!IsUncloneable(frame.context, value)) return false;
    found.what = NameOfKind(frame.isolate, value) + " cannot be cloned";
    return true;
  });
  // Behind a getter only V8 saw it. Its sentence has the whole source when it is about a function.
  constexpr size_t kLongestSentence = 120;
  if (path != found.path) found.what = refusal.size() <= kLongestSentence ? refusal : "a value could not be cloned.";
  return found;
}

std::string PathToEnd(std::span<const uint8_t> wire, const OutgoingBuffers* buffers) {
  std::vector<std::span<const uint8_t>> contents;
  if (buffers != nullptr) contents = buffers->Contents();
  OutgoingViews views(contents);
  // Large data is left where it is: nobody will read this message.
  std::vector<AttachedPart> parts;
  ToMessageOptions options;
  options.unique_keys = true;
  options.is_unfinished = true;
  options.hook = buffers == nullptr ? nullptr : &views;
  options.attachments = &parts;
  ByteBuffer message;
  Fault fault;
  return WireToMsgpack(wire, options, &message, &fault) ? std::string() : std::move(fault.path);
}

std::string NameOfKind(v8::Isolate* isolate, v8::Local<v8::Value> value) {
  if (value->IsProxy()) return "a Proxy";
  if (value->IsFunction()) return "a function";
  if (value->IsSymbol() || value->IsSymbolObject()) return "a symbol";
  if (value->IsPromise()) return "a Promise";
  if (value->IsSharedArrayBuffer()) return "a SharedArrayBuffer";
  if (value->IsWasmModuleObject()) return "a WebAssembly.Module";
  if (value->IsWasmMemoryObject()) return "a WebAssembly.Memory";
  if (value->IsArrayBuffer()) return "a detached ArrayBuffer";
  if (IsDetached(value)) return "a view on a detached ArrayBuffer";
  if (value->IsArrayBufferView()) return "a view on a SharedArrayBuffer, or on a shrunk buffer";
  if (value->IsGeneratorObject()) return "a generator";
  if (value->IsArgumentsObject()) return "an arguments object";
  if (!value->IsObject()) return "a value";
  // V8 finds the name without calling anything.
  return "an object of type " + ToUtf8(isolate, value.As<v8::Object>()->GetConstructorName());
}

}  // namespace pvb
