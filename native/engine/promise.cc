#include "engine/promise.h"

#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "engine/exception.h"
#include "engine/host_hooks.h"

namespace pvb {
namespace {

// Writes how a watched promise has ended.
void WriteEnd(const Frame& frame, const ResultOptions& options, uint64_t promise, bool fulfilled,
              v8::Local<v8::Value> value) {
  if (fulfilled) {
    WriteResult(frame, value, options, nullptr);
    return;
  }
  DescribeRejection(frame, value);
  // The embedder's exception may hold on to whoever asked, and so to the promise, which holds on to the exception: a
  // cycle that neither collector sees. The promise has told all it can tell.
  if (frame.outcome->exception != 0) frame.state->handles.Weaken(promise);
}

// What one end of a watched promise calls.
void Settle(const v8::FunctionCallbackInfo<v8::Value>& info, bool fulfilled) {
  v8::Isolate* const isolate = info.GetIsolate();
  Isolate* const self = Isolate::From(isolate);
  v8::Local<v8::Value> number;
  if (!info.Data().As<v8::Array>()->Get(isolate->GetCurrentContext(), 0).ToLocal(&number)) return;
  const uint64_t id = number.As<v8::BigInt>()->Uint64Value();
  const HostReferences::Entry* const watch = self->host_references()->Find(id);
  const pvb::Entry* const entry = self->innermost();
  if (watch == nullptr || entry == nullptr || HostHooks::Get().settle == nullptr) return;
  // Where V8 forgets what is due, it comes through here once before it notices.
  if (entry->stopping()) return;
  ContextState* const state = self->FindContext(watch->context);
  if (state == nullptr) return;
  const HostReference reference = watch->reference;
  const ResultOptions options = watch->result;
  Outcome outcome;
  const Frame frame{*entry, isolate, isolate->GetCurrentContext(), state, &outcome};
  WriteEnd(frame, options, watch->promise, fulfilled, info[0]);
  TranscodeOutcome(nullptr, &outcome);
  if (entry->stopping()) {  // then nothing is complete, and TellUntold tries again
    if (outcome.handle != 0) state->handles.Release(outcome.handle);
    return;
  }
  self->host_references()->Forget(id);
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
        // The promise too: while a reaction is due, nothing else may hold it, and the watch lives as long as it does.
        v8::Local<v8::Value> parts[] = {v8::BigInt::NewFromUnsigned(frame.isolate, request.id), value};
        const v8::Local<v8::Array> data = v8::Array::New(frame.isolate, parts, std::size(parts));
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
        references->Attach(frame.isolate, watch, value.As<v8::Object>());
        RunMicrotasks(frame);
      },
      request.token);
}

void RunTasks(const Context& context, const TimeLimits& time, uint64_t token, Outcome* outcome) {
  const Deadline deadline = context.isolate()->DeadlineFor(time);
  RunInContext(context, deadline, nullptr, outcome, [](const Frame& frame) { RunMicrotasks(frame); }, token);
}

void TellUntold(Isolate* isolate) {
  HostReferences* const references = isolate->host_references();
  // Reading a value may run getters, and this is the time of a call that has nothing to do with them.
  constexpr Nanoseconds kLongest = 50'000'000;
  // A call around this one tells.
  while (references->any_untold() && !isolate->EnteredHere()) {
    Deadline brief;
    brief.wall_at = Later(Now(), kLongest);
    Outcome outcome;
    HostReference reference;
    {
      std::optional<Entry> entry(std::in_place, isolate, Entry::Purpose::kRun, &outcome, brief);
      const bool runs = entry->entered();
      if (!runs) {
        // Another thread's call will tell, or nobody has to any more; but an isolate that is overfull would stay so.
        if (outcome.status != PVB_ERR_MEMORY_LIMIT) return;
        Outcome ignored;
        entry.emplace(isolate, Entry::Purpose::kMaintain, &ignored, brief);
        if (!entry->entered()) return;
      }
      const HostReferences::Entry* const watch = references->NextUntold();
      if (watch == nullptr) return;
      reference = watch->reference;
      const uint64_t home = watch->context;
      ContextState* const state = isolate->FindContext(home);
      if (state == nullptr) {
        references->Release(reference);
        continue;
      }
      const ResultOptions options = watch->result;
      const uint64_t handle = watch->promise;
      const v8::Local<v8::Promise> promise = watch->object.Get(entry->v8_isolate()).As<v8::Promise>();
      references->Forget(reference.id);
      if (runs) {
        const v8::Local<v8::Context> context = state->context.Get(entry->v8_isolate());
        const v8::Context::Scope scope(context);
        const Frame frame{*entry, entry->v8_isolate(), context, state, &outcome};
        WriteEnd(frame, options, handle, promise->State() == v8::Promise::kFulfilled, promise->Result());
        RunMicrotasks(frame);
        const uint64_t written = outcome.handle;
        FinishRun(&*entry, &outcome);
        if (written != 0 && outcome.handle == 0) isolate->QueueHandleRelease(home, written);
      }
    }
    TranscodeOutcome(nullptr, &outcome);
    if (HostHooks::Get().settle != nullptr) HostHooks::Run(HostHooks::Get().settle, reference, std::move(outcome));
  }
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
