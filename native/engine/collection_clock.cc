#include "engine/collection_clock.h"

namespace pvb {

CollectionClock::CollectionClock(v8::Isolate* isolate, uint64_t* total) : isolate_(isolate), total_(total) {
  if (total_ == nullptr) return;
  isolate_->AddGCPrologueCallback(&Begin, this);
  isolate_->AddGCEpilogueCallback(&End, this);
}

CollectionClock::~CollectionClock() {
  if (total_ == nullptr) return;
  isolate_->RemoveGCPrologueCallback(&Begin, this);
  isolate_->RemoveGCEpilogueCallback(&End, this);
}

void CollectionClock::Begin(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* self) {
  auto* clock = static_cast<CollectionClock*>(self);
  if (clock->depth_++ == 0) clock->start_ = std::chrono::steady_clock::now();
}

void CollectionClock::End(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* self) {
  auto* clock = static_cast<CollectionClock*>(self);
  if (clock->depth_ == 0 || --clock->depth_ != 0) return;
  const auto passed = std::chrono::steady_clock::now() - clock->start_;
  *clock->total_ += static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(passed).count());
}

}  // namespace pvb
