// The one way to V8's headers, and the one place that knows what differs between the versions we build against
// (10.2, 11.3 and 13.6). Everything else in engine/ is written as if there were one V8.
#ifndef PVB_ENGINE_V8_COMPAT_H_
#define PVB_ENGINE_V8_COMPAT_H_

#include <libplatform/libplatform.h>
#include <v8-profiler.h>
#include <v8.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "transcode/limits.h"
#include "wire/tags.h"

namespace pvb::compat {

constexpr bool V8AtLeast(int major, int minor) {
  return V8_MAJOR_VERSION > major || (V8_MAJOR_VERSION == major && V8_MINOR_VERSION >= minor);
}

// What this V8's deserializer reads.
constexpr EngineTraits Traits() {
  EngineTraits traits;
  traits.float16_array = V8AtLeast(13, 5);
  traits.resizable_buffers = V8AtLeast(11, 2);
  traits.regexp_v_flag = V8AtLeast(11, 2);
  traits.error_self_cause = V8AtLeast(12, 2);
  return traits;
}

// Before V8 starts. Code that is not optimized yet looks for a termination when a loop's budget of bytecode is used up, 132 KiB: some
// 8,000 rounds of a short loop, which take seconds when each calls a builtin that takes a while. So the budget is an eighth; as its end
// is also a tick of the clock by which V8 decides what to optimize, it then takes eight times as many ticks.
inline void LookForTerminationMoreOften() {
#if V8_MAJOR_VERSION == 10
  v8::V8::SetFlagsFromString(
      "--interrupt-budget=16896 --ticks-before-optimization=24 --bytecode-size-allowance-per-tick=19");
#endif
}

// V8 compiles hot functions on other threads, and sets a flag in the isolate's stack guard when one is done. Whoever locks an
// isolate next clears the flag (StackGuard::InitThread): what is finished between two calls is never put to use, and its function stays in the
// interpreter for good. So functions are compiled where they become hot, which takes no longer altogether.
inline void CompileInPlace() { v8::V8::SetFlagsFromString("--no-concurrent-recompilation"); }

inline v8::ScriptOrigin MakeScriptOrigin([[maybe_unused]] v8::Isolate* isolate, v8::Local<v8::Value> filename,
                                         int line_offset) {
#if V8_MAJOR_VERSION >= 12
  return v8::ScriptOrigin(filename, line_offset);
#else
  return v8::ScriptOrigin(isolate, filename, line_offset);
#endif
}

inline v8::ScriptOrigin MakeModuleOrigin([[maybe_unused]] v8::Isolate* isolate, v8::Local<v8::Value> name) {
  constexpr bool kNo = false;
#if V8_MAJOR_VERSION >= 12
  return v8::ScriptOrigin(name, 0, 0, kNo, -1, v8::Local<v8::Value>(), kNo, kNo, /*is_module=*/true);
#else
  return v8::ScriptOrigin(isolate, name, 0, 0, kNo, -1, v8::Local<v8::Value>(), kNo, kNo, /*is_module=*/true);
#endif
}

// Keys, values and source offsets of an import's attributes, one after the other.
inline v8::Local<v8::FixedArray> ImportAttributes(v8::Local<v8::ModuleRequest> request) {
#if V8_MAJOR_VERSION >= 13
  return request->GetImportAttributes();
#else
  return request->GetImportAssertions();
#endif
}

inline v8::Local<v8::Module> MakeSyntheticModule(v8::Isolate* isolate, v8::Local<v8::String> name,
                                                 const std::vector<v8::Local<v8::String>>& exports,
                                                 v8::Module::SyntheticModuleEvaluationSteps steps) {
#if V8_MAJOR_VERSION >= 13
  return v8::Module::CreateSyntheticModule(
      isolate, name, v8::MemorySpan<const v8::Local<v8::String>>(exports.data(), exports.size()), steps);
#else
  return v8::Module::CreateSyntheticModule(isolate, name, exports, steps);
#endif
}

inline std::unique_ptr<v8::SnapshotCreator> MakeSnapshotCreator(
    [[maybe_unused]] const v8::Isolate::CreateParams& parameters) {
#if V8_MAJOR_VERSION >= 13
  return std::make_unique<v8::SnapshotCreator>(parameters);
#else
  return std::make_unique<v8::SnapshotCreator>();
#endif
}

// Copies all units of a string whose IsOneByte() holds.
inline void CopyLatin1(v8::Isolate* isolate, v8::Local<v8::String> string, uint8_t* to) {
#if V8_MAJOR_VERSION >= 13
  string->WriteOneByteV2(isolate, 0, static_cast<uint32_t>(string->Length()), to);
#else
  string->WriteOneByte(isolate, to, 0, string->Length(), v8::String::NO_NULL_TERMINATION);
#endif
}

// Copies all UTF-16 code units.
inline void CopyUtf16(v8::Isolate* isolate, v8::Local<v8::String> string, uint16_t* to) {
#if V8_MAJOR_VERSION >= 13
  string->WriteV2(isolate, 0, static_cast<uint32_t>(string->Length()), to);
#else
  string->Write(isolate, to, 0, string->Length(), v8::String::NO_NULL_TERMINATION);
#endif
}

// Whether a script may change its length.
inline bool IsResizable([[maybe_unused]] v8::Local<v8::ArrayBuffer> buffer) {
#if V8_MAJOR_VERSION >= 11
  return buffer->GetBackingStore()->IsResizableByUserJavaScript();
#else
  return false;
#endif
}

// False when it cannot be detached.
inline bool Detach(v8::Local<v8::ArrayBuffer> buffer) {
#if V8_MAJOR_VERSION >= 12
  return buffer->Detach(v8::Local<v8::Value>()).FromMaybe(false);
#else
  buffer->Detach();
  return true;
#endif
}

// The word that a handle holds: the address of an object, with V8's tag, or a small integer.
inline uintptr_t RawAddress(v8::Local<v8::Value> value) {
#if V8_MAJOR_VERSION >= 12
  return v8::internal::ValueHelper::ValueAsAddress(*value);
#else
  return *reinterpret_cast<const uintptr_t*>(*value);
#endif
}

// A function of ours with this body, which sees the context's globals.
inline v8::MaybeLocal<v8::Function> CompileFunction(v8::Local<v8::Context> context, v8::Local<v8::String> body,
                                                    std::span<const v8::Local<v8::String>> parameters) {
  v8::ScriptCompiler::Source source(body);
  // V8 takes them by a pointer that is not const, and does not change them.
  auto* names = const_cast<v8::Local<v8::String>*>(parameters.data());
#if V8_MAJOR_VERSION >= 11
  return v8::ScriptCompiler::CompileFunction(context, &source, parameters.size(), names, 0, nullptr);
#else
  return v8::ScriptCompiler::CompileFunctionInContext(context, &source, parameters.size(), names, 0, nullptr);
#endif
}

// Whether V8 compiles to machine code. There is no question for that, but without (--jitless) there is no WebAssembly in a context either.
inline bool HasJit(v8::Local<v8::Context> context) {
  v8::Isolate* isolate = context->GetIsolate();
  const v8::Local<v8::String> name = v8::String::NewFromUtf8Literal(isolate, "WebAssembly");
  // By its descriptor: a script may have replaced it by an accessor.
  return context->Global()->HasOwnProperty(context, name).FromMaybe(false);
}

// The prototype of an object that is no Proxy.
inline v8::Local<v8::Value> PrototypeOf(v8::Local<v8::Object> object) {
#if V8_MAJOR_VERSION >= 13
  return object->GetPrototypeV2();
#else
  return object->GetPrototype();
#endif
}

inline wire::ViewKind KindOfView(v8::Local<v8::ArrayBufferView> view) {
  using wire::ViewKind;
  if (view->IsUint8Array()) return ViewKind::kUint8;
  if (view->IsFloat64Array()) return ViewKind::kFloat64;
  if (view->IsFloat32Array()) return ViewKind::kFloat32;
  if (view->IsInt32Array()) return ViewKind::kInt32;
  if (view->IsUint32Array()) return ViewKind::kUint32;
  if (view->IsInt16Array()) return ViewKind::kInt16;
  if (view->IsUint16Array()) return ViewKind::kUint16;
  if (view->IsInt8Array()) return ViewKind::kInt8;
  if (view->IsUint8ClampedArray()) return ViewKind::kUint8Clamped;
  if (view->IsBigInt64Array()) return ViewKind::kBigInt64;
  if (view->IsBigUint64Array()) return ViewKind::kBigUint64;
#if V8_MAJOR_VERSION >= 13
  if (view->IsFloat16Array()) return ViewKind::kFloat16;
#endif
  return ViewKind::kDataView;
}

}  // namespace pvb::compat

#endif  // PVB_ENGINE_V8_COMPAT_H_
