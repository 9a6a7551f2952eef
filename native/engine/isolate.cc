#include "engine/isolate.h"

#include <string>
#include <utility>

#include "engine/array_buffer_allocator.h"
#include "engine/entry.h"
#include "engine/platform.h"
#include "engine/stack_limit.h"

namespace pvb {
namespace {

// Without a listener V8 prints errors that nobody catches to standard output.
void IgnoreMessage(v8::Local<v8::Message>, v8::Local<v8::Value>) {}

}  // namespace

std::shared_ptr<Isolate> Isolate::Create(Outcome* outcome) {
  if (ForkedAfterStart()) {
    outcome->Fail(PVB_ERR_FORK, "V8 was started before this process was forked and cannot be used in the child");
    return nullptr;
  }
  // Before V8 finds out by crashing.
  if (std::string problem; StackLimitHere(&problem) == 0) {
    outcome->Fail(PVB_ERR_ENGINE, std::move(problem));
    return nullptr;
  }
  StartV8();
  v8::Isolate::CreateParams parameters;
  parameters.array_buffer_allocator_shared = std::make_shared<ArrayBufferAllocator>();
  v8::Isolate* isolate = v8::Isolate::New(parameters);
  if (isolate == nullptr) {
    outcome->Fail(PVB_ERR_ENGINE, "V8 could not make an isolate");
    return nullptr;
  }
  std::shared_ptr<Isolate> self(new Isolate(isolate));
  Entry entry(self.get(), Entry::Purpose::kMaintain, outcome);
  if (!entry.entered()) return nullptr;
  isolate->SetMicrotasksPolicy(v8::MicrotasksPolicy::kExplicit);
  isolate->AddMessageListener(&IgnoreMessage);
  return self;
}

Isolate::~Isolate() {
  if (isolate_ == nullptr) return;
  if (ForkedAfterStart()) {
    // The handles point into pages that are not there: forget them without looking.
    new std::unordered_map<uint64_t, ContextState>(std::move(contexts_));
    return;
  }
  Dispose();
}

void Isolate::Close(Outcome* outcome) {
  if (ForkedAfterStart()) {
    outcome->Fail(PVB_ERR_FORK, "V8 was started before this process was forked and cannot be used in the child");
    return;
  }
  if (owner_.load(std::memory_order_relaxed) == std::this_thread::get_id()) {
    outcome->Fail(PVB_ERR_USAGE, "an isolate cannot be closed from inside a call on it");
    return;
  }
  closed_.store(true);
  Stop(StopReason::kTerminate);
  const std::lock_guard<std::recursive_mutex> hold(lock_);
  if (isolate_ != nullptr) Dispose();
}

void Isolate::Stop(StopReason reason) {
  if (ForkedAfterStart()) return;
  // A slot that runs keeps the isolate from being disposed: the call's end waits for FIRED.
  slot_.Fire(reason, [this] { isolate_->TerminateExecution(); });
}

void Isolate::HeapStatistics(pvb_heap_statistics* statistics, Outcome* outcome) {
  const Entry entry(this, Entry::Purpose::kMaintain, outcome);
  if (!entry.entered()) return;
  v8::HeapStatistics heap;
  isolate_->GetHeapStatistics(&heap);
  statistics->used_heap_bytes = heap.used_heap_size();
  statistics->total_heap_bytes = heap.total_heap_size();
  statistics->heap_limit_bytes = heap.heap_size_limit();
  statistics->external_bytes = heap.external_memory();
  statistics->contexts = contexts_.size();
  statistics->handles = 0;
  for (const auto& [id, state] : contexts_) statistics->handles += state.handles.size();
}

void Isolate::QueueContextRemoval(uint64_t context) {
  if (ForkedAfterStart()) return;  // the lock may be held by a thread that is not there
  const std::lock_guard<std::mutex> hold(queue_lock_);
  removed_contexts_.push_back(context);
  queued_.store(true);
}

void Isolate::QueueHandleRelease(uint64_t context, uint64_t handle) {
  if (ForkedAfterStart()) return;
  const std::lock_guard<std::mutex> hold(queue_lock_);
  released_handles_.push_back({context, handle});
  queued_.store(true);
}

void Isolate::TryDrain() {
  if (ForkedAfterStart()) return;
  // Not from inside an entry of this thread, whose lock would be given again: it drains as it leaves.
  if (owner_.load(std::memory_order_relaxed) == std::this_thread::get_id()) return;
  while (queued_.load() && lock_.try_lock()) {
    if (isolate_ == nullptr || closed_.load()) {
      lock_.unlock();
      return;
    }
    {
      const v8::Locker locker(isolate_);
      const v8::Isolate::Scope scope(isolate_);
      const v8::HandleScope handles(isolate_);
      Drain();
    }
    lock_.unlock();
  }
}

void Isolate::Drain() {
  if (!queued_.load()) return;
  std::vector<uint64_t> contexts;
  std::vector<HandleRelease> handles;
  {
    const std::lock_guard<std::mutex> hold(queue_lock_);
    contexts.swap(removed_contexts_);
    handles.swap(released_handles_);
    queued_.store(false);
  }
  for (const HandleRelease& release : handles) {
    const auto found = contexts_.find(release.context);
    if (found != contexts_.end()) found->second.handles.Release(release.handle);
  }
  for (const uint64_t context : contexts) contexts_.erase(context);
  // Lets V8 know that there is much to collect.
  if (!contexts.empty()) isolate_->ContextDisposedNotification(/*dependant_context=*/false);
}

void Isolate::Dispose() {
  {
    const v8::Locker locker(isolate_);
    const v8::Isolate::Scope scope(isolate_);
    contexts_.clear();
  }
  v8::platform::NotifyIsolateShutdown(StartV8(), isolate_);
  isolate_->Dispose();
  isolate_ = nullptr;
}

}  // namespace pvb
