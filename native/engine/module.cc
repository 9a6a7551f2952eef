#include "engine/module.h"

#include <string>
#include <utility>
#include <vector>

#include "engine/code_cache.h"
#include "engine/exception.h"
#include "engine/incoming_values.h"
#include "engine/result.h"
#include "engine/text.h"
#include "msgpack/message_writer.h"

namespace pvb {
namespace {

// Of the attributes of a static import: key, value, offset.
constexpr int kAttributeParts = 3;

v8::Local<v8::String> StringAt(v8::Local<v8::Context> context, v8::Local<v8::FixedArray> array, int index) {
  return array->Get(context, index).As<v8::Value>().As<v8::String>();
}

// One text for a specifier with its attributes, which V8 gives in one order always.
std::string RequestKey(v8::Local<v8::Context> context, v8::Isolate* isolate, v8::Local<v8::String> specifier,
                       v8::Local<v8::FixedArray> attributes) {
  std::string key = std::to_string(specifier->Length()) + ':' + ToUtf8(isolate, specifier);
  for (int i = 0; i + 1 < attributes->Length(); i += kAttributeParts) {
    const v8::Local<v8::String> name = StringAt(context, attributes, i);
    key += std::to_string(name->Length()) + ':' + ToUtf8(isolate, name);
    key += ToUtf8(isolate, StringAt(context, attributes, i + 1));
  }
  return key;
}

void WriteRequests(const Frame& frame, v8::Local<v8::Module> module) {
  ByteBuffer* const message = &frame.outcome->message;
  MessageWriter writer(message);
  const v8::Local<v8::FixedArray> requests = module->GetModuleRequests();
  writer.WriteArrayHeader(static_cast<uint32_t>(requests->Length()));
  for (int i = 0; i < requests->Length(); ++i) {
    const auto request = requests->Get(frame.context, i).As<v8::ModuleRequest>();
    v8::Location place = module->SourceOffsetToLocation(request->GetSourceOffset());
    writer.WriteArrayHeader(4);
    WritePrimitive(frame.isolate, request->GetSpecifier(), message);
    writer.WriteInt(place.GetLineNumber() + 1);
    writer.WriteInt(place.GetColumnNumber() + 1);
    const v8::Local<v8::FixedArray> attributes = compat::ImportAttributes(request);
    writer.WriteArrayHeader(static_cast<uint32_t>(attributes->Length() / kAttributeParts * 2));
    for (int part = 0; part < attributes->Length(); ++part) {
      if (part % kAttributeParts == 2) continue;
      WritePrimitive(frame.isolate, StringAt(frame.context, attributes, part), message);
    }
  }
}

v8::MaybeLocal<v8::Value> Settled(v8::Local<v8::Context> context) {
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(context).ToLocal(&resolver)) return {};
  if (!resolver->Resolve(context, v8::Undefined(context->GetIsolate())).FromMaybe(false)) return {};
  return resolver->GetPromise();
}

// What it means to evaluate a module of values.
v8::MaybeLocal<v8::Value> SetExports(v8::Local<v8::Context> context, v8::Local<v8::Module> module) {
  v8::Isolate* const isolate = context->GetIsolate();
  ContextState* const state = StateOf(context);
  ModuleRecord* const record = state == nullptr ? nullptr : state->modules.Find(isolate, module);
  if (record == nullptr || record->exports.IsEmpty()) return Settled(context);
  const v8::Local<v8::Object> exports = record->exports.Get(isolate);
  record->exports.Reset();
  v8::Local<v8::Array> names;
  if (!exports->GetOwnPropertyNames(context, v8::ONLY_ENUMERABLE, v8::KeyConversionMode::kConvertToString)
           .ToLocal(&names)) {
    return {};
  }
  for (uint32_t i = 0; i < names->Length(); ++i) {
    v8::Local<v8::Value> name;
    v8::Local<v8::Value> value;
    if (!names->Get(context, i).ToLocal(&name) || !exports->Get(context, name).ToLocal(&value) ||
        module->SetSyntheticModuleExport(isolate, name.As<v8::String>(), value).IsNothing()) {
      return {};
    }
  }
  return Settled(context);
}

v8::MaybeLocal<v8::Module> MakeValueModule(const Frame& frame, v8::Local<v8::String> name,
                                           v8::Local<v8::Object> exports) {
  v8::Local<v8::Array> keys;
  std::vector<v8::Local<v8::String>> names;
  if (!exports->GetOwnPropertyNames(frame.context, v8::ONLY_ENUMERABLE, v8::KeyConversionMode::kConvertToString)
           .ToLocal(&keys)) {
    return {};
  }
  for (uint32_t i = 0; i < keys->Length(); ++i) {
    v8::Local<v8::Value> key;
    if (!keys->Get(frame.context, i).ToLocal(&key)) return {};
    names.push_back(key.As<v8::String>());
  }
  return compat::MakeSyntheticModule(frame.isolate, name, names, &SetExports);
}

v8::MaybeLocal<v8::Object> ParseJson(const Frame& frame, v8::Local<v8::String> text) {
  v8::Local<v8::Value> value;
  if (!v8::JSON::Parse(frame.context, text).ToLocal(&value)) return {};
  const v8::Local<v8::Object> exports = v8::Object::New(frame.isolate);
  if (!exports->CreateDataProperty(frame.context, Literal(frame.isolate, "default"), value).FromMaybe(false)) return {};
  return exports;
}

// 0: the outcome is filled, or the call was stopped.
uint64_t Compile(const Frame& frame, const ModuleSource& source, v8::Local<v8::Value> values, bool* code_cache_used) {
  v8::Local<v8::String> text;
  v8::Local<v8::String> name;
  if (!ToV8String(frame.isolate, source.text).ToLocal(&text) ||
      !ToV8String(frame.isolate, source.name).ToLocal(&name)) {
    frame.outcome->Fail(PVB_ERR_ENCODE, "the module is longer than a JavaScript string can be");
    return 0;
  }
  const v8::TryCatch caught(frame.isolate);
  v8::Local<v8::Module> module;
  v8::Local<v8::Object> exports;
  if (source.kind == PVB_MODULE_SOURCE) {
    CacheableSource cacheable(text, compat::MakeModuleOrigin(frame.isolate, name), source.code_cache);
    const bool compiled =
        v8::ScriptCompiler::CompileModule(frame.isolate, cacheable.source(), cacheable.options()).ToLocal(&module);
    *code_cache_used = cacheable.used();
    if (!compiled) {
      DescribeException(frame, caught, PVB_ERR_SYNTAX);
      return 0;
    }
  } else {
    const bool made = source.kind == PVB_MODULE_JSON ? ParseJson(frame, text).ToLocal(&exports)
                                                     : (exports = values.As<v8::Object>(), true);
    if (!made || !MakeValueModule(frame, name, exports).ToLocal(&module)) {
      DescribeException(frame, caught, PVB_ERR_SYNTAX);
      if (frame.outcome->status == PVB_ERR_SYNTAX) frame.outcome->filename = source.name;
      return 0;
    }
  }
  const uint64_t id = frame.state->modules.Add(frame.isolate, module);
  ModuleRecord* const record = frame.state->modules.Find(id);
  if (source.kind == PVB_MODULE_SOURCE) {
    if (!values.IsEmpty()) record->meta.Reset(frame.isolate, values);
    // Once it is evaluated V8 does not give it any more.
    if (source.keep_for_code_cache && !*code_cache_used) {
      record->script.Reset(frame.isolate, module->GetUnboundModuleScript());
    }
    WriteRequests(frame, module);
  } else {
    record->exports.Reset(frame.isolate, exports);
    MessageWriter(&frame.outcome->message).WriteArrayHeader(0);
  }
  return id;
}

// Runs `body(frame, record)`.
template <typename Body>
void WithModule(const Context& context, uint64_t id, Outcome* outcome, Body body) {
  RunInContext(context, Deadline(), nullptr, outcome, [&](const Frame& frame) {
    if (ModuleRecord* const record = frame.state->modules.Find(id); record != nullptr) {
      body(frame, record);
    } else {
      outcome->Fail(PVB_ERR_NOT_FOUND, "there is no such module in this context");
    }
  });
}

}  // namespace

