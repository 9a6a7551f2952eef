#include "engine/host_function.h"

#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/deferred.h"
#include "engine/exception.h"
#include "engine/host_call.h"
#include "engine/host_error.h"
#include "engine/host_hooks.h"
#include "engine/our_function.h"
#include "engine/platform.h"
#include "engine/result.h"
#include "engine/serializer.h"
#include "engine/text.h"
#include "msgpack/message_writer.h"

namespace pvb {
namespace {

using Values = std::vector<v8::Local<v8::Value>>;

// Binary arguments of this size lie beside the message.
constexpr uint64_t kAttachFrom = uint64_t{1} << 16;

// Kinds that are known at a glance never to be data.
bool IsNoData(v8::Local<v8::Value> value) {
  return value->IsFunction() || value->IsSymbol() || value->IsPromise() || value->IsProxy();
}

// Moves what is no data into the call's handles, and leaves null in its place.
void TakeHandle(const Frame& frame, uint32_t index, HostCall* call, v8::Local<v8::Value>* value) {
  const uint64_t id = frame.state->handles.Add(frame.isolate, *value);
  call->handles.push_back({index, static_cast<char>(KindOfHandle(*value)), id});
  *value = v8::Null(frame.isolate);
}

bool WritePrimitives(const Frame& frame, const Values& values, ByteBuffer* message) {
  MessageWriter(message).WriteArrayHeader(static_cast<uint32_t>(values.size()));
  for (const v8::Local<v8::Value>& value : values) {
    if (MayWrite(frame, value, message->size()) && WritePrimitive(frame.isolate, value, message)) continue;
    *message = ByteBuffer();
    return false;
  }
  return true;
}

// The arguments as a message, in the frame's outcome. False: that says why not, or a getter threw and its exception is
// pending.
bool WriteArguments(const Frame& frame, const HostFunctionSettings& settings, HostCall* call, Values* values) {
  Outcome* const outcome = frame.outcome;
  if (values->empty()) return true;
  for (uint32_t i = 0; i < values->size(); ++i) {
    v8::Local<v8::Value>& value = (*values)[i];
    if (IsNoData(value) || (settings.handles && value->IsObject())) TakeHandle(frame, i, call, &value);
  }
  if (WritePrimitives(frame, *values, &outcome->message)) return true;
  if (frame.entry.stopping()) return false;
  for (bool again = false;; again = true) {
    ResultOptions options;
    options.attach_from = kAttachFrom;
    options.rethrow = true;
    WriteResult(frame, v8::Array::New(frame.isolate, values->data(), values->size()), options, nullptr);
    if (outcome->status == PVB_OK) {
      TranscodeOutcome(nullptr, outcome);
      return outcome->status == PVB_OK;
    }
    if (outcome->status != PVB_ERR_CLONE || again || frame.entry.stopping()) return false;
    // One of them may be of a kind that is no data: a WeakMap, a generator. V8 refuses such before it looks into it.
    bool found = false;
    for (uint32_t i = 0; i < values->size(); ++i) {
      v8::Local<v8::Value>& value = (*values)[i];
      if (!value->IsObject() || IsDetached(value) || !IsUncloneable(frame.context, value)) continue;
      TakeHandle(frame, i, call, &value);
      found = true;
    }
    if (!found) return false;
    *outcome = Outcome();
  }
}

void ReleaseHandles(const Frame& frame, const HostCall& call) {
  for (const ArgumentHandle& handle : call.handles) frame.state->handles.Release(handle.handle);
}

// The embedder's part. Does not return in a thread, or a process, that has nothing to return to.
void AskHost(HostCall* call, Outcome arguments) {
  // Whoever waits for JavaScript to end before the process exits need not wait for this.
  LeaveProcess();
  ++HostCall::depth();
  HostHooks::Run(HostHooks::Get().call, call, std::move(arguments));
  --HostCall::depth();
  if (ForkedAfterStart()) {
    constexpr char kSentence[] =
        "pyv8bridge: a child process was forked in a function that JavaScript had called, and returned to JavaScript, "
        "which the child does not have\n";
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kSentence, sizeof(kSentence) - 1);
    _exit(EXIT_FAILURE);
  }
  EnterProcess();
  ParkAfterShutDown();
}

void Answer(const Frame& frame, HostCall* call, v8::ReturnValue<v8::Value> answer) {
  Outcome* const outcome = frame.outcome;
  Values values;
  switch (call->reply()) {
    case HostCall::Reply::kNothing:
    case HostCall::Reply::kStop:
      return;
    case HostCall::Reply::kPromise:
      if (v8::Local<v8::Promise> promise; MakeDeferred(frame, call->deferred()).ToLocal(&promise)) answer.Set(promise);
      return;
    case HostCall::Reply::kValue:
      if (call->message()->Read(frame, nullptr, &values)) {
        if (!values.empty()) answer.Set(values.front());
      } else if (!frame.entry.stopping()) {
        ThrowNamedError(frame, "EncodeError", outcome->text);
      }
      return;
    case HostCall::Reply::kThrow: {
      const HostReference exception{call->function().owner, call->exception().id};
      if (!call->message()->Read(frame, nullptr, &values)) {
        if (frame.entry.stopping()) return;
        values.clear();
      }
      const v8::Local<v8::Value> error = MakeHostError(frame, exception, call->exception(), values);
      if (!frame.entry.stopping()) frame.isolate->ThrowException(error);
      return;
    }
  }
}

void CallHost(const v8::FunctionCallbackInfo<v8::Value>& info, const Frame& frame,
              const HostReferences::Entry& function) {
  HostCall call(&frame, function.reference);
  const HostFunctionSettings settings = function.settings;
  Values values;
  if (settings.pass_this) values.push_back(info.This());
  const int count = static_cast<int>(
      std::min<int64_t>(static_cast<int64_t>(info.Length()), static_cast<int64_t>(settings.max_arguments)));
  values.reserve(values.size() + static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) values.push_back(info[i]);
  if (!WriteArguments(frame, settings, &call, &values)) {
    ReleaseHandles(frame, call);
    if (frame.entry.stopping()) return;
    if (frame.outcome->status == PVB_ERR_JS) return;  // thrown by a getter, and pending
    const std::string where = frame.outcome->path.empty() ? "" : "at " + frame.outcome->path + " of the arguments: ";
    return ThrowNamedError(frame, "DataCloneError", where + frame.outcome->text);
  }
  AskHost(&call, std::move(*frame.outcome));
  *frame.outcome = Outcome();
  if (call.reply() == HostCall::Reply::kStop) frame.entry.Stop(StopReason::kHost);
  if (!frame.entry.stopping()) Answer(frame, &call, info.GetReturnValue());
  // Only now: what the answer names may be queued already.
  Isolate::From(frame.isolate)->ReleaseHandles();
  if (frame.entry.stopping() && call.reply() == HostCall::Reply::kThrow) {
    Isolate::From(frame.isolate)->host_references()->Release({call.function().owner, call.exception().id});
  }
}

// The ways to a call, and those that lead to an Error.
void FindHost(const v8::FunctionCallbackInfo<v8::Value>& info, const Entry& entry, Outcome* outcome) {
  v8::Isolate* const isolate = info.GetIsolate();
  Isolate* const self = Isolate::From(isolate);
  const HostReferences::Entry* const function =
      self->host_references()->Find(info.Data().As<v8::BigInt>()->Uint64Value());
  Frame frame{entry, isolate, isolate->GetCurrentContext(), nullptr, outcome};
  if (function == nullptr || function->removed)
    return ThrowNamedError(frame, "Error", "this host function was removed");
  frame.state = self->FindContext(function->context);
  if (frame.state == nullptr) return ThrowNamedError(frame, "Error", "the context of this host function is closed");
  if (HostHooks::Get().call == nullptr) return ThrowNamedError(frame, "Error", "there is no host to call");
  CallHost(info, frame, *function);
}

// What V8 calls.
void OnCall(const v8::FunctionCallbackInfo<v8::Value>& info) {
  RunOurFunction(info.GetIsolate(), [&](const Entry& entry) {
    Outcome outcome;
    FindHost(info, entry, &outcome);
  });
}

}  // namespace

