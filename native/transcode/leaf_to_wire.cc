#include "transcode/leaf_to_wire.h"

#include <cmath>
#include <vector>

#include "transcode/host_object.h"
#include "wire/text.h"

namespace pvb {

using msgpack_format::ReadBigEndian;
using msgpack_format::ReadBigEndianDouble;
using msgpack_format::TokenType;
using wire::Tag;

namespace {

constexpr uint64_t kMaxSafe = static_cast<uint64_t>(kMaxSafeInteger);

// Splits two's complement (little-endian) into a sign and a magnitude without zeros at its end.
bool SplitTwosComplement(std::span<const uint8_t> bytes, std::vector<uint8_t>* magnitude) {
  const bool negative = !bytes.empty() && (bytes.back() & 0x80) != 0;
  magnitude->assign(bytes.begin(), bytes.end());
  if (negative) {
    unsigned carry = 1;
    for (uint8_t& byte : *magnitude) {
      const unsigned digit = (~unsigned{byte} & 0xFFu) + carry;
      byte = static_cast<uint8_t>(digit);
      carry = digit >> 8;
    }
  }
  while (!magnitude->empty() && magnitude->back() == 0) magnitude->pop_back();
  return negative;
}

}  // namespace

bool LeafToWire::Fail(pvb_status status, uint64_t offset, std::string message) {
  return msgpack_format::Reader(message_, fault_).Fail(status, offset, std::move(message));
}

msgpack_format::Reader LeafToWire::PayloadReader(const Token& token) const {
  const auto begin = static_cast<uint64_t>(token.bytes.data() - message_.data());
  msgpack_format::Reader reader(message_.first(begin + token.bytes.size()), fault_);
  reader.Seek(begin);
  return reader;
}

bool LeafToWire::CheckPayload(const Token& token, uint64_t least, uint64_t most) {
  const uint64_t size = token.bytes.size();
  if (size >= least && size <= most) return true;
  return Fail(token.offset,
              "ext " + std::to_string(token.ext_code) + " with a payload of " + std::to_string(size) + " bytes");
}

bool LeafToWire::Write(const Token& token) {
  switch (token.type) {
    case TokenType::kNil:
      writer_.WriteTag(Tag::kNull);
      return true;
    case TokenType::kBool:
      writer_.WriteTag(token.number != 0 ? Tag::kTrue : Tag::kFalse);
      return true;
    case TokenType::kUint:
      return WriteUint(token);
    case TokenType::kNegativeInt:
      return WriteNegativeInt(token);
    case TokenType::kFloat:
      writer_.WriteNumber(token.real);
      return true;
    case TokenType::kStr:
      return WriteUtf8(token.offset, token.bytes);
    case TokenType::kBin:
      return WriteOwnView(token.offset, static_cast<uint8_t>(wire::ViewKind::kUint8), {.bytes = token.bytes});
    case TokenType::kExt:
      return WriteExt(token);
    case TokenType::kArray:
    case TokenType::kMap:
      break;
  }
  return Fail(token.offset, "a value without children was expected");
}

bool LeafToWire::WriteExt(const Token& token) {
  switch (static_cast<Ext>(token.ext_code)) {
    case Ext::kTimestamp:
      return WriteTimestamp(token);
    case Ext::kUndefined:
      if (!CheckPayload(token, 0, 0)) return false;
      writer_.WriteTag(Tag::kUndefined);
      return true;
    case Ext::kHole:
      return Fail(token.offset, "a hole outside an array");
    case Ext::kBigInt:
      return WriteBigInt(token, Tag::kBigInt);
    case Ext::kString16:
      return WriteUtf16(token.offset, token.bytes);
    case Ext::kDate:
      return CheckPayload(token, 8, 8) && WriteDate(ReadBigEndianDouble(token.bytes));
    case Ext::kRegExp:
      return WriteRegExp(token);
    case Ext::kBoxed:
      return WriteBoxed(token);
    case Ext::kView:
      return CheckPayload(token, 1, UINT64_MAX) &&
             WriteOwnView(token.offset, token.bytes[0], {.bytes = token.bytes.subspan(1)});
    case Ext::kBuffer:
    case Ext::kResizableBuffer: {
      BufferValue buffer;
      return ReadBuffer(token, &buffer) && WriteBuffer(token, buffer);
    }
    case Ext::kAttachment:
      return WriteAttachment(token);
    case Ext::kHandle:
      return WriteHandle(token);
    case Ext::kLeaf:
    case Ext::kNode:
      return Fail(token.offset, "a reference outside a graph, or among its leaves");
    case Ext::kGraph:
      return Fail(token.offset, "a graph inside a message");
  }
  return Fail(token.offset, "unknown ext code " + std::to_string(token.ext_code));
}

// ---- numbers ----

bool LeafToWire::WriteUint(const Token& token) {
  if (token.number > kMaxSafe) return WriteLargeInt(token, false, token.number);
  writer_.WriteNumber(static_cast<double>(token.number));
  return true;
}

bool LeafToWire::WriteNegativeInt(const Token& token) {
  const uint64_t magnitude = 0 - token.number;
  if (magnitude > kMaxSafe) return WriteLargeInt(token, true, magnitude);
  writer_.WriteNumber(-static_cast<double>(magnitude));
  return true;
}

bool LeafToWire::WriteLargeInt(const Token& token, bool negative, uint64_t magnitude) {
  switch (options_.big_ints) {
    case PVB_BIG_INTS_NUMBER:
      writer_.WriteNumber(negative ? -static_cast<double>(magnitude) : static_cast<double>(magnitude));
      return true;
    case PVB_BIG_INTS_ERROR:
      return Fail(PVB_ERR_ENCODE, token.offset,
                  "an int beyond 2**53 - 1, which a JavaScript number cannot hold exactly; big_ints='bigint' or "
                  "'number' allow it");
    case PVB_BIG_INTS_BIGINT:
      break;
  }
  uint8_t digits[8];
  for (uint32_t i = 0; i < 8; ++i) digits[i] = static_cast<uint8_t>(magnitude >> (8 * i));
  writer_.WriteTag(Tag::kBigInt);
  writer_.WriteBigIntDigits(negative, digits);
  return true;
}

bool LeafToWire::WriteBigInt(const Token& token, Tag tag) {
  if (token.bytes.size() > options_.limits.max_bigint_bytes) {
    return Fail(token.offset, "a bigint of " + std::to_string(token.bytes.size()) + " bytes: V8 holds at most " +
                                  std::to_string(options_.limits.max_bigint_bytes));
  }
  std::vector<uint8_t> magnitude;
  const bool negative = SplitTwosComplement(token.bytes, &magnitude);
  writer_.WriteTag(tag);
  writer_.WriteBigIntDigits(negative, magnitude);
  return true;
}

// ---- strings ----

bool LeafToWire::IsString(const Token& token) { return token.type == TokenType::kStr || token.IsExt(Ext::kString16); }

bool LeafToWire::WriteString(const Token& token) {
  return token.type == TokenType::kStr ? WriteUtf8(token.offset, token.bytes) : WriteUtf16(token.offset, token.bytes);
}

bool LeafToWire::WriteUtf8(uint64_t at, std::span<const uint8_t> utf8) {
  const text::Utf8Summary summary = text::SummarizeUtf8(utf8);
  if (!summary.valid) return Fail(at, "invalid UTF-8 at byte " + std::to_string(summary.error_offset) + " of a string");
  if (summary.utf16_units > options_.limits.max_string) {
    return Fail(at, "a string of " + std::to_string(summary.utf16_units) + " UTF-16 units: V8 holds at most " +
                        std::to_string(options_.limits.max_string));
  }
  if (summary.ascii) {
    writer_.WriteOneByteString(utf8);
  } else if (summary.latin1) {
    writer_.WriteTag(Tag::kOneByteString);
    writer_.WriteVarint(summary.utf16_units);
    text::Utf8ToLatin1(utf8, writer_.out()->extend(summary.utf16_units));
  } else {
    writer_.BeginTwoByteString(2 * summary.utf16_units);
    text::Utf8ToUtf16(utf8, writer_.out()->extend(2 * summary.utf16_units));
  }
  return true;
}

bool LeafToWire::WriteUtf16(uint64_t at, std::span<const uint8_t> utf16) {
  if (utf16.size() % 2 != 0) return Fail(at, "an odd number of bytes in a UTF-16 string");
  const uint64_t units = utf16.size() / 2;
  if (units > options_.limits.max_string) {
    return Fail(at, "a string of " + std::to_string(units) + " UTF-16 units: V8 holds at most " +
                        std::to_string(options_.limits.max_string));
  }
  bool latin1 = true;
  for (uint64_t i = 0; i < units && latin1; ++i) latin1 = utf16[2 * i + 1] == 0;
  if (latin1) {
    writer_.WriteTag(Tag::kOneByteString);
    writer_.WriteVarint(units);
    uint8_t* to = writer_.out()->extend(units);
    for (uint64_t i = 0; i < units; ++i) to[i] = utf16[2 * i];
  } else {
    writer_.BeginTwoByteString(utf16.size());
    writer_.WriteRaw(utf16);
  }
  return true;
}

// ---- objects without children ----

bool LeafToWire::WriteDate(double milliseconds) {
  TakeId();
  writer_.WriteTag(Tag::kDate);
  writer_.WriteDouble(milliseconds);
  return true;
}

bool LeafToWire::WriteTimestamp(const Token& token) {
  uint64_t nanoseconds = 0;
  double seconds = 0;
  switch (token.bytes.size()) {
    case 4:
      seconds = static_cast<double>(ReadBigEndian(token.bytes));
      break;
    case 8: {
      const uint64_t word = ReadBigEndian(token.bytes);
      nanoseconds = word >> 34;
      seconds = static_cast<double>(word & ((uint64_t{1} << 34) - 1));
      break;
    }
    case 12:
      nanoseconds = ReadBigEndian(token.bytes.first(4));
      seconds = static_cast<double>(static_cast<int64_t>(ReadBigEndian(token.bytes.subspan(4))));
      break;
    default:
      return CheckPayload(token, 1, 0);
  }
  if (nanoseconds > 999999999) return Fail(token.offset, "a timestamp of more than 999,999,999 nanoseconds");
  return WriteDate(seconds * 1000 + static_cast<double>(nanoseconds / 1000000));
}

bool LeafToWire::WriteRegExp(const Token& token) {
  msgpack_format::Reader reader = PayloadReader(token);
  Token source;
  Token letters;
  if (!reader.Next(&source) || !reader.Next(&letters)) return false;
  if (!IsString(source) || letters.type != TokenType::kStr || reader.left() != 0) {
    return Fail(token.offset, "a regexp is a source and flags, both strings");
  }
  constexpr std::string_view kLetters = wire::kRegExpFlagLetters;
  uint32_t flags = 0;
  for (const uint8_t letter : letters.bytes) {
    const size_t bit = letter == 'l' ? std::string_view::npos : kLetters.find(static_cast<char>(letter));
    if (bit == std::string_view::npos || (flags & (1u << bit)) != 0) {
      return Fail(letters.offset, "the flags of a regexp are distinct letters out of dgimsuvy");
    }
    flags |= 1u << bit;
  }
  const uint32_t kUnicode = 1u << kLetters.find('u');
  const uint32_t kUnicodeSets = 1u << kLetters.find('v');
  if ((flags & kUnicodeSets) != 0) {
    if ((flags & kUnicode) != 0) return Fail(PVB_ERR_ENCODE, letters.offset, "a regexp cannot have both flags u and v");
    if (!options_.traits.regexp_v_flag) return Fail(PVB_ERR_ENCODE, letters.offset, "this V8 has no regexp flag v");
  }
  if (options_.regexp_fault) {
    std::string fault =
        options_.regexp_fault(msgpack_format::StringText(source),
                              {reinterpret_cast<const char*>(letters.bytes.data()), letters.bytes.size()});
    if (!fault.empty()) return Fail(PVB_ERR_ENCODE, token.offset, std::move(fault));
  }
  TakeId();
  writer_.WriteTag(Tag::kRegExp);
  if (!WriteString(source)) return false;
  writer_.WriteVarint(flags);
  return true;
}

bool LeafToWire::WriteBoxed(const Token& token) {
  msgpack_format::Reader reader = PayloadReader(token);
  Token value;
  if (!reader.Next(&value)) return false;
  if (reader.left() != 0) return Fail(token.offset, "a boxed value is one value");
  if (value.type == TokenType::kBool) {
    TakeId();
    writer_.WriteTag(value.number != 0 ? Tag::kTrueObject : Tag::kFalseObject);
    return true;
  }
  if (IsString(value)) {
    TakeId();
    writer_.WriteTag(Tag::kStringObject);
    return WriteString(value);
  }
  if (value.IsExt(Ext::kBigInt)) {
    TakeId();
    return WriteBigInt(value, Tag::kBigIntObject);
  }
  double number = value.real;
  if (value.type == TokenType::kUint && value.number <= kMaxSafe) {
    number = static_cast<double>(value.number);
  } else if (value.type == TokenType::kNegativeInt && 0 - value.number <= kMaxSafe) {
    number = static_cast<double>(value.negative());
  } else if (value.type != TokenType::kFloat) {
    return Fail(value.offset, "a boxed value is a boolean, a number, a string or a bigint (ext 3)");
  }
  TakeId();
  writer_.WriteTag(Tag::kNumberObject);
  writer_.WriteDouble(number);
  return true;
}

// ---- binary data ----

bool LeafToWire::CheckView(uint64_t at, uint8_t kind, uint64_t byte_offset, uint64_t byte_length,
                           uint64_t buffer_size) {
  const uint64_t element = wire::ElementSize(kind);
  if (element == 0) return Fail(at, "unknown view kind " + std::to_string(kind));
  if (kind == static_cast<uint8_t>(wire::ViewKind::kFloat16) && !options_.traits.float16_array) {
    return Fail(PVB_ERR_ENCODE, at, "this V8 has no Float16Array");
  }
  if (byte_offset > buffer_size || byte_length > buffer_size - byte_offset) {
    return Fail(at, "a view beyond the end of its buffer");
  }
  if (byte_offset % element != 0 || byte_length % element != 0) {
    return Fail(at, "a view's offset or length is no multiple of its element size");
  }
  return true;
}

void LeafToWire::WriteView(uint8_t kind, uint64_t byte_offset, uint64_t byte_length, uint32_t flags) {
  TakeId();
  writer_.WriteTag(Tag::kArrayBufferView);
  writer_.WriteByte(kind);
  writer_.WriteVarint(byte_offset);
  writer_.WriteVarint(byte_length);
  writer_.WriteVarint(flags);
}

bool LeafToWire::WriteOwnView(uint64_t at, uint8_t kind, const BufferValue& buffer) {
  const uint64_t size = buffer.bytes.size();
  if (!CheckView(at, kind, 0, size, size)) return false;
  if (size > wire::kMaxUint32) return Fail(PVB_ERR_ENCODE, at, "binary data of 4 GiB or more");
  WriteBufferBytes(buffer);
  WriteView(kind, 0, size, 0);
  return true;
}

void LeafToWire::WriteBufferBytes(const BufferValue& buffer) {
  TakeId();
  if (buffer.attachment && !buffer.resizable && options_.transfers != nullptr) {
    writer_.WriteTag(Tag::kArrayBufferTransfer);
    writer_.WriteVarint(options_.transfers->size());
    options_.transfers->push_back(*buffer.attachment);
    return;
  }
  writer_.WriteTag(buffer.resizable ? Tag::kResizableArrayBuffer : Tag::kArrayBuffer);
  writer_.WriteVarint(buffer.bytes.size());
  if (buffer.resizable) writer_.WriteVarint(buffer.max_size);
  writer_.WriteRaw(buffer.bytes);
}

bool LeafToWire::ReadBuffer(const Token& token, BufferValue* buffer) {
  *buffer = BufferValue();
  if (token.IsExt(Ext::kBuffer)) {
    buffer->bytes = token.bytes;
    return true;
  }
  if (token.IsExt(Ext::kResizableBuffer)) {
    if (!CheckPayload(token, 8, UINT64_MAX)) return false;
    buffer->resizable = true;
    buffer->max_size = ReadBigEndian(token.bytes.first(8));
    buffer->bytes = token.bytes.subspan(8);
  } else if (token.IsExt(Ext::kAttachment)) {
    Attachment attachment;
    if (!ReadAttachment(token, &attachment)) return false;
    const auto use = static_cast<AttachmentUse>(attachment.use);
    if (use != AttachmentUse::kBuffer && use != AttachmentUse::kResizableBuffer) {
      return Fail(token.offset, "an ArrayBuffer was expected");
    }
    buffer->bytes = attachment.bytes;
    buffer->attachment = attachment.index;
    buffer->resizable = use == AttachmentUse::kResizableBuffer;
    buffer->max_size = attachment.max_size;
  } else {
    return Fail(token.offset, "an ArrayBuffer was expected");
  }
  if (buffer->resizable && buffer->max_size < buffer->bytes.size()) {
    return Fail(token.offset, "an ArrayBuffer longer than its maximum");
  }
  return true;
}

bool LeafToWire::WriteBuffer(const Token& token, const BufferValue& buffer) {
  if (buffer.bytes.size() > wire::kMaxUint32 || buffer.max_size > wire::kMaxUint32) {
    return Fail(PVB_ERR_ENCODE, token.offset, "binary data of 4 GiB or more");
  }
  if (buffer.resizable && !options_.traits.resizable_buffers) {
    return Fail(PVB_ERR_ENCODE, token.offset, "this V8 has no resizable ArrayBuffers");
  }
  WriteBufferBytes(buffer);
  return true;
}

bool LeafToWire::ReadAttachment(const Token& token, Attachment* attachment) {
  if (!CheckPayload(token, 13, 21)) return false;
  attachment->use = token.bytes[0];
  const bool resizable = attachment->use == static_cast<uint8_t>(AttachmentUse::kResizableBuffer);
  if (!CheckPayload(token, resizable ? 21 : 13, resizable ? 21 : 13)) return false;
  const uint64_t index = ReadBigEndian(token.bytes.subspan(1, 4));
  const uint64_t size = ReadBigEndian(token.bytes.subspan(5, 8));
  if (index >= attachments_.size()) {
    return Fail(token.offset, "attachment " + std::to_string(index) + " of " + std::to_string(attachments_.size()));
  }
  const pvb_bytes& bytes = attachments_[index];
  if (bytes.size != size) {
    return Fail(token.offset, "attachment " + std::to_string(index) + " has " + std::to_string(bytes.size) +
                                  " bytes, not " + std::to_string(size));
  }
  attachment->index = static_cast<uint32_t>(index);
  attachment->bytes = {bytes.data, bytes.size};
  if (resizable) attachment->max_size = ReadBigEndian(token.bytes.subspan(13));
  return true;
}

bool LeafToWire::WriteAttachment(const Token& token) {
  Attachment attachment;
  if (!ReadAttachment(token, &attachment)) return false;
  switch (static_cast<AttachmentUse>(attachment.use)) {
    case AttachmentUse::kBytes:
      return WriteOwnView(token.offset, static_cast<uint8_t>(wire::ViewKind::kUint8),
                          {.bytes = attachment.bytes, .attachment = attachment.index});
    case AttachmentUse::kUtf8String:
      return WriteUtf8(token.offset, attachment.bytes);
    case AttachmentUse::kString16:
      return WriteUtf16(token.offset, attachment.bytes);
    case AttachmentUse::kBuffer:
    case AttachmentUse::kResizableBuffer: {
      BufferValue buffer;
      return ReadBuffer(token, &buffer) && WriteBuffer(token, buffer);
    }
  }
  return WriteOwnView(token.offset, attachment.use, {.bytes = attachment.bytes, .attachment = attachment.index});
}

bool LeafToWire::WriteHandle(const Token& token) {
  if (!CheckPayload(token, 9, 9)) return false;
  if (!options_.host_objects) {
    return Fail(PVB_ERR_ENCODE, token.offset, "a handle to a JavaScript object means nothing outside its context");
  }
  TakeId();
  writer_.WriteTag(Tag::kHostObject);
  writer_.WriteVarint(static_cast<uint32_t>(HostObject::kHandle));
  writer_.WriteVarint(ReadBigEndian(token.bytes.subspan(1)));
  return true;
}

}  // namespace pvb