void CreateModule(const Context& context, const ModuleSource& source, const pvb_message& values, uint64_t* id,
                  bool* code_cache_used, Outcome* outcome) {
  IncomingValues incoming;
  if (!incoming.Transcode(&context, values, source.big_ints, /*unique_keys=*/true, outcome)) return;
  RunInContext(context, Deadline(), nullptr, outcome, [&](const Frame& frame) {
    std::vector<v8::Local<v8::Value>> read;
    if (!incoming.Read(frame, nullptr, &read)) return;
    if (read.size() > 1 || (read.size() == 1 && !read.front()->IsObject())) {
      return outcome->Fail(PVB_ERR_USAGE, "a module's values are one Object");
    }
    if (read.empty() && source.kind == PVB_MODULE_VALUES) {
      return outcome->Fail(PVB_ERR_USAGE, "a module of values needs an Object of them");
    }
    *id = Compile(frame, source, read.empty() ? v8::Local<v8::Value>() : read.front(), code_cache_used);
  });
}

void LinkModule(const Context& context, uint64_t id, std::span<const uint64_t> targets, Outcome* outcome) {
  WithModule(context, id, outcome, [&](const Frame& frame, ModuleRecord* record) {
    const v8::Local<v8::Module> module = record->module.Get(frame.isolate);
    if (!module->IsSourceTextModule()) return;
    const v8::Local<v8::FixedArray> requests = module->GetModuleRequests();
    if (targets.size() != static_cast<size_t>(requests->Length())) {
      return outcome->Fail(PVB_ERR_USAGE, "a module is linked to as many targets as it has requests");
    }
    for (int i = 0; i < requests->Length(); ++i) {
      const auto request = requests->Get(frame.context, i).As<v8::ModuleRequest>();
      record->targets[RequestKey(frame.context, frame.isolate, request->GetSpecifier(),
                                 compat::ImportAttributes(request))] = targets[static_cast<size_t>(i)];
    }
  });
}

