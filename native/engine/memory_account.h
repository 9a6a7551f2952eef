// What an isolate holds outside V8's heap, counted against its memory limit: the contents of ArrayBuffers, which come
// from here, and the buffers in which values cross.
#ifndef PVB_ENGINE_MEMORY_ACCOUNT_H_
#define PVB_ENGINE_MEMORY_ACCOUNT_H_

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "engine/v8_compat.h"

namespace pvb {

// Outlives its isolate: memory that has left it by a transfer is given back to the allocator at any time.
class MemoryAccount final : public v8::ArrayBuffer::Allocator {
 public:
  // In bytes; 0: none.
  explicit MemoryAccount(uint64_t limit) : limit_(limit) {}

  // On nullptr V8 collects garbage and tries again, then throws a RangeError.
  void* Allocate(size_t size) override;
  void* AllocateUninitialized(size_t size) override;
  void Free(void* data, size_t size) override;

  // Memory of others that an ArrayBuffer takes over. False: it does not fit.
  bool Take(size_t size);
  // Any thread.
  void Give(size_t size) { held_.fetch_sub(size, std::memory_order_relaxed); }

  // Whether so much more would be within the limit now, with all garbage in V8's heap counted. Inside the isolate.
  bool Fits(uint64_t size) const;

  // The same without the garbage, as far as that is known: with what survived the last full collection. For where none can be had.
  bool FitsBesideLive(uint64_t size) const { return FitsBeside(live_heap_, size); }

  // After each full collection.
  void NoteLiveHeap() { live_heap_ = Heap(); }

  // Whether what is held and V8's heap are within the limit.
  bool Balanced() const { return Fits(0); }

  // All that counts, with garbage. Inside the isolate.
  uint64_t Total() const { return Heap() + held(); }

  uint64_t held() const { return held_.load(std::memory_order_relaxed); }
  uint64_t limit() const { return limit_; }

  // The isolate whose heap counts too; null before it is there and once it is gone.
  void set_isolate(v8::Isolate* isolate) { isolate_ = isolate; }

 private:
  uint64_t Heap() const;
  bool FitsBeside(uint64_t heap, uint64_t size) const;

  const uint64_t limit_;
  uint64_t live_heap_ = 0;
  std::atomic<uint64_t> held_{0};
  v8::Isolate* isolate_ = nullptr;
};

}  // namespace pvb

#endif  // PVB_ENGINE_MEMORY_ACCOUNT_H_
