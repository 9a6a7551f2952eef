#include "engine/import.h"

#include <string>
#include <utility>
#include <vector>

#include "engine/exception.h"
#include "engine/host_error.h"
#include "engine/import_hook.h"
#include "engine/isolate.h"
#include "engine/module.h"
#include "engine/result.h"
#include "engine/text.h"
#include "msgpack/message_writer.h"

namespace pvb {
namespace {

// Without the specifier where that is as long as a string can be: V8 has nothing to give for more.
v8::Local<v8::String> About(v8::Isolate* isolate, const char* sentence, v8::Local<v8::String> specifier) {
  const v8::Local<v8::String> start = v8::String::Concat(isolate, Literal(isolate, sentence), Literal(isolate, ": "));
  if (start->Length() + specifier->Length() > v8::String::kMaxLength) return Literal(isolate, sentence);
  return v8::String::Concat(isolate, start, specifier);
}

// False: an exception is pending, or the call was stopped.
bool MakeImport(v8::Local<v8::Context> context, v8::Local<v8::String> specifier, v8::Local<v8::Value> referrer,
                v8::Local<v8::Array> attributes, PendingImport* import, v8::Local<v8::Promise>* promise) {
  v8::Isolate* const isolate = context->GetIsolate();
  v8::Local<v8::Promise::Resolver> resolver;
  if (!v8::Promise::Resolver::New(context).ToLocal(&resolver)) return false;
  *promise = resolver->GetPromise();
  import->resolver.Reset(isolate, resolver);
  import->specifier.Reset(isolate, specifier);
  import->referrer.Reset(isolate, referrer);
  import->attributes.Reset(isolate, attributes);
  return true;
}

// Fails only when the call is being stopped, and then nobody waits for the promise.
void Reject(v8::Local<v8::Context> context, v8::Local<v8::Promise::Resolver> resolver, v8::Local<v8::Value> reason) {
  static_cast<void>(resolver->Reject(context, reason).FromMaybe(false));
}

void ReturnData(const v8::FunctionCallbackInfo<v8::Value>& info) { info.GetReturnValue().Set(info.Data()); }

// Resolves with the module's namespace as soon as `evaluation` is fulfilled; its rejection goes through.
bool ResolveAfter(const Frame& frame, v8::Local<v8::Promise> evaluation, v8::Local<v8::Value> name_space,
                  v8::Local<v8::Promise::Resolver> resolver) {
  v8::Local<v8::Function> give;
  v8::Local<v8::Promise> done;
  return v8::Function::New(frame.context, &ReturnData, name_space, 0, v8::ConstructorBehavior::kThrow).ToLocal(&give) &&
         evaluation->Then(frame.context, give).ToLocal(&done) &&
         resolver->Resolve(frame.context, done).FromMaybe(false);
}

// A host function that a module calls while it runs imports that very module: to evaluate it then ends the process, in V8.
// (Another one that imports it is a cycle like any other.) import() comes here when no script runs.
bool IsBusy(v8::Local<v8::Module> module) {
  const v8::Module::Status status = module->GetStatus();
  return status == v8::Module::kInstantiating || status == v8::Module::kEvaluating;
}

v8::Local<v8::Value> BusyError(v8::Isolate* isolate, v8::Local<v8::String> specifier) {
  return v8::Exception::Error(
      About(isolate, "the module is being evaluated, and no host function can import it until that ends", specifier));
}

v8::Local<v8::Value> StoppedError(v8::Isolate* isolate) {
  return v8::Exception::Error(Literal(
      isolate, "a call was stopped while it evaluated the module, or one that it imports, so that it has no exports"));
}

// The outcome tells of failures, the promise as well.
void InstantiateAndEvaluate(const Frame& frame, PendingImport* import, v8::Local<v8::Module> module) {
  const v8::Local<v8::Promise::Resolver> resolver = import->resolver.Get(frame.isolate);
  const bool by_embedder = import->by_embedder;
  const v8::TryCatch caught(frame.isolate);
  const auto reject = [&](v8::Local<v8::Value> reason) {
    if (!frame.entry.stopping()) Reject(frame.context, resolver, reason);
  };
  if (IsBusy(module)) {
    const v8::Local<v8::Value> reason = BusyError(frame.isolate, import->specifier.Get(frame.isolate));
    DescribeRejection(frame, reason);
    return reject(reason);
  }
  if (module->InstantiateModule(frame.context, &FollowRequest).IsNothing()) {
    const v8::Local<v8::Value> reason = caught.Exception();
    DescribeException(frame, caught, PVB_ERR_SYNTAX);
    return reject(reason);
  }
  if (module->GetStatus() == v8::Module::kInstantiated && module->IsSourceTextModule() && module->IsGraphAsync()) {
    Isolate::From(frame.isolate)->ExpectAwaits();
  }
  v8::Local<v8::Value> evaluation;
  if (!module->Evaluate(frame.context).ToLocal(&evaluation) || frame.entry.stopping()) {
    const v8::Local<v8::Value> reason = caught.Exception();
    DescribeException(frame, caught, PVB_ERR_JS);
    return reject(reason);
  }
  const v8::Local<v8::Promise> promise = evaluation.As<v8::Promise>();
  // V8 10.2 leaves the promise of a module that was stopped pending for ever, or rejects it with what is no value of JavaScript's.
  const bool stopped = WasStopped(frame.isolate, module);
  if (stopped || promise->State() == v8::Promise::kRejected) {
    promise->MarkAsHandled();
    const v8::Local<v8::Value> reason = stopped ? StoppedError(frame.isolate) : promise->Result();
    DescribeRejection(frame, reason);
    return reject(reason);
  }
  // A namespace with an export `then` is a thenable, which is for import() to follow and not for the embedder.
  const v8::Local<v8::Value> given =
      by_embedder ? v8::Undefined(frame.isolate).As<v8::Value>() : module->GetModuleNamespace();
  // Inside of another call microtasks have to wait for its end, and an import that is done should not.
  const bool resolved = promise->State() == v8::Promise::kFulfilled
                            ? resolver->Resolve(frame.context, given).FromMaybe(false)
                            : ResolveAfter(frame, promise, given, resolver);
  if (!resolved) DescribeException(frame, caught, PVB_ERR_JS);
}

// What has become of the embedder's own import.
void Conclude(const Frame& frame, uint64_t id, v8::Local<v8::Promise> promise, uint64_t* pending) {
  const PendingImport* const import = frame.state->imports.Find(id);
  const uint64_t module = import == nullptr ? 0 : import->module;
  ModuleRecord* const record = frame.state->modules.Find(module);
  if (promise->State() == v8::Promise::kRejected) return DescribeRejection(frame, promise->Result());
  if (promise->State() == v8::Promise::kPending) {
    if (module == 0) return frame.outcome->Fail(PVB_ERR_USAGE, "nobody settled the import");
    if (pending == nullptr) {
      return frame.outcome->Fail(PVB_ERR_USAGE,
                                 "the module, or one that it imports, still waits for something with await");
    }
  }
  if (record == nullptr) return frame.outcome->Fail(PVB_ERR_NOT_FOUND, "the module was removed meanwhile");
  WriteHandle(frame, record->module.Get(frame.isolate)->GetModuleNamespace());
  if (promise->State() == v8::Promise::kPending) *pending = frame.state->handles.Add(frame.isolate, promise);
}

// Runs `body(frame, import)`, which says whether the import is settled now.
template <typename Body>
void WithImport(const Context& context, uint64_t import, Outcome* outcome, Body body) {
  RunInContext(context, Deadline(), nullptr, outcome, [&](const Frame& frame) {
    PendingImport* const pending = frame.state->imports.Find(import);
    if (pending == nullptr) return outcome->Fail(PVB_ERR_NOT_FOUND, "there is no such import in this context");
    const bool by_embedder = pending->by_embedder;
    if (!body(frame, pending)) return;
    if (!by_embedder) frame.state->imports.Remove(import);
    RunMicrotasks(frame);
  });
}

}  // namespace

void Import(const Context& context, const ImportRequest& request, Outcome* outcome) {
  const Deadline deadline = context.isolate()->DeadlineFor(request.time);
  const auto body = [&](const Frame& frame) {
    ImportTable& imports = frame.state->imports;
    if (imports.importer() == 0) return outcome->Fail(PVB_ERR_USAGE, "the context has nobody who finds modules");
    const v8::TryCatch caught(frame.isolate);
    v8::Local<v8::String> text;
    if (!ToV8String(frame.isolate, request.specifier).ToLocal(&text)) {
      return outcome->Fail(PVB_ERR_ENCODE, "the specifier is longer than a JavaScript string can be");
    }
    PendingImport import;
    v8::Local<v8::Promise> promise;
    if (!MakeImport(frame.context, text, v8::Undefined(frame.isolate), v8::Array::New(frame.isolate), &import,
                    &promise)) {
      return DescribeException(frame, caught, PVB_ERR_JS);
    }
    promise->MarkAsHandled();
    import.by_embedder = true;
    const uint64_t id = imports.Add(std::move(import));
    if (ImportHook::Call(imports.importer(), id)) frame.entry.Stop(StopReason::kPoll);
    RunMicrotasks(frame);
    if (!frame.entry.stopping()) Conclude(frame, id, promise, request.promise);
    imports.Remove(id);
  };
  RunInContext(context, deadline, nullptr, outcome, body, request.token);
}

void DescribeImport(const Context& context, uint64_t import, Outcome* outcome) {
  RunInContext(context, Deadline(), nullptr, outcome, [&](const Frame& frame) {
    const PendingImport* const pending = frame.state->imports.Find(import);
    if (pending == nullptr) return outcome->Fail(PVB_ERR_NOT_FOUND, "there is no such import in this context");
    MessageWriter writer(&outcome->message);
    writer.WriteArrayHeader(4);
    writer.WriteBool(pending->by_embedder);
    WritePrimitive(frame.isolate, pending->specifier.Get(frame.isolate), &outcome->message);
    const v8::Local<v8::Value> referrer = pending->referrer.Get(frame.isolate);
    if (!referrer->IsString() || !WritePrimitive(frame.isolate, referrer, &outcome->message)) writer.WriteNil();
    const v8::Local<v8::Array> attributes = pending->attributes.Get(frame.isolate);
    writer.WriteArrayHeader(attributes->Length());
    for (uint32_t i = 0; i < attributes->Length(); ++i) {
      v8::Local<v8::Value> part;
      if (!attributes->Get(frame.context, i).ToLocal(&part) ||
          !WritePrimitive(frame.isolate, part, &outcome->message)) {
        writer.WriteNil();
      }
    }
  });
}

void SettleImport(const Context& context, uint64_t import, uint64_t module, Outcome* outcome) {
  WithImport(context, import, outcome, [&](const Frame& frame, PendingImport* pending) {
    ModuleRecord* const record = frame.state->modules.Find(module);
    if (record == nullptr) {
      outcome->Fail(PVB_ERR_NOT_FOUND, "there is no such module in this context");
      return false;
    }
    pending->module = module;
    InstantiateAndEvaluate(frame, pending, record->module.Get(frame.isolate));
    return true;
  });
}

void RejectImport(const Context& context, uint64_t import, HostCall* reply, Outcome* outcome) {
  WithImport(context, import, outcome, [&](const Frame& frame, PendingImport* pending) {
    std::vector<v8::Local<v8::Value>> details;
    if (!reply->message()->Read(frame, nullptr, &details)) return false;
    const HostReference exception{reply->function().owner, reply->exception().id};
    Reject(frame.context, pending->resolver.Get(frame.isolate),
           MakeHostError(frame, exception, reply->exception(), details));
    return true;
  });
}

bool ServeImports(const Frame& frame) {
  bool served = false;
  DueImport due{};
  while (!frame.entry.stopping() && frame.entry.NextImport(&due)) {
    served = true;
    if (ImportHook::Call(due.importer, due.import)) frame.entry.Stop(StopReason::kPoll);
  }
  return served;
}

v8::MaybeLocal<v8::Promise> QueueImport(v8::Local<v8::Context> context, v8::Local<v8::Data>,
                                        v8::Local<v8::Value> referrer, v8::Local<v8::String> specifier,
                                        v8::Local<v8::FixedArray> attributes) {
  v8::Isolate* const isolate = context->GetIsolate();
  ContextState* const state = StateOf(context);
  std::vector<v8::Local<v8::Value>> parts;
  for (int i = 0; i < attributes->Length(); ++i) parts.push_back(attributes->Get(context, i).As<v8::Value>());
  PendingImport import;
  v8::Local<v8::Promise> promise;
  if (!MakeImport(context, specifier, referrer, v8::Array::New(isolate, parts.data(), parts.size()), &import,
                  &promise)) {
    return {};
  }
  if (state == nullptr || state->imports.importer() == 0) {
    const v8::Local<v8::String> sentence = About(isolate, "this context has nobody who finds modules", specifier);
    Reject(context, import.resolver.Get(isolate), v8::Exception::TypeError(sentence));
    return promise;
  }
  const uint64_t importer = state->imports.importer();
  Isolate::From(isolate)->QueueImport({ContextIdOf(context), importer, state->imports.Add(std::move(import))});
  return promise;
}

}  // namespace pvb
