#include "engine/promise.h"

#include <utility>
#include <vector>

#include "engine/exception.h"
#include "engine/host_hooks.h"

namespace pvb {
namespace {

// What one end of a watched promise calls.
void Settle(const v8::FunctionCallbackInfo<v8::Value>& info, bool fulfilled) {
  v8::Isolate* const isolate = info.GetIsolate();
  Isolate* const self = Isolate::From(isolate);
  const HostReferences::Entry* const watch = self->host_references()->Find(info.Data().As<v8::BigInt>()->Uint64Value());
  const pvb::Entry* const entry = self->innermost();
  if (watch == nullptr || entry == nullptr || HostHooks::Get().settle == nullptr) return;
  ContextState* const state = self->FindContext(watch->context);
  if (state == nullptr) return;
  const HostReference reference = watch->reference;
  const ResultOptions options = watch->result;
  const uint64_t promise = watch->promise;
  Outcome outcome;
  const Frame frame{*entry, isolate, isolate->GetCurrentContext(), state, &outcome};
  if (fulfilled) {
    WriteResult(frame, info[0], options, nullptr);
    TranscodeOutcome(nullptr, &outcome);
  } else {
    DescribeRejection(frame, info[0]);
    // The embedder's exception may hold on to whoever asked, and so to the promise, which holds on to the exception: a
    // cycle that neither collector sees. The promise has told all it can tell.
    if (outcome.exception != 0) state->handles.Weaken(promise);
  }
  if (entry->stopping()) return;  // then nothing is complete
  HostHooks::Run(HostHooks::Get().settle, reference, std::move(outcome));
}

void OnFulfilled(const v8::FunctionCallbackInfo<v8::Value>& info) { Settle(info, true); }
void OnRejected(const v8::FunctionCallbackInfo<v8::Value>& info) { Settle(info, false); }

// Forgets those with a handler once they are most, so that each costs a few looks and what is noted stays in proportion
// to what nobody handles. The one that V8 is just telling of has none yet.
void NoteHandled(v8::Isolate* isolate, Rejections* rejections) {
  constexpr size_t kFew = 16;
  if (++rejections->handled < kFew || rejections->handled <= rejections->noted.size() / 2) return;
  std::erase_if(rejections->noted, [&](const Rejection& rejection) {
    const v8::HandleScope handles(isolate);
    return rejection.promise.Get(isolate)->HasHandler();
  });
  rejections->handled = 0;
}

void OnReject(v8::PromiseRejectMessage message) {
  const v8::Local<v8::Promise> promise = message.GetPromise();
  v8::Isolate* const isolate = v8::Isolate::GetCurrent();
  auto& rejections = *Isolate::From(isolate)->rejections();
  switch (message.GetEvent()) {
    case v8::kPromiseRejectWithNoHandler:
      rejections.noted.push_back(
          {v8::Global<v8::Promise>(isolate, promise), ContextIdOf(isolate->GetCurrentContext())});
      return;
    case v8::kPromiseHandlerAddedAfterReject:
      NoteHandled(isolate, &rejections);
      return;
    case v8::kPromiseRejectAfterResolved:
    case v8::kPromiseResolveAfterResolved:
      return;
  }
}

}  // namespace

void WatchPromise(const Context& context, const WatchRequest& request, Outcome* outcome) {
  const Deadline deadline = context.isolate()->DeadlineFor(request.time);
  RunInContext(
      context, deadline, nullptr, outcome,
      [&](const Frame& frame) {
        HostReferences* const references = Isolate::From(frame.isolate)->host_references();
        const HostReference reference{context.owner(), request.id};
        const v8::Local<v8::Value> value = frame.state->handles.Find(frame.isolate, request.promise);
        if (value.IsEmpty() || !value->IsPromise()) {
          references->Release(reference);
          return frame.outcome->Fail(PVB_ERR_NOT_FOUND, "the handle is no promise of this context, or was released");
        }
        const v8::TryCatch caught(frame.isolate);
        const v8::Local<v8::Value> data = v8::BigInt::NewFromUnsigned(frame.isolate, request.id);
        const auto throws = v8::ConstructorBehavior::kThrow;
        v8::Local<v8::Function> fulfilled;
        v8::Local<v8::Function> rejected;
        v8::Local<v8::Promise> derived;
        HostReferences::Entry* const watch = references->Add(reference);
        watch->context = context.id();
        watch->result = request.result;
        watch->promise = request.promise;
        if (!v8::Function::New(frame.context, &OnFulfilled, data, 1, throws).ToLocal(&fulfilled) ||
            !v8::Function::New(frame.context, &OnRejected, data, 1, throws).ToLocal(&rejected) ||
            !value.As<v8::Promise>()->Then(frame.context, fulfilled, rejected).ToLocal(&derived)) {
          references->Release(reference);
          return DescribeException(frame, caught, PVB_ERR_ENGINE);
        }
        references->Attach(frame.isolate, watch, fulfilled);
        RunMicrotasks(frame);
      },
      request.token);
}

void RunTasks(const Context& context, const TimeLimits& time, uint64_t token, Outcome* outcome) {
  const Deadline deadline = context.isolate()->DeadlineFor(time);
  RunInContext(context, deadline, nullptr, outcome, [](const Frame& frame) { RunMicrotasks(frame); }, token);
}

void NoteRejections(v8::Isolate* isolate) { isolate->SetPromiseRejectCallback(&OnReject); }

void ReportRejections(const Frame& frame) {
  Isolate* const self = Isolate::From(frame.isolate);
  // Whoever hears of one may run JavaScript, which may leave more; those are for the next call's end.
  Rejections rejections = std::exchange(*self->rejections(), {});
  if (HostHooks::Get().reject == nullptr) return;
  for (Rejection& rejection : rejections.noted) {
    if (frame.entry.stopping()) return;
    ContextState* const state = self->FindContext(rejection.context);
    const v8::Local<v8::Promise> promise = rejection.promise.Get(frame.isolate);
    // Handled since, by the script or because it was handed out.
    if (state == nullptr || promise->HasHandler()) continue;
    const v8::Local<v8::Context> context = state->context.Get(frame.isolate);
    const v8::Context::Scope scope(context);
    Outcome outcome;
    DescribeRejection(Frame{frame.entry, frame.isolate, context, state, &outcome}, promise->Result());
    HostHooks::Run(HostHooks::Get().reject, state->owner, std::move(outcome));
  }
}

}  // namespace pvb
