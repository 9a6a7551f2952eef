#include "engine/memory_account.h"

#include <cstdlib>

namespace pvb {
namespace {

// V8 ends the process when it cannot have the buffer of a small typed array, whose elements lie in its heap until a
// script asks for the buffer.
constexpr size_t kNeverRefused = 64;

}  // namespace

void* MemoryAccount::Allocate(size_t size) {
  if (!Take(size)) return nullptr;
  void* const memory = std::calloc(size == 0 ? 1 : size, 1);
  if (memory == nullptr) Give(size);
  return memory;
}

void* MemoryAccount::AllocateUninitialized(size_t size) {
  if (!Take(size)) return nullptr;
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) Give(size);
  return memory;
}

void MemoryAccount::Free(void* data, size_t size) {
  std::free(data);
  Give(size);
}

bool MemoryAccount::Take(size_t size) {
  if (size > kNeverRefused && !Fits(size)) return false;
  held_.fetch_add(size, std::memory_order_relaxed);
  return true;
}

bool MemoryAccount::Fits(uint64_t size) const { return limit_ == 0 || FitsBeside(Heap(), size); }

uint64_t MemoryAccount::Heap() const {
  if (isolate_ == nullptr) return 0;
  v8::HeapStatistics heap;
  isolate_->GetHeapStatistics(&heap);
  // WebAssembly's memory and resizable ArrayBuffers come from V8 itself, which counts them among the rest.
  const uint64_t held = this->held();
  return heap.used_heap_size() + (heap.external_memory() > held ? heap.external_memory() - held : 0);
}

bool MemoryAccount::FitsBeside(uint64_t heap, uint64_t size) const {
  if (limit_ == 0) return true;
  const uint64_t held = this->held();
  if (held > limit_ || heap > limit_ - held) return false;
  return size <= limit_ - held - heap;
}

}  // namespace pvb
