#include "engine/host_reference.h"

#include <utility>

namespace pvb {

HostReferences::Entry* HostReferences::Add(const HostReference& reference) {
  auto entry = std::make_unique<Entry>();
  entry->table = this;
  entry->reference = reference;
  Entry* const added = entry.get();
  entries_[reference.id] = std::move(entry);
  return added;
}

void HostReferences::Attach(v8::Isolate* isolate, Entry* entry, v8::Local<v8::Object> object) {
  entry->object.Reset(isolate, object);
  entry->object.SetWeak(entry, &OnGarbage, v8::WeakCallbackType::kParameter);
}

HostReferences::Entry* HostReferences::Find(uint64_t id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : found->second.get();
}

void HostReferences::OnGarbage(const v8::WeakCallbackInfo<Entry>& info) {
  // During a garbage collection: nothing of V8 may be used here, but for letting go of the object.
  Entry* const entry = info.GetParameter();
  entry->object.Reset();
  entry->table->Release(entry->reference);
}

void HostReferences::Release(const HostReference& reference) {
  {
    const std::lock_guard<std::mutex> hold(released_lock_);
    released_.push_back(reference);
    any_released_.store(true);
  }
  entries_.erase(reference.id);
}

void HostReferences::ReleaseAll() {
  const std::lock_guard<std::mutex> hold(released_lock_);
  for (const auto& [id, entry] : entries_) released_.push_back(entry->reference);
  any_released_.store(!released_.empty());
  entries_.clear();
  untold_.clear();
}

void HostReferences::KeepUntold(v8::Isolate* isolate) {
  for (const auto& [id, entry] : entries_) {
    if (entry->promise == 0 || entry->untold || entry->object.IsEmpty()) continue;
    const v8::Local<v8::Object> promise = entry->object.Get(isolate);
    if (promise.As<v8::Promise>()->State() == v8::Promise::kPending) continue;
    entry->object.ClearWeak();
    entry->untold = true;
    untold_.push_back(id);
  }
  any_untold_.store(!untold_.empty(), std::memory_order_relaxed);
}

HostReferences::Entry* HostReferences::NextUntold() {
  while (!untold_.empty()) {
    if (Entry* const entry = Find(untold_.front()); entry != nullptr) return entry;
    untold_.pop_front();
  }
  any_untold_.store(false, std::memory_order_relaxed);
  return nullptr;
}

void HostReferences::Abandon() { new std::unordered_map<uint64_t, std::unique_ptr<Entry>>(std::move(entries_)); }

std::vector<HostReference> HostReferences::TakeReleased() {
  const std::lock_guard<std::mutex> hold(released_lock_);
  any_released_.store(false);
  return std::exchange(released_, {});
}

}  // namespace pvb
