// Decisions drawn from a fuzzer's bytes, so that a structured input grows out of any bytes. When they run out, every answer is 0.
#ifndef PVB_FUZZ_BYTE_SOURCE_H_
#define PVB_FUZZ_BYTE_SOURCE_H_

#include <cstdint>
#include <cstring>
#include <span>

namespace pvb::fuzz {

class ByteSource {
 public:
  explicit ByteSource(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  bool empty() const { return bytes_.empty(); }

  uint8_t Byte() {
    if (bytes_.empty()) return 0;
    const uint8_t byte = bytes_[0];
    bytes_ = bytes_.subspan(1);
    return byte;
  }

  // 0 to count - 1; count is at most 256.
  uint32_t Below(uint32_t count) { return Byte() % count; }
  bool Coin() { return (Byte() & 1) != 0; }
  // True once in `count` times, and not when the bytes have run out.
  bool OneIn(uint32_t count) { return Byte() % count == count - 1; }

  uint64_t Word(uint32_t width) {
    uint64_t word = 0;
    for (uint32_t i = 0; i < width; ++i) word = (word << 8) | Byte();
    return word;
  }

  // Mostly small numbers and the edges around powers of two; sometimes any bits at all.
  double Number() {
    switch (Below(6)) {
      case 0:
        return static_cast<int8_t>(Byte());
      case 1:
        return static_cast<double>(static_cast<int32_t>(Word(4)));
      case 2:
        return static_cast<double>(Word(4));
      case 3: {
        const double power = static_cast<double>(uint64_t{1} << Below(64));
        return power + static_cast<int8_t>(Byte());
      }
      case 4:
        return -0.0;
      default: {
        const uint64_t bits = Word(8);
        double number;
        std::memcpy(&number, &bits, sizeof number);
        return number;
      }
    }
  }

 private:
  std::span<const uint8_t> bytes_;
};

}  // namespace pvb::fuzz

#endif  // PVB_FUZZ_BYTE_SOURCE_H_
