#include "engine/eval.h"

#include "engine/code_cache.h"
#include "engine/collection_clock.h"
#include "engine/exception.h"
#include "engine/text.h"

namespace pvb {
namespace {

// Empty: the outcome is filled.
v8::MaybeLocal<v8::Value> RunScript(const Frame& frame, const EvalRequest& request, v8::Local<v8::Script>* script) {
  v8::Local<v8::String> code;
  v8::Local<v8::String> filename;
  if (!ToV8String(frame.isolate, request.code).ToLocal(&code) ||
      !ToV8String(frame.isolate, request.filename).ToLocal(&filename)) {
    frame.outcome->Fail(PVB_ERR_ENCODE, "the script is longer than a JavaScript string can be");
    return {};
  }
  const v8::TryCatch caught(frame.isolate);
  CodeCacheRequest* const cache = request.code_cache;
  CacheableSource source(code, compat::MakeScriptOrigin(frame.isolate, filename, request.line_offset),
                         cache == nullptr ? std::span<const uint8_t>() : cache->data);
  v8::Local<v8::Value> value;
  const bool compiled = v8::ScriptCompiler::Compile(frame.context, source.source(), source.options()).ToLocal(script);
  if (cache != nullptr) cache->used = source.used();
  if (!compiled) {
    DescribeException(frame, caught, PVB_ERR_SYNTAX);
    return {};
  }
  if ((*script)->Run(frame.context).ToLocal(&value)) return value;
  // What is due before anybody looks at the exception, as if the script had been a task of its own.
  RunMicrotasks(frame);
  DescribeException(frame, caught, PVB_ERR_JS);
  return {};
}

}  // namespace

void Eval(const Context& context, const EvalRequest& request, pvb_timings* timings, Outcome* outcome) {
  const Deadline deadline = context.isolate()->DeadlineFor(request.time);
  RunInContext(
      context, deadline, timings ? &timings->wire_to_message : nullptr, outcome,
      [&](const Frame& frame) {
        const CollectionClock collections(frame.isolate, timings ? &timings->garbage_collection : nullptr);
        Stopwatch execution(timings ? &timings->execute : nullptr);
        v8::Local<v8::Script> script;
        v8::Local<v8::Value> value;
        if (!RunScript(frame, request, &script).ToLocal(&value)) return;
        RunMicrotasks(frame);
        execution.Stop();
        // Only now, when the functions that the script needs to start are compiled.
        if (CodeCacheRequest* const cache = request.code_cache;
            cache != nullptr && cache->wanted && !cache->used && !frame.entry.stopping()) {
          cache->made = KeepCodeCache(v8::ScriptCompiler::CreateCodeCache(script->GetUnboundScript()));
        }
        WriteResult(frame, value, request.result, timings);
      },
      request.token);
}

}  // namespace pvb
