#include "engine/isolate.h"

#include <malloc.h>

#include <climits>
#include <string>
#include <utility>

#include "engine/context.h"
#include "engine/entry.h"
#include "engine/heap_snapshot.h"
#include "engine/host_hooks.h"
#include "engine/import.h"
#include "engine/module.h"
#include "engine/platform.h"
#include "engine/poll_hook.h"
#include "engine/promise.h"
#include "engine/stack_limit.h"

namespace pvb {
namespace {

// With less, V8 cannot start.
constexpr uint64_t kSmallestMemoryLimit = uint64_t{8} << 20;

// V8 takes its heap's size in whole pages of its own. It reserves room for code of that size, up to 128 MiB, and ends the process when
// that is no multiple of the system's pages.
constexpr uint64_t kHeapUnit = uint64_t{256} << 10;

// Beyond its limit V8's heap may grow by so much while it reads a snapshot: one that does not fit ends the process, before anybody
// can be asked. The limit holds as soon as it is read.
constexpr size_t kRoomForSnapshot = size_t{4} << 30;

// How many times its limit an isolate may hold and still run scripts, which may want to let go of it.
constexpr uint64_t kOverfull = 2;

// Without a listener V8 prints errors that nobody catches to standard output.
void IgnoreMessage(v8::Local<v8::Message>, v8::Local<v8::Value>) {}

// V8 lowers its limit only when a callback that could have raised it goes.
void SetHeapLimit(v8::Isolate* isolate, size_t old_generation) {
  const v8::NearHeapLimitCallback as_it_is = [](void*, size_t limit, size_t) { return limit; };
  isolate->AddNearHeapLimitCallback(as_it_is, nullptr);
  isolate->RemoveNearHeapLimitCallback(as_it_is, old_generation);
}

}  // namespace

Isolate::Isolate(const IsolateSettings& settings)
    : settings_(settings),
      account_(std::make_shared<MemoryAccount>(settings.memory_limit)),
      heap_limit_(&OnHeapLimit, this) {}

std::shared_ptr<Isolate> Isolate::Create(const IsolateSettings& settings, Outcome* outcome) {
  if (ForkedAfterStart()) {
    outcome->Fail(PVB_ERR_FORK, "V8 was started before this process was forked and cannot be used in the child");
    return nullptr;
  }
  if (ShutDown()) {
    outcome->Fail(PVB_ERR_CLOSED, "the process is exiting");
    return nullptr;
  }
  if (settings.memory_limit != 0 && settings.memory_limit < kSmallestMemoryLimit) {
    outcome->Fail(PVB_ERR_USAGE, "a memory limit is at least " + std::to_string(kSmallestMemoryLimit >> 20) + " MiB");
    return nullptr;
  }
  // Before V8 finds out by crashing.
  if (std::string problem; StackLimitHere(&problem) == 0) {
    outcome->Fail(PVB_ERR_ENGINE, std::move(problem));
    return nullptr;
  }
  if (settings.snapshot != nullptr && settings.snapshot->size() > INT_MAX) {
    outcome->Fail(PVB_ERR_USAGE, "a snapshot is at most 2 GiB");
    return nullptr;
  }
  StartV8();
  std::shared_ptr<Isolate> self(new Isolate(settings));
  return self->Start(outcome) ? self : nullptr;
}

bool Isolate::Start(Outcome* outcome) {
  v8::Isolate::CreateParams parameters;
  size_t old_generation = 0;
  parameters.array_buffer_allocator_shared = account_;
  if (settings_.memory_limit != 0) {
    v8::ResourceConstraints& constraints = parameters.constraints;
    constraints.ConfigureDefaultsFromHeapSize(0, settings_.memory_limit / kHeapUnit * kHeapUnit);
    if (settings_.snapshot != nullptr) {
      old_generation = constraints.max_old_generation_size_in_bytes();
      constraints.set_max_old_generation_size_in_bytes(old_generation + kRoomForSnapshot);
    }
  }
  if (settings_.snapshot != nullptr) {
    snapshot_ = {settings_.snapshot->data(), static_cast<int>(settings_.snapshot->size())};
    parameters.snapshot_blob = &snapshot_;
  }
  if (settings_.creates_snapshot) {
    creator_ = compat::MakeSnapshotCreator(parameters);
    isolate_ = creator_->GetIsolate();
  } else {
    isolate_ = v8::Isolate::New(parameters);
  }
  if (isolate_ == nullptr) {
    outcome->Fail(PVB_ERR_ENGINE, "V8 could not make an isolate");
    return false;
  }
  isolate_->SetData(kDataSlot, this);
  Watchdog::Get().Add(this);
  const Entry entry(this, Entry::Purpose::kMaintain, outcome);
  if (!entry.entered()) return false;
  account_->set_isolate(isolate_);
  if (old_generation != 0) SetHeapLimit(isolate_, old_generation);
  heap_limit_.Watch(isolate_);
  if (old_generation != 0 && account_->Total() > settings_.memory_limit) {
    outcome->Fail(PVB_ERR_MEMORY_LIMIT,
                  "the snapshot takes " + std::to_string(account_->Total()) + " bytes, more than the memory limit");
    return false;
  }
  isolate_->AddGCEpilogueCallback(&OnGarbageCollected, nullptr, v8::kGCTypeMarkSweepCompact);
  isolate_->SetMicrotasksPolicy(v8::MicrotasksPolicy::kExplicit);
  NoteRejections(isolate_);
  // A snapshot has no room for a pointer to our function.
  if (creator_ == nullptr) isolate_->AddMessageListener(&IgnoreMessage);
  isolate_->SetHostImportModuleDynamicallyCallback(&pvb::QueueImport);
  isolate_->SetHostInitializeImportMetaObjectCallback(&FillImportMeta);
  return true;
}

Isolate::~Isolate() {
  if (isolate_ == nullptr) return;
  if (ForkedAfterStart()) {
    // The handles point into pages that are not there: forget them without looking.
    new std::unordered_map<uint64_t, ContextState>(std::move(contexts_));
    host_references_.Abandon();
    new Rejections(std::move(rejections_));
    return;
  }
  Dispose();
  ReportReleased();
}

void Isolate::Close(Outcome* outcome) {
  if (ForkedAfterStart()) {
    outcome->Fail(PVB_ERR_FORK, "V8 was started before this process was forked and cannot be used in the child");
    return;
  }
  if (EnteredHere()) {
    outcome->Fail(PVB_ERR_USAGE, "an isolate cannot be closed from inside a call on it");
    return;
  }
  closed_.store(true);
  Stop(StopReason::kClose);
  {
    const std::lock_guard<std::recursive_timed_mutex> hold(lock_);
    if (isolate_ != nullptr) Dispose();
  }
  ReportReleased();
}

void Isolate::Stop(StopReason reason) {
  if (ForkedAfterStart()) return;
  // A slot that runs keeps the isolate from being disposed: the call's end waits for FIRED.
  slot_.Fire(reason, [this, reason] { Terminate(reason); });
}

void Isolate::Terminate(StopReason reason) {
  // Memory cannot wait: until the second look a script may take more than was lent to it.
  if (!modules_await_.load(std::memory_order_acquire) || reason == StopReason::kMemory) {
    return isolate_->TerminateExecution();
  }
  const auto on_look = [](v8::Isolate* isolate, void*) {
    // The call may be over, and this be another.
    if (From(isolate)->stopping()) isolate->TerminateExecution();
  };
  isolate_->RequestInterrupt(on_look, nullptr);
}

void Isolate::Cancel(uint64_t token) {
  if (ForkedAfterStart() || token == 0) return;
  // First this: a call that begins now either finds it, or is found.
  cancelled_.store(token);
  slot_.Fire(StopReason::kCancel, [this] { Terminate(StopReason::kCancel); }, token);
}

void Isolate::ReportReleased() {
  if (!host_references_.any_released() || ForkedAfterStart() || ShutDown()) return;
  const std::vector<HostReference> released = host_references_.TakeReleased();
  if (HostHooks::Get().release != nullptr) HostHooks::Run(HostHooks::Get().release, released);
}

Nanoseconds Isolate::Look(Nanoseconds now) {
  return slot_.Look(
      now, [this] { Terminate(StopReason::kTimeout); }, [this] { isolate_->RequestInterrupt(&OnPoll, this); });
}

void Isolate::OnHeapLimit(void* data) { static_cast<Isolate*>(data)->Stop(StopReason::kMemory); }

void Isolate::OnGarbageCollected(v8::Isolate* isolate, v8::GCType, v8::GCCallbackFlags, void*) {
  Isolate* const self = From(isolate);
  self->collected_ = true;
  if (self->settings_.memory_limit == 0) return;
  // V8 knows a limit for its heap only. What survived is what counts: before, nobody knew how much of it was garbage. The
  // contents of dead ArrayBuffers are still there, though, and go in the background, or at the latest with the next
  // collection, which cannot be had here.
  self->account_->NoteLiveHeap();
  if (self->checking_memory_ || self->account_->Balanced()) return;
  self->checking_memory_ = true;
  isolate->RequestInterrupt(&CheckMemory, self);
}

void Isolate::CheckMemory(v8::Isolate* isolate, void* data) {
  auto* const self = static_cast<Isolate*>(data);
  if (!self->account_->Balanced()) isolate->LowMemoryNotification();
  if (!self->account_->Balanced()) self->Stop(StopReason::kMemory);
  self->checking_memory_ = false;
}

bool Isolate::LooksOverfull() {
  const uint64_t limit = settings_.memory_limit != 0 ? settings_.memory_limit : heap_limit_.initial();
  overfull_ = limit != 0 && account_->Total() / kOverfull > limit;
  return overfull_;
}

void Isolate::OnPoll(v8::Isolate*, void* data) {
  auto* const self = static_cast<Isolate*>(data);
  // The call that was to be polled may be over, and this be another thread's.
  if (self->polling_ || !PollHook::WantedHere()) return;
  self->polling_ = true;
  const bool end = PollHook::Call();
  self->polling_ = false;
  if (end) self->Stop(StopReason::kPoll);
}

void Isolate::CollectGarbage(bool hard, Outcome* outcome) {
  const Entry entry(this, Entry::Purpose::kMaintain, outcome);
  if (!entry.entered()) return;
  isolate_->LowMemoryNotification();
  if (!hard) return;
  isolate_->MemoryPressureNotification(v8::MemoryPressureLevel::kCritical);
  isolate_->MemoryPressureNotification(v8::MemoryPressureLevel::kNone);
  malloc_trim(0);
}

void Isolate::StartCpuProfile(int interval, Outcome* outcome) {
  const Entry entry(this, Entry::Purpose::kMaintain, outcome);
  if (entry.entered()) cpu_profiling_.Start(isolate_, interval, outcome);
}

void Isolate::StopCpuProfile(Outcome* outcome) {
  const Entry entry(this, Entry::Purpose::kMaintain, outcome);
  if (entry.entered()) cpu_profiling_.Stop(isolate_, outcome);
}

void Isolate::WriteHeapSnapshot(int file, Outcome* outcome) {
  const Entry entry(this, Entry::Purpose::kMaintain, outcome);
  if (entry.entered()) pvb::WriteHeapSnapshot(isolate_, file, outcome);
}

void Isolate::TakeSnapshot(uint64_t context, Outcome* outcome) {
  {
    const Entry entry(this, Entry::Purpose::kMaintain, outcome);
    if (!entry.entered()) return;
    const v8::Local<v8::Context> local = FindContext(context)->context.Get(isolate_);
    ForgetContextId(local);
    creator_->SetDefaultContext(local);
    contexts_.clear();
  }
  // V8 wants no handle scope around this, which an Entry has.
  const std::lock_guard<std::recursive_timed_mutex> hold(lock_);
  const v8::Locker locker(isolate_);
  const v8::Isolate::Scope scope(isolate_);
  const v8::StartupData made = creator_->CreateBlob(v8::SnapshotCreator::FunctionCodeHandling::kKeep);
  const std::unique_ptr<const char[]> owner(made.data);
  if (owner == nullptr) return outcome->Fail(PVB_ERR_ENGINE, "V8 could not make a snapshot");
  outcome->message = ByteBuffer();
  outcome->message.append(made.data, static_cast<size_t>(made.raw_size));
}

ContextState* Isolate::FindContext(uint64_t id) {
  const auto found = contexts_.find(id);
  return found == contexts_.end() ? nullptr : &found->second;
}

void Isolate::DropImports() {
  for (const DueImport& due : due_imports_) {
    if (ContextState* const state = FindContext(due.context); state != nullptr) state->imports.Remove(due.import);
  }
  due_imports_.clear();
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
  statistics->physical_heap_bytes = heap.total_physical_size();
  statistics->malloced_bytes = heap.malloced_memory();
  statistics->peak_malloced_bytes = heap.peak_malloced_memory();
  statistics->buffer_bytes = account_->held();
  statistics->memory_limit_bytes = settings_.memory_limit;
  statistics->detached_contexts = heap.number_of_detached_contexts();
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
  handles_queued_.store(true);
  queued_.store(true);
}

void Isolate::TryDrain() {
  if (ForkedAfterStart()) return;
  // Not from inside an entry of this thread, whose lock would be given again: it drains as it leaves.
  if (EnteredHere()) return;
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

void Isolate::ReleaseHandles() {
  if (!handles_queued_.load(std::memory_order_relaxed)) return;
  std::vector<HandleRelease> handles;
  {
    const std::lock_guard<std::mutex> hold(queue_lock_);
    handles.swap(released_handles_);
    handles_queued_.store(false);
  }
  for (const HandleRelease& release : handles) {
    if (ContextState* const state = FindContext(release.context); state != nullptr) {
      state->handles.Release(release.handle);
    }
  }
}

void Isolate::Drain() {
  if (!queued_.load()) return;
  std::vector<uint64_t> contexts;
  {
    const std::lock_guard<std::mutex> hold(queue_lock_);
    contexts.swap(removed_contexts_);
    queued_.store(false);
  }
  ReleaseHandles();
  for (const uint64_t context : contexts) contexts_.erase(context);
  // Lets V8 know that there is much to collect.
  if (!contexts.empty()) isolate_->ContextDisposedNotification(/*dependant_context=*/false);
}

void Isolate::Dispose() {
  Watchdog::Get().Remove(this);
  {
    const v8::Locker locker(isolate_);
    const v8::Isolate::Scope scope(isolate_);
    contexts_.clear();
    host_references_.ReleaseAll();
    rejections_ = {};
    cpu_profiling_.Drop(isolate_);
    account_->set_isolate(nullptr);
  }
  v8::platform::NotifyIsolateShutdown(StartV8(), isolate_);
  if (creator_ != nullptr) {
    creator_.reset();
  } else {
    isolate_->Dispose();
  }
  isolate_ = nullptr;
  counted_.reset();
}

}  // namespace pvb
