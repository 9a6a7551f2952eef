// One context of an isolate as the outside holds it: a number, and a reference that keeps the isolate alive. And the
// frame in which everything that runs JavaScript runs.
#ifndef PVB_ENGINE_CONTEXT_H_
#define PVB_ENGINE_CONTEXT_H_

#include <chrono>
#include <cstdint>
#include <memory>

#include "engine/codec_choice.h"
#include "engine/entry.h"
#include "engine/isolate.h"
#include "engine/outcome.h"
#include "engine/platform.h"
#include "engine/v8_compat.h"

namespace pvb {

class Context {
 public:
  struct Settings {
    // What the embedder calls itself: in the hooks of host functions, and when it is asked for modules (0: it finds none).
    uint64_t owner = 0;
    uint64_t importer = 0;
    pvb_codec codec = PVB_CODEC_AUTO;
  };
  static std::shared_ptr<Context> Create(std::shared_ptr<Isolate> isolate, const Settings& settings, Outcome* outcome);

  // Only queues what V8 must do.
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  // Waits until nobody is inside. Fine to repeat.
  void Close(Outcome* outcome);
  void ReleaseHandle(uint64_t handle) const { isolate_->QueueHandleRelease(id_, handle); }

  Isolate* isolate() const { return isolate_.get(); }
  uint64_t id() const { return id_; }
  // What the embedder knows it by.
  uint64_t owner() const { return owner_; }
  pvb_codec codec() const { return codec_; }
  // For arguments, which are looked at before anybody is inside; ContextState has the one for results.
  CodecChoice& choice() const { return choice_; }

 private:
  Context(std::shared_ptr<Isolate> isolate, uint64_t id, const Settings& settings)
      : isolate_(std::move(isolate)), id_(id), owner_(settings.owner), codec_(settings.codec) {}

  std::shared_ptr<Isolate> isolate_;
  uint64_t id_;
  uint64_t owner_;
  pvb_codec codec_;
  mutable CodecChoice choice_;
};

// What the code that runs inside a context needs. `outcome` is where failures go.
struct Frame {
  const Entry& entry;
  v8::Isolate* isolate;
  v8::Local<v8::Context> context;
  ContextState* state;
  Outcome* outcome;
};

// From V8's context back to ours, for what V8 calls. The state is null, and the id 0, when the context is closed, or none
// of ours. Inside the isolate.
uint64_t ContextIdOf(v8::Local<v8::Context> context);
ContextState* StateOf(v8::Local<v8::Context> context);
void ForgetContextId(v8::Local<v8::Context> context);

// Adds the time since it was made to `*total`; does nothing for null.
class Stopwatch {
 public:
  explicit Stopwatch(uint64_t* total) : total_(total) {
    if (total_ != nullptr) start_ = std::chrono::steady_clock::now();
  }
  ~Stopwatch() { Stop(); }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

  void Stop() {
    if (total_ == nullptr) return;
    const auto passed = std::chrono::steady_clock::now() - start_;
    *total_ += static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(passed).count());
    total_ = nullptr;
  }

 private:
  uint64_t* total_;
  std::chrono::steady_clock::time_point start_;
};

// Ends a run: says that it was stopped if it was, then leaves V8, and turns wire bytes into the message.
void FinishRun(Entry* entry, Outcome* outcome);
void TranscodeOutcome(uint64_t* timing, Outcome* outcome);

// Runs the microtasks that are due, at the end of an outermost run, and serves the imports that scripts ask for. Their
// errors are rejections, which stay in JavaScript.
void RunMicrotasks(const Frame& frame);

// Tells the embedder of rejections in an outermost run that nobody handles (promise.h).
void ReportRejections(const Frame& frame);

// Tells the embedder how promises have ended that it would have been told of, had a stop not come between. Outside.
void TellUntold(Isolate* isolate);

// Enters the context and runs `body(frame)`. Then leaves, so that what is left to do, wire bytes to message, keeps
// nobody waiting.
template <typename Body>
void RunInContext(const Context& context, const Deadline& deadline, uint64_t* wire_to_message, Outcome* outcome,
                  Body body, uint64_t token = 0) {
  {
    Entry entry(context.isolate(), Entry::Purpose::kRun, outcome, deadline, token);
    if (!entry.entered()) {
      ParkAfterShutDown();  // who waited for the isolate until the process began to exit
      return;
    }
    if (ContextState* state = entry.FindContext(context.id()); state != nullptr) {
      const v8::Local<v8::Context> local = state->context.Get(entry.v8_isolate());
      const v8::Context::Scope scope(local);
      const Frame frame{entry, entry.v8_isolate(), local, state, outcome};
      body(frame);
      if (entry.outermost() && !context.isolate()->rejections()->noted.empty()) ReportRejections(frame);
    } else {
      outcome->Fail(PVB_ERR_CLOSED, "the context is closed");
    }
    const uint64_t handle = outcome->handle;
    FinishRun(&entry, outcome);
    // Of a call that was stopped after it had its result, nobody will learn of the handle.
    if (handle != 0 && outcome->handle == 0) context.ReleaseHandle(handle);
  }
  ParkAfterShutDown();
  if (context.isolate()->host_references()->any_untold()) TellUntold(context.isolate());
  TranscodeOutcome(wire_to_message, outcome);
}

}  // namespace pvb

#endif  // PVB_ENGINE_CONTEXT_H_
