// ES modules. The embedder drives: it compiles a module and learns what that imports, finds and compiles those, links
// each to its targets, and settles the import that it all was for, which instantiates and evaluates (import.h).
#ifndef PVB_ENGINE_MODULE_H_
#define PVB_ENGINE_MODULE_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/context.h"
#include "engine/outcome.h"

namespace pvb {

// As pvb_module_options.
struct ModuleSource {
  std::string_view name;
  pvb_module_kind kind = PVB_MODULE_SOURCE;
  std::string_view text;
  pvb_big_ints big_ints = PVB_BIG_INTS_BIGINT;
  std::span<const uint8_t> code_cache;
  bool keep_for_code_cache = false;
};

// Adds a module. `values` is a message of at most one Object: properties of import.meta, or the exports of a module of
// values. The outcome's message lists its requests: [specifier, line, column, [key, value, …]].
void CreateModule(const Context& context, const ModuleSource& source, const pvb_message& values, uint64_t* id,
                  bool* code_cache_used, Outcome* outcome);

// Says where the requests of a module lead, in their order.
void LinkModule(const Context& context, uint64_t id, std::span<const uint64_t> targets, Outcome* outcome);

// What has become of a module's evaluation. kStopped: the call was stopped that evaluated it, or what it imports.
enum class Evaluation { kUnfinished, kDone, kStopped };
void EvaluationOfModule(const Context& context, uint64_t id, Evaluation* evaluation, Outcome* outcome);

// V8 takes a module that was stopped for failed, for ever. Inside.
bool WasStopped(v8::Isolate* isolate, v8::Local<v8::Module> module);

// The outcome's message is what KeepCodeCache gives, raw; nothing when the module was not kept for it.
void ModuleCodeCache(const Context& context, uint64_t id, Outcome* outcome);

void RemoveModule(const Context& context, uint64_t id, Outcome* outcome);

// V8 asks by it where a request leads, when it instantiates.
v8::MaybeLocal<v8::Module> FollowRequest(v8::Local<v8::Context> context, v8::Local<v8::String> specifier,
                                         v8::Local<v8::FixedArray> attributes, v8::Local<v8::Module> referrer);

// For Isolate::SetHostInitializeImportMetaObjectCallback.
void FillImportMeta(v8::Local<v8::Context> context, v8::Local<v8::Module> module, v8::Local<v8::Object> meta);

}  // namespace pvb

#endif  // PVB_ENGINE_MODULE_H_
