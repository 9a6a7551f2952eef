// Where the bytes of ArrayBuffers come from: ours, so that they can be counted per isolate.
#ifndef PVB_ENGINE_ARRAY_BUFFER_ALLOCATOR_H_
#define PVB_ENGINE_ARRAY_BUFFER_ALLOCATOR_H_

#include <cstdlib>

#include "engine/v8_compat.h"

namespace pvb {

class ArrayBufferAllocator final : public v8::ArrayBuffer::Allocator {
 public:
  // V8 collects garbage and tries again on nullptr, then throws a RangeError.
  void* Allocate(size_t size) override { return std::calloc(size == 0 ? 1 : size, 1); }
  void* AllocateUninitialized(size_t size) override { return std::malloc(size == 0 ? 1 : size); }
  void Free(void* data, size_t /*size*/) override { std::free(data); }
};

}  // namespace pvb

#endif  // PVB_ENGINE_ARRAY_BUFFER_ALLOCATOR_H_