bool WasStopped(v8::Isolate* isolate, v8::Local<v8::Module> module) {
  // V8's mark of it, which a script can throw too.
  return module->GetStatus() == v8::Module::kErrored && module->GetException()->IsNull() &&
         Isolate::From(isolate)->stopped_before();
}

void EvaluationOfModule(const Context& context, uint64_t id, Evaluation* evaluation, Outcome* outcome) {
  WithModule(context, id, outcome, [&](const Frame& frame, const ModuleRecord* record) {
    const v8::Local<v8::Module> module = record->module.Get(frame.isolate);
    bool done = module->GetStatus() == v8::Module::kEvaluated;
    // That is V8's word for a module that waits with a top-level await, too. To evaluate it again gives the promise.
    if (v8::Local<v8::Value> promise; done && module->IsSourceTextModule() && module->IsGraphAsync()) {
      done = module->Evaluate(frame.context).ToLocal(&promise) && promise->IsPromise() &&
             promise.As<v8::Promise>()->State() == v8::Promise::kFulfilled;
    }
    *evaluation = done                                ? Evaluation::kDone
                  : WasStopped(frame.isolate, module) ? Evaluation::kStopped
                                                      : Evaluation::kUnfinished;
  });
}

void ModuleCodeCache(const Context& context, uint64_t id, Outcome* outcome) {
  WithModule(context, id, outcome, [&](const Frame& frame, ModuleRecord* record) {
    if (record->script.IsEmpty()) return;
    const Attachment made = KeepCodeCache(v8::ScriptCompiler::CreateCodeCache(record->script.Get(frame.isolate)));
    record->script.Reset();
    if (made.size != 0) outcome->message.append(made.data, made.size);
  });
}

void RemoveModule(const Context& context, uint64_t id, Outcome* outcome) {
  RunInContext(context, Deadline(), nullptr, outcome,
               [&](const Frame& frame) { frame.state->modules.Remove(frame.isolate, id); });
}

v8::MaybeLocal<v8::Module> FollowRequest(v8::Local<v8::Context> context, v8::Local<v8::String> specifier,
                                         v8::Local<v8::FixedArray> attributes, v8::Local<v8::Module> referrer) {
  v8::Isolate* const isolate = context->GetIsolate();
  ContextState* const state = StateOf(context);
  ModuleRecord* const from = state == nullptr ? nullptr : state->modules.Find(isolate, referrer);
  if (from != nullptr) {
    const auto target = from->targets.find(RequestKey(context, isolate, specifier, attributes));
    ModuleRecord* const to = target == from->targets.end() ? nullptr : state->modules.Find(target->second);
    if (to != nullptr) return to->module.Get(isolate);
  }
  const v8::Local<v8::String> sentence =
      v8::String::Concat(isolate, Literal(isolate, "nobody linked the import of "), specifier);
  isolate->ThrowException(v8::Exception::Error(sentence));
  return {};
}

void FillImportMeta(v8::Local<v8::Context> context, v8::Local<v8::Module> module, v8::Local<v8::Object> meta) {
  v8::Isolate* const isolate = context->GetIsolate();
  ContextState* const state = StateOf(context);
  ModuleRecord* const record = state == nullptr ? nullptr : state->modules.Find(isolate, module);
  if (record == nullptr || record->meta.IsEmpty()) return;
  const v8::Local<v8::Object> given = record->meta.Get(isolate).As<v8::Object>();
  v8::Local<v8::Array> names;
  if (!given->GetOwnPropertyNames(context).ToLocal(&names)) return;
  for (uint32_t i = 0; i < names->Length(); ++i) {
    v8::Local<v8::Value> name;
    v8::Local<v8::Value> value;
    v8::Local<v8::String> key;
    if (!names->Get(context, i).ToLocal(&name) || !name->ToString(context).ToLocal(&key) ||
        !given->Get(context, name).ToLocal(&value) || meta->CreateDataProperty(context, key, value).IsNothing()) {
      return;
    }
  }
}

}  // namespace pvb
