// Copies of large binary data. Most of their cost is the kernel handing out fresh pages, so large ones ask for huge pages.
#ifndef PVB_ENGINE_BYTE_COPY_H_
#define PVB_ENGINE_BYTE_COPY_H_

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

namespace pvb {

// For fresh memory that is about to be filled.
inline void AskForHugePages(uint8_t* memory, size_t size) {
  constexpr size_t kLarge = size_t{4} << 20;
  constexpr uintptr_t kPage = 4096;
  if (size < kLarge) return;
  const uintptr_t skipped = (kPage - reinterpret_cast<uintptr_t>(memory) % kPage) % kPage;
  // A hint, which may fail.
  (void)madvise(memory + skipped, size - skipped, MADV_HUGEPAGE);
}

// A copy in memory of its own, to be freed with std::free. Never null; throws std::bad_alloc.
inline uint8_t* CopyBytes(const uint8_t* from, size_t size) {
  auto* const memory = static_cast<uint8_t*>(std::malloc(size == 0 ? 1 : size));
  if (memory == nullptr) throw std::bad_alloc();
  AskForHugePages(memory, size);
  if (size != 0) std::memcpy(memory, from, size);
  return memory;
}

}  // namespace pvb

#endif  // PVB_ENGINE_BYTE_COPY_H_
