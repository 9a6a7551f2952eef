// Appends the primitive encodings of wire bytes to a buffer; the pair of reader.h. It writes the subset that V8 10.2 to 13.6 read alike.
#ifndef PVB_WIRE_WRITER_H_
#define PVB_WIRE_WRITER_H_

#include <cmath>
#include <cstring>
#include <limits>

#include "wire/byte_buffer.h"
#include "wire/tags.h"

namespace pvb::wire {

class Writer {
 public:
  explicit Writer(ByteBuffer* out) : out_(out) {}

  ByteBuffer* out() { return out_; }

  void WriteHeader() {
    out_->push(kHeaderByte);
    WriteVarint(kVersion);
  }

  void WriteTag(Tag tag) { out_->push(static_cast<uint8_t>(tag)); }
  void WriteByte(uint8_t byte) { out_->push(byte); }

  void WriteVarint(uint64_t value) {
    while (value >= 0x80) {
      out_->push(static_cast<uint8_t>(value | 0x80));
      value >>= 7;
    }
    out_->push(static_cast<uint8_t>(value));
  }

  void WriteZigZag32(int32_t value) {
    WriteVarint((static_cast<uint32_t>(value) << 1) ^ static_cast<uint32_t>(value >> 31));
  }

  // Every NaN becomes the canonical one, as V8 reads it anyway.
  void WriteDouble(double value) {
    if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
    out_->append(&value, sizeof value);
  }

  // A number value. V8 writes int32 exactly for its small integers, and so do we.
  void WriteNumber(double value) {
    if (value >= -2147483648.0 && value <= 2147483647.0 && value == std::trunc(value) &&
        !(value == 0 && std::signbit(value))) {
      WriteTag(Tag::kInt32);
      WriteZigZag32(static_cast<int32_t>(value));
    } else {
      WriteTag(Tag::kDouble);
      WriteDouble(value);
    }
  }

  void WriteRaw(std::span<const uint8_t> bytes) { out_->append(bytes.data(), bytes.size()); }

  void WriteOneByteString(std::span<const uint8_t> latin1) {
    WriteTag(Tag::kOneByteString);
    WriteVarint(latin1.size());
    WriteRaw(latin1);
  }

  // Begins a two-byte string of `byte_length` bytes, which the caller appends. A padding byte goes before the tag where needed,
  // so that the code units lie at an even offset, where V8 can use them in place.
  void BeginTwoByteString(uint64_t byte_length) {
    if (((out_->size() + 1 + VarintSize(byte_length)) & 1) != 0) WriteTag(Tag::kPadding);
    WriteTag(Tag::kTwoByteString);
    WriteVarint(byte_length);
  }

  // Magnitude in little-endian digits, without leading zeros (at the end); padded to whole 64-bit digits as V8 writes it.
  void WriteBigIntDigits(bool negative, std::span<const uint8_t> magnitude) {
    const uint64_t padded = (magnitude.size() + 7) / 8 * 8;
    WriteVarint((padded << 1) | (negative && padded != 0 ? 1u : 0u));
    WriteRaw(magnitude);
    const uint64_t zeros = padded - magnitude.size();
    if (zeros != 0) std::memset(out_->extend(zeros), 0, zeros);
  }

 private:
  static uint64_t VarintSize(uint64_t value) {
    uint64_t size = 1;
    while (value >= 0x80) {
      value >>= 7;
      ++size;
    }
    return size;
  }

  ByteBuffer* out_;
};

}  // namespace pvb::wire

#endif  // PVB_WIRE_WRITER_H_