void CreateHostFunction(const Context& context, uint64_t id, std::string_view name,
                        const HostFunctionSettings& settings, Outcome* outcome) {
  const HostReference reference{context.owner(), id};
  RunInContext(context, {}, nullptr, outcome, [&](const Frame& frame) {
    HostReferences* const references = Isolate::From(frame.isolate)->host_references();
    const v8::TryCatch caught(frame.isolate);
    v8::Local<v8::Function> function;
    if (!v8::Function::New(frame.context, &OnCall, v8::BigInt::NewFromUnsigned(frame.isolate, reference.id), 0,
                           v8::ConstructorBehavior::kThrow)
             .ToLocal(&function)) {
      references->Release(reference);
      return DescribeException(frame, caught, PVB_ERR_ENGINE);
    }
    if (v8::Local<v8::String> text; ToV8String(frame.isolate, name).ToLocal(&text)) function->SetName(text);
    HostReferences::Entry* const entry = references->Add(reference);
    entry->context = context.id();
    entry->settings = settings;
    references->Attach(frame.isolate, entry, function);
    WriteHandle(frame, function);
  });
}

void FindHostFunction(const Context& context, uint64_t id, Outcome* outcome) {
  RunInContext(context, {}, nullptr, outcome, [&](const Frame& frame) {
    const HostReferences::Entry* const entry = Isolate::From(frame.isolate)->host_references()->Find(id);
    if (entry == nullptr || entry->removed) {
      return frame.outcome->Fail(PVB_ERR_NOT_FOUND, "the host function is gone");
    }
    WriteHandle(frame, entry->object.Get(frame.isolate));
  });
}

void RemoveHostFunction(const Context& context, uint64_t id, Outcome* outcome) {
  const Entry entry(context.isolate(), Entry::Purpose::kMaintain, outcome);
  if (!entry.entered()) return;
  HostReferences* const references = context.isolate()->host_references();
  HostReferences::Entry* const function = references->Find(id);
  if (function != nullptr) function->removed = true;
}

}  // namespace pvb
