#include "msgpack/reader.h"

#include <bit>
#include "wire/text.h"

namespace pvb::msgpack_format {

std::string StringText(const Token& token) {
  if (token.IsExt(Ext::kString16)) return text::Utf16ToWtf8(token.bytes);
  return {reinterpret_cast<const char*>(token.bytes.data()), token.bytes.size()};
}

bool Reader::Fail(pvb_status status, uint64_t offset, std::string message) {
  if (fault_->status == PVB_OK) {
    fault_->status = status;
    fault_->offset = offset;
    fault_->message = std::move(message);
  }
  return false;
}

bool Reader::Take(uint64_t at, uint64_t count, std::span<const uint8_t>* bytes) {
  if (count > left()) {
    return Fail(
        at, "truncated: " + std::to_string(count) + " bytes were announced, " + std::to_string(left()) + " are left");
  }
  *bytes = bytes_.subspan(offset_, count);
  offset_ += count;
  return true;
}

bool Reader::TakeSize(uint64_t at, uint32_t width, uint64_t* size) {
  std::span<const uint8_t> raw;
  if (!Take(at, width, &raw)) return false;
  *size = ReadBigEndian(raw);
  return true;
}

bool Reader::TakeExt(Token* token, uint64_t size) {
  std::span<const uint8_t> code;
  if (!Take(token->offset, 1, &code)) return false;
  token->type = TokenType::kExt;
  token->ext_code = static_cast<int8_t>(code[0]);
  return Take(token->offset, size, &token->bytes);
}

bool Reader::TakeContainer(Token* token, TokenType type, uint64_t count) {
  token->type = type;
  token->number = count;
  const uint64_t least = type == TokenType::kMap ? 2 * count : count;  // every element takes at least a byte
  if (least > left()) {
    return Fail(token->offset, "truncated: " + std::to_string(count) + " elements were announced, " +
                                   std::to_string(left()) + " bytes are left");
  }
  return true;
}

bool Reader::NextOther(Token* token) {
  const uint64_t at = offset_;
  token->offset = at;
  if (left() == 0) return Fail(at, "truncated: a value was expected");
  const uint8_t first = bytes_[offset_++];

  if (first >= 0xE0) {
    token->type = TokenType::kNegativeInt;
    token->number = static_cast<uint64_t>(static_cast<int64_t>(static_cast<int8_t>(first)));
    return true;
  }
  if (first <= 0x8F) return TakeContainer(token, TokenType::kMap, first & 0x0F);
  if (first <= 0x9F) return TakeContainer(token, TokenType::kArray, first & 0x0F);
  if (first <= 0xBF) {  // longer than what is left
    token->type = TokenType::kStr;
    return Take(at, first & 0x1F, &token->bytes);
  }

  uint64_t size = 0;
  switch (first) {
    case 0xC0:
      token->type = TokenType::kNil;
      return true;
    case 0xC1:
      return Fail(at, "0xC1 is no MessagePack type");
    case 0xC2:
    case 0xC3:
      token->type = TokenType::kBool;
      token->number = first & 1;
      return true;
    case 0xC4:
    case 0xC5:
    case 0xC6:
      token->type = TokenType::kBin;
      return TakeSize(at, 1u << (first - 0xC4), &size) && Take(at, size, &token->bytes);
    case 0xC7:
    case 0xC8:
    case 0xC9:
      return TakeSize(at, 1u << (first - 0xC7), &size) && TakeExt(token, size);
    case 0xCA:
      token->type = TokenType::kFloat;
      if (!TakeSize(at, 4, &size)) return false;
      token->real = static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(size)));
      return true;
    case 0xCB:
      token->type = TokenType::kFloat;
      if (!TakeSize(at, 8, &size)) return false;
      token->real = std::bit_cast<double>(size);
      return true;
    case 0xCC:
    case 0xCD:
    case 0xCE:
    case 0xCF:
      token->type = TokenType::kUint;
      return TakeSize(at, 1u << (first - 0xCC), &token->number);
    case 0xD0:
    case 0xD1:
    case 0xD2:
    case 0xD3: {
      const uint32_t width = 1u << (first - 0xD0);
      if (!TakeSize(at, width, &size)) return false;
      const uint32_t unused = 64 - 8 * width;
      const int64_t value = static_cast<int64_t>(size << unused) >> unused;
      token->type = value < 0 ? TokenType::kNegativeInt : TokenType::kUint;
      token->number = static_cast<uint64_t>(value);
      return true;
    }
    case 0xD4:
    case 0xD5:
    case 0xD6:
    case 0xD7:
    case 0xD8:
      return TakeExt(token, 1u << (first - 0xD4));
    case 0xD9:
    case 0xDA:
    case 0xDB:
      token->type = TokenType::kStr;
      return TakeSize(at, 1u << (first - 0xD9), &size) && Take(at, size, &token->bytes);
    case 0xDC:
    case 0xDD:
      return TakeSize(at, first == 0xDC ? 2 : 4, &size) && TakeContainer(token, TokenType::kArray, size);
    default:  // 0xDE, 0xDF
      return TakeSize(at, first == 0xDE ? 2 : 4, &size) && TakeContainer(token, TokenType::kMap, size);
  }
}

bool Reader::Skip() {
  Token token;
  for (uint64_t pending = 1; pending != 0; --pending) {
    if (!Next(&token)) return false;
    if (token.type == TokenType::kArray) pending += token.number;
    if (token.type == TokenType::kMap) pending += 2 * token.number;
  }
  return true;
}

}  // namespace pvb::msgpack_format
