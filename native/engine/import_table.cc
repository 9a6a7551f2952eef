#include "engine/import_table.h"

#include <atomic>
#include <utility>

namespace pvb {

uint64_t ImportTable::Add(PendingImport import) {
  static std::atomic<uint64_t> next{1};
  const uint64_t id = next.fetch_add(1, std::memory_order_relaxed);
  pending_.emplace(id, std::move(import));
  return id;
}

PendingImport* ImportTable::Find(uint64_t id) {
  const auto found = pending_.find(id);
  return found == pending_.end() ? nullptr : &found->second;
}

}  // namespace pvb
