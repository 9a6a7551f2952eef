#include "msgpack/message_writer.h"

namespace pvb {
namespace {

// 0001-01-01 and the end of 9999, in milliseconds: what MessagePack's timestamp says of a Date, and Python's datetime can hold.
constexpr double kFirstDatetime = -62135596800000.0;
constexpr double kLastDatetime = 253402300799999.0;

}  // namespace

void MessageWriter::WriteBigInt(bool negative, std::span<const uint8_t> magnitude) {
  size_t size = magnitude.size();
  while (size != 0 && magnitude[size - 1] == 0) --size;
  if (size == 0) {
    WriteExtHeader(Ext::kBigInt, 0);
    return;
  }
  // Two's complement needs a sign bit: one more byte where the top bit is taken, unless the value is exactly -(2^(8n-1)).
  const uint8_t top = magnitude[size - 1];
  bool extra = (top & 0x80) != 0;
  if (extra && negative && top == 0x80) {
    extra = false;
    for (size_t i = 0; i + 1 < size; ++i) extra = extra || magnitude[i] != 0;
  }
  WriteExtHeader(Ext::kBigInt, size + (extra ? 1 : 0));
  uint8_t* to = out_->extend(size + (extra ? 1 : 0));
  if (!negative) {
    std::memcpy(to, magnitude.data(), size);
    if (extra) to[size] = 0;
    return;
  }
  unsigned carry = 1;
  for (size_t i = 0; i < size; ++i) {
    const unsigned digit = (~unsigned{magnitude[i]} & 0xFFu) + carry;
    to[i] = static_cast<uint8_t>(digit);
    carry = digit >> 8;
  }
  if (extra) to[size] = 0xFF;
}

void MessageWriter::WriteDate(double milliseconds) {
  if (!(milliseconds >= kFirstDatetime && milliseconds <= kLastDatetime)) {
    WriteExtHeader(Ext::kDate, 8);
    WriteBigEndian(std::bit_cast<uint64_t>(milliseconds), 8);
    return;
  }
  const double seconds = std::floor(milliseconds / 1000);
  const auto nanoseconds = static_cast<uint64_t>(milliseconds - seconds * 1000) * 1000000;
  const auto whole = static_cast<int64_t>(seconds);
  if (whole >= 0 && whole < (int64_t{1} << 34)) {
    const uint64_t word = (nanoseconds << 34) | static_cast<uint64_t>(whole);
    const uint32_t width = word > 0xFFFFFFFF ? 8 : 4;
    WriteExtHeader(Ext::kTimestamp, width);
    WriteBigEndian(word, width);
  } else {
    WriteExtHeader(Ext::kTimestamp, 12);
    WriteBigEndian(nanoseconds, 4);
    WriteBigEndian(static_cast<uint64_t>(whole), 8);
  }
}

void MessageWriter::EndContainer(size_t at, HeaderKind kind, uint64_t count) {
  auto code = static_cast<uint8_t>(kind);
  if (count > 0xFFFF) {
    out_->extend(2);
    uint8_t* contents = out_->data() + at + kReservedHeader;
    std::memmove(contents + 2, contents, out_->size() - at - kReservedHeader - 2);
    code = static_cast<uint8_t>(code + 1);  // array 32, map 32
  }
  uint8_t* header = out_->data() + at;
  *header++ = code;
  for (uint32_t shift = count > 0xFFFF ? 32 : 16; shift != 0; shift -= 8) {
    *header++ = static_cast<uint8_t>(count >> (shift - 8));
  }
}

}  // namespace pvb
