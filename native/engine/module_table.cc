#include "engine/module_table.h"

#include <atomic>

namespace pvb {

uint64_t ModuleTable::Add(v8::Isolate* isolate, v8::Local<v8::Module> module) {
  static std::atomic<uint64_t> next{1};
  const uint64_t id = next.fetch_add(1, std::memory_order_relaxed);
  records_[id].module.Reset(isolate, module);
  by_hash_.emplace(module->GetIdentityHash(), id);
  return id;
}

ModuleRecord* ModuleTable::Find(uint64_t id) {
  const auto found = records_.find(id);
  return found == records_.end() ? nullptr : &found->second;
}

ModuleRecord* ModuleTable::Find(v8::Isolate* isolate, v8::Local<v8::Module> module) {
  const auto [begin, end] = by_hash_.equal_range(module->GetIdentityHash());
  for (auto at = begin; at != end; ++at) {
    ModuleRecord* const record = Find(at->second);
    if (record != nullptr && record->module.Get(isolate) == module) return record;
  }
  return nullptr;
}

void ModuleTable::Remove(v8::Isolate* isolate, uint64_t id) {
  const ModuleRecord* const record = Find(id);
  if (record == nullptr) return;
  const auto [begin, end] = by_hash_.equal_range(record->module.Get(isolate)->GetIdentityHash());
  for (auto at = begin; at != end; ++at) {
    if (at->second != id) continue;
    by_hash_.erase(at);
    break;
  }
  records_.erase(id);
}

}  // namespace pvb
