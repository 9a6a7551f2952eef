// Reads MessagePack a token at a time: untrusted bytes in, each token with its offset, every length and count checked against the
// bytes that are left.
//
// msgpack-c writes our messages, but its parse() does not read them: when a visitor stops, it does not say where, it has no depth limit,
// and a graph's nodes (docs/format.md) would need it to call itself.
#ifndef PVB_MSGPACK_READER_H_
#define PVB_MSGPACK_READER_H_

#include <bit>
#include <cstring>
#include <span>

#include "msgpack/ext.h"
#include "wire/fault.h"

namespace pvb::msgpack_format {

enum class TokenType : uint8_t { kNil, kBool, kUint, kNegativeInt, kFloat, kStr, kBin, kExt, kArray, kMap };

struct Token {
  TokenType type = TokenType::kNil;
  int8_t ext_code = 0;
  uint64_t offset = 0;             // of its first byte
  uint64_t number = 0;             // bool, uint, negative int (two's complement), array length, map length
  double real = 0;                 // float
  std::span<const uint8_t> bytes;  // str, bin, ext payload

  int64_t negative() const { return static_cast<int64_t>(number); }
  bool IsExt(Ext code) const { return type == TokenType::kExt && ext_code == static_cast<int8_t>(code); }
};

// Big-endian integers of ext payloads; `bytes` must be long enough.
inline uint64_t ReadBigEndian(std::span<const uint8_t> bytes) {
  uint64_t value = 0;
  if (bytes.size() == sizeof(value)) {  // floats: one load instead of eight
    std::memcpy(&value, bytes.data(), sizeof(value));
    return std::endian::native == std::endian::little ? __builtin_bswap64(value) : value;
  }
  for (const uint8_t byte : bytes) value = (value << 8) | byte;
  return value;
}
inline double ReadBigEndianDouble(std::span<const uint8_t> bytes) {
  return std::bit_cast<double>(ReadBigEndian(bytes));
}

class Reader {
 public:
  Reader(std::span<const uint8_t> bytes, Fault* fault) : bytes_(bytes), fault_(fault) {}

  uint64_t offset() const { return offset_; }
  void Seek(uint64_t offset) { offset_ = offset; }
  uint64_t left() const { return bytes_.size() - offset_; }
  std::span<const uint8_t> rest() const { return bytes_.subspan(offset_); }

  // Records a failure and returns false. The first one stays.
  bool Fail(pvb_status status, uint64_t offset, std::string message);
  bool Fail(uint64_t offset, std::string message) { return Fail(PVB_ERR_DECODE, offset, std::move(message)); }

  // What most messages are made of is read in place: small ints, short strings, floats.
  bool Next(Token* token) {
    const uint64_t left = bytes_.size() - offset_;
    if (left == 0) return NextOther(token);
    const uint8_t* const at = bytes_.data() + offset_;
    const uint8_t first = *at;
    if (first <= 0x7F) {
      token->type = TokenType::kUint;
      token->number = first;
      token->offset = offset_++;
      return true;
    }
    if ((first & 0xE0) == 0xA0 && left > (first & 0x1Fu)) {
      token->type = TokenType::kStr;
      token->bytes = {at + 1, first & 0x1Fu};
      token->offset = offset_;
      offset_ += 1 + (first & 0x1Fu);
      return true;
    }
    if (first == 0xCB && left > sizeof(double)) {
      token->type = TokenType::kFloat;
      token->real = ReadBigEndianDouble({at + 1, sizeof(double)});
      token->offset = offset_;
      offset_ += 1 + sizeof(double);
      return true;
    }
    return NextOther(token);
  }
  // Moves past one value with all that is in it.
  bool Skip();

 private:
  bool NextOther(Token* token);
  bool Take(uint64_t at, uint64_t count, std::span<const uint8_t>* bytes);
  bool TakeSize(uint64_t at, uint32_t width, uint64_t* size);
  bool TakeExt(Token* token, uint64_t size);
  bool TakeContainer(Token* token, TokenType type, uint64_t count);

  std::span<const uint8_t> bytes_;
  uint64_t offset_ = 0;
  Fault* fault_;
};

// The text of a str or string16 token, lone surrogates as three bytes each (WTF-8).
std::string StringText(const Token& token);

}  // namespace pvb::msgpack_format

#endif  // PVB_MSGPACK_READER_H_
