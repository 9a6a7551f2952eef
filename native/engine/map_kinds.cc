#include "engine/map_kinds.h"

#include <utility>

namespace pvb {
namespace {

constexpr size_t kSmallest = 256;

}  // namespace

MapKinds::MapKinds(v8::Isolate* isolate) : isolate_(isolate) {
  Clear();
  // Scavenges leave maps alone: they are never new.
  isolate_->AddGCEpilogueCallback(&AfterCollection, this, v8::kGCTypeMarkSweepCompact);
}

MapKinds::~MapKinds() { isolate_->RemoveGCEpilogueCallback(&AfterCollection, this); }

void MapKinds::AfterCollection(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* self) {
  static_cast<MapKinds*>(self)->Clear();
}

void MapKinds::Clear() {
  entries_.assign(kSmallest, {});
  used_ = 0;
}

void MapKinds::Add(Word map, int32_t kind) {
  if (2 * ++used_ > entries_.size()) {
    std::vector<Entry> old(2 * entries_.size());
    std::swap(old, entries_);
    used_ = 1;
    for (const Entry& entry : old) {
      if (entry.map != 0) Add(entry.map, entry.kind);
    }
  }
  size_t at = Hash(map) & (entries_.size() - 1);
  while (entries_[at].map != 0) at = (at + 1) & (entries_.size() - 1);
  entries_[at] = {map, kind};
}

}  // namespace pvb
