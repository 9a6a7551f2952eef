#include "engine/heap_limit.h"

#include <algorithm>

namespace pvb {
namespace {

// V8 looks for a termination between operations, and one that does not (a large spread, a join) may still need all that
// it was going to. With 16 MB a third of hostile scripts got away with the process, with this very few do (docs/limits.md).
// It is a number in V8's books, not memory.
constexpr size_t kLent = size_t{1} << 30;

size_t LimitNow(v8::Isolate* isolate) {
  v8::HeapStatistics heap;
  isolate->GetHeapStatistics(&heap);
  return heap.heap_size_limit();
}

}  // namespace

void HeapLimit::Watch(v8::Isolate* isolate) {
  isolate->AddNearHeapLimitCallback(&NearLimit, this);
  first_ = LimitNow(isolate);
}

void HeapLimit::TakeBack(v8::Isolate* isolate) {
  isolate->LowMemoryNotification();
  lent_ = false;
  Lower(isolate);
}

void HeapLimit::Lower(v8::Isolate* isolate) {
  isolate->RemoveNearHeapLimitCallback(&NearLimit, limit_);
  isolate->AddNearHeapLimitCallback(&NearLimit, this);
  raised_ = LimitNow(isolate) > first_;
}

size_t HeapLimit::NearLimit(void* data, size_t limit, size_t initial_limit) {
  auto* const self = static_cast<HeapLimit*>(data);
  // The first time nothing has been lent, and V8 may have been started with more than it is meant to have.
  if (self->limit_ == 0) self->limit_ = std::min(limit, initial_limit);
  self->lent_ = true;
  self->stop_(self->data_);
  return limit + kLent;
}

}  // namespace pvb
