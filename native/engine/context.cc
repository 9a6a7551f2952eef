#include "engine/context.h"

#include <atomic>
#include <utility>

#include "engine/import.h"
#include "engine/outgoing_buffers.h"
#include "engine/platform.h"
#include "engine/shape_codec.h"
#include "transcode/outgoing_views.h"
#include "transcode/wire_to_msgpack.h"

namespace pvb {
namespace {

// Of those that V8 keeps for its embedder in a context.
constexpr int kIdSlot = 1;

}  // namespace

ContextState::ContextState() = default;
ContextState::~ContextState() = default;

std::shared_ptr<Context> Context::Create(std::shared_ptr<Isolate> isolate, const Settings& settings, Outcome* outcome) {
  static std::atomic<uint64_t> next{1};
  Isolate* const inside = isolate.get();
  std::shared_ptr<Context> self(
      new Context(std::move(isolate), next.fetch_add(1, std::memory_order_relaxed), settings));
  const Entry entry(inside, Entry::Purpose::kMaintain, outcome);
  if (!entry.entered()) return nullptr;
  // There is no call that could be stopped when V8 makes one and finds that memory is up.
  constexpr uint64_t kAbout = uint64_t{1} << 20;
  const MemoryAccount& account = *entry.account();
  if (!account.Fits(kAbout)) entry.v8_isolate()->LowMemoryNotification();
  if (!account.Fits(kAbout)) {
    outcome->Fail(PVB_ERR_MEMORY_LIMIT, "the isolate's memory limit leaves no room for another context");
    return nullptr;
  }
  const v8::Local<v8::Context> context = v8::Context::New(entry.v8_isolate());
  if (context.IsEmpty()) {
    outcome->Fail(PVB_ERR_ENGINE, "V8 could not make a context");
    return nullptr;
  }
  ContextState* const state = entry.AddContext(self->id_);
  state->context.Reset(entry.v8_isolate(), context);
  state->owner = settings.owner;
  state->imports.set_importer(settings.importer);
  // A number and no pointer: V8's context may outlive ours.
  context->SetEmbedderData(kIdSlot, v8::Number::New(entry.v8_isolate(), static_cast<double>(self->id_)));
  state->codec = settings.codec;
  return self;
}

uint64_t ContextIdOf(v8::Local<v8::Context> context) {
  if (context->GetNumberOfEmbedderDataFields() <= static_cast<uint32_t>(kIdSlot)) return 0;
  const v8::Local<v8::Value> id = context->GetEmbedderData(kIdSlot);
  return id->IsNumber() ? static_cast<uint64_t>(id.As<v8::Number>()->Value()) : 0;
}

void ForgetContextId(v8::Local<v8::Context> context) {
  context->SetEmbedderData(kIdSlot, v8::Undefined(context->GetIsolate()));
}

ContextState* StateOf(v8::Local<v8::Context> context) {
  return Isolate::From(context->GetIsolate())->FindContext(ContextIdOf(context));
}

Context::~Context() {
  isolate_->QueueContextRemoval(id_);
  isolate_->TryDrain();
}

void Context::Close(Outcome* outcome) {
  if (isolate_->closed()) return;
  const Entry entry(isolate_.get(), Entry::Purpose::kMaintain, outcome);
  if (!entry.entered()) {
    // The isolate was closed meanwhile, and its contexts with it.
    if (outcome->status == PVB_ERR_CLOSED) *outcome = Outcome();
    return;
  }
  if (!entry.outermost()) {
    outcome->Fail(PVB_ERR_USAGE, "a context cannot be closed from inside a call on its isolate");
    return;
  }
  entry.RemoveContext(id_);
}

void FinishRun(Entry* entry, Outcome* outcome) {
  // Also when a value came back: a stop that hit after JavaScript ended still hit this call.
  switch (entry->Finish()) {
    case StopReason::kNone:
      return;
    case StopReason::kCancel:
      return outcome->Fail(PVB_ERR_TERMINATED, "JavaScript was terminated");
    case StopReason::kClose:
      return outcome->Fail(PVB_ERR_TERMINATED, "JavaScript was terminated because its isolate is being closed");
    case StopReason::kTimeout:
      return outcome->Fail(PVB_ERR_TIMEOUT, "JavaScript was stopped: the call's timeout is over");
    case StopReason::kCpuTimeout:
      return outcome->Fail(PVB_ERR_TIMEOUT, "JavaScript was stopped: the call has used up its CPU time");
    case StopReason::kMemory:
      return outcome->Fail(PVB_ERR_MEMORY_LIMIT, "JavaScript was stopped: the isolate's memory limit was reached");
    case StopReason::kHost:
      return outcome->Fail(PVB_ERR_INTERRUPTED, "a host function stopped JavaScript");
    case StopReason::kPoll:
      return outcome->Fail(PVB_ERR_INTERRUPTED, "the poll hook stopped JavaScript");
  }
}

void TranscodeOutcome(uint64_t* timing, Outcome* outcome) {
  if (!outcome->message_is_wire) return;
  const Stopwatch watch(timing);
  ByteBuffer wire = std::move(outcome->message);
  outcome->message = ByteBuffer();
  outcome->message_is_wire = false;
  std::vector<AttachedPart> parts;
  OutgoingViews views({});
  ToMessageOptions options;
  options.unique_keys = true;
  options.hook = &views;
  options.attachments = &parts;
  options.attach_from = outcome->attach_from;
  // The message takes about as much. To grow up to it would take more than twice of that at its end.
  constexpr size_t kLarge = size_t{64} << 10;
  if (wire.size() >= kLarge) outcome->message.reserve(wire.size() + wire.size() / 8);
  Fault fault;
  // What V8 wrote is well-formed, so a refusal is a limit, or one of the streams that V8 writes and cannot read itself
  // (a getter that resizes a buffer which is already written).
  if (!WireToMsgpack(wire.span(), options, &outcome->message, &fault)) {
    outcome->Fail(std::move(fault), PVB_ERR_CLONE);
    return;
  }
  outcome->attachments = AttachmentsOfWire(parts, std::move(wire));
}

namespace {

// Tasks of V8's own, which others of its threads post to this one: the end of a compilation or collection, and the
// callbacks of FinalizationRegistry. Those are of any script that ran in the isolate, and whose call this is cannot help
// it: one that takes long is stopped alone, with the microtasks it leaves. False: there is none.
bool RunTask(const Frame& frame) {
  Isolate* const isolate = Isolate::From(frame.isolate);
  if (!isolate->collected()) return v8::platform::PumpMessageLoop(StartV8(), frame.isolate);
  constexpr Nanoseconds kLongest = 50'000'000;
  Outcome ignored;
  Deadline brief;
  brief.wall_at = Later(Now(), kLongest);
  const Entry within(isolate, Entry::Purpose::kRun, &ignored, brief);
  if (!within.entered()) return false;
  const bool any = v8::platform::PumpMessageLoop(StartV8(), frame.isolate);
  if (any) {
    frame.isolate->PerformMicrotaskCheckpoint();
  } else {
    isolate->NoteTasksDone();
  }
  return any;
}

}  // namespace

void RunMicrotasks(const Frame& frame) {
  if (!frame.entry.outermost() || frame.entry.stopping()) return;
  const v8::TryCatch ignored(frame.isolate);
  do {
    frame.isolate->PerformMicrotaskCheckpoint();
    // They run JavaScript, and so may leave microtasks. Some take up again where they stopped, until a large heap is
    // marked, say: what is left after a moment is for the calls to come.
    constexpr Nanoseconds kMoment = 1'000'000;
    Nanoseconds end = kNever;
    while (!frame.entry.stopping() && RunTask(frame)) {
      frame.isolate->PerformMicrotaskCheckpoint();
      const Nanoseconds now = Now();
      if (end == kNever) end = Later(now, kMoment);
      if (now >= end) break;
    }
  } while (ServeImports(frame));
}

}  // namespace pvb
