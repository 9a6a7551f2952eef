#include "engine/clone_path.h"

#include "engine/serializer.h"
#include "engine/text.h"
#include "engine/value_walk.h"

namespace pvb {

Uncloneable FindUncloneable(const Frame& frame, v8::Local<v8::Value> root) {
  Uncloneable found{"", "a value"};
  const auto path = WalkValues(frame, root, [&](v8::Local<v8::Value> value) {
    if (!IsUncloneable(frame.context, value)) return false;
    found.what = NameOfKind(frame.isolate, value);
    return true;
  });
  found.path = path.value_or("");
  return found;
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
