#include "wire/reader.h"

#include <cstring>

namespace pvb::wire {

bool Reader::Fail(uint64_t offset, std::string message) {
  if (fault_->status == PVB_OK) {
    fault_->status = PVB_ERR_DECODE;
    fault_->offset = offset;
    fault_->message = std::move(message);
  }
  return false;
}

bool Reader::ReadHeader() {
  if (left() == 0) return Fail("empty input: a header 0xFF and a version were expected");
  if (bytes_[offset_] != kHeaderByte) return Fail("no header: the first byte is not 0xFF");
  ++offset_;
  const uint64_t at = offset_;
  if (!ReadVarint32(&version_)) return false;
  if (version_ < kMinVersion || version_ > kMaxVersion) {
    return Fail(at, "unsupported version " + std::to_string(version_) + ": versions 13 to 15 can be read");
  }
  return true;
}

bool Reader::PeekTag(Tag* tag) {
  while (offset_ < bytes_.size() && bytes_[offset_] == static_cast<uint8_t>(Tag::kPadding)) ++offset_;
  if (offset_ == bytes_.size()) return false;
  *tag = static_cast<Tag>(bytes_[offset_]);
  return true;
}

bool Reader::TakeTagIf(Tag wanted) {
  const uint64_t before = offset_;
  Tag tag;
  if (PeekTag(&tag) && tag == wanted) {
    TakeTag();
    return true;
  }
  offset_ = before;
  return false;
}

bool Reader::ReadTag(Tag* tag) {
  if (!PeekTag(tag)) return Fail("truncated: a tag was expected");
  TakeTag();
  return true;
}

bool Reader::ReadValueTag(Tag* tag) {
  while (true) {
    if (!ReadTag(tag)) return false;
    uint32_t count;
    if (*tag != Tag::kVerifyObjectCount) return true;
    if (!ReadVarint32(&count)) return false;
  }
}

bool Reader::ReadVarint32(uint32_t* value) {
  const uint64_t at = offset_;
  uint32_t result = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    if (left() == 0) return Fail(at, "truncated varint");
    const uint8_t byte = bytes_[offset_++];
    if (shift == 28 && byte > 0x0F) break;
    result |= static_cast<uint32_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) {
      *value = result;
      return true;
    }
  }
  return Fail(at, "a varint of more than 32 bits");
}

bool Reader::ReadVarint64(uint64_t* value) {
  const uint64_t at = offset_;
  uint64_t result = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    if (left() == 0) return Fail(at, "truncated varint");
    const uint8_t byte = bytes_[offset_++];
    if (shift == 63 && byte > 0x01) break;
    result |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0) {
      *value = result;
      return true;
    }
  }
  return Fail(at, "a varint of more than 64 bits");
}

bool Reader::ReadVarint8(uint8_t* value) {
  const uint64_t at = offset_;
  if (left() == 0) return Fail(at, "truncated: a tag was expected");
  uint8_t result = bytes_[offset_++];
  if ((result & 0x80) != 0) {
    if (left() == 0) return Fail(at, "truncated varint");
    const uint8_t second = bytes_[offset_++];
    if (second > 0x01) return Fail(at, "a varint of more than 8 bits");
    result = static_cast<uint8_t>((result & 0x7F) | (second << 7));
  }
  *value = result;
  return true;
}

bool Reader::ReadZigZag32(int32_t* value) {
  uint32_t bits;
  if (!ReadVarint32(&bits)) return false;
  *value = static_cast<int32_t>((bits >> 1) ^ (0u - (bits & 1)));
  return true;
}

bool Reader::ReadDouble(double* value) {
  std::span<const uint8_t> raw;
  if (!ReadRaw(sizeof *value, &raw)) return false;
  std::memcpy(value, raw.data(), sizeof *value);
  return true;
}

bool Reader::ReadRaw(uint64_t count, std::span<const uint8_t>* bytes) {
  if (count > left()) {
    return Fail("truncated: " + std::to_string(count) + " bytes were announced, " + std::to_string(left()) +
                " are left");
  }
  *bytes = bytes_.subspan(offset_, count);
  offset_ += count;
  return true;
}

bool Reader::ReadCounted(std::span<const uint8_t>* bytes) {
  uint32_t count;
  return ReadVarint32(&count) && ReadRaw(count, bytes);
}

}  // namespace pvb::wire
