#include "engine/handle_table.h"

#include <atomic>

namespace pvb {

uint64_t HandleTable::Add(v8::Isolate* isolate, v8::Local<v8::Value> value) {
  static std::atomic<uint64_t> next{1};
  const uint64_t id = next.fetch_add(1, std::memory_order_relaxed);
  values_[id].value.Reset(isolate, value);
  return id;
}

void HandleTable::Weaken(uint64_t id) {
  if (const auto found = values_.find(id); found != values_.end()) found->second.value.SetWeak();
}

v8::Local<v8::Value> HandleTable::Find(v8::Isolate* isolate, uint64_t id) const {
  const auto found = values_.find(id);
  return found == values_.end() ? v8::Local<v8::Value>() : found->second.value.Get(isolate);
}

}  // namespace pvb
