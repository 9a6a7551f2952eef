// The first sixteen bytes of a text as two words, with zeros behind its end: texts that short compare in two instructions.
#ifndef PVB_SHAPE_FIRST_BYTES_H_
#define PVB_SHAPE_FIRST_BYTES_H_

#include <cstdint>
#include <cstring>
#include <span>

namespace pvb::shape {

struct FirstBytes {
  static constexpr size_t kSize = 16;

  uint64_t head = 0;
  uint64_t tail = 0;

  // Of the first `size` bytes of `bytes`. What lies behind them is read as well, which beats a loop, and does not count.
  static FirstBytes Of(std::span<const uint8_t> bytes, size_t size) {
    FirstBytes found;
    if (bytes.size() < kSize) {
      if (size != 0) std::memcpy(&found, bytes.data(), size < bytes.size() ? size : bytes.size());
      return found;
    }
    std::memcpy(&found, bytes.data(), kSize);
    if (size <= 8) {
      found.tail = 0;
      found.head &= Low(size);
    } else if (size < kSize) {
      found.tail &= Low(size - 8);
    }
    return found;
  }

  bool operator==(const FirstBytes&) const = default;
  bool IsAscii() const { return ((head | tail) & 0x8080808080808080) == 0; }

 private:
  static constexpr uint64_t Low(size_t bytes) { return bytes == 8 ? ~uint64_t{0} : (uint64_t{1} << 8 * bytes) - 1; }
};
static_assert(sizeof(FirstBytes) == FirstBytes::kSize);

}  // namespace pvb::shape

#endif  // PVB_SHAPE_FIRST_BYTES_H_
