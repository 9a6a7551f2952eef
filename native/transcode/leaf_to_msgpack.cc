#include "transcode/leaf_to_msgpack.h"

#include <cmath>
#include <limits>
#include <string_view>

#include "wire/text.h"

namespace pvb {

using wire::Tag;

namespace {

// The regexp letters in the order in which JavaScript's `flags` shows them.
constexpr std::string_view kSortedLetters = "dgimsuvy";

}  // namespace

double TimeClip(double milliseconds) {
  constexpr double kLargest = 8.64e15;
  if (!(std::abs(milliseconds) <= kLargest)) return std::numeric_limits<double>::quiet_NaN();
  return std::trunc(milliseconds) + 0.0;  // + 0.0 makes -0 into 0
}

void WriteOwnView(uint8_t kind, std::span<const uint8_t> bytes, MessageWriter* out) {
  out->WriteExtHeader(Ext::kView, bytes.size() + 1);
  out->out()->push(kind);
  out->out()->append(bytes.data(), bytes.size());
}

bool LeafToMsgpack::WritePrimitive(Tag tag, MessageWriter* out, bool* known) {
  *known = true;
  switch (tag) {
    case Tag::kUndefined:
      out->WriteUndefined();
      return true;
    case Tag::kNull:
      out->WriteNil();
      return true;
    case Tag::kTrue:
    case Tag::kFalse:
      out->WriteBool(tag == Tag::kTrue);
      return true;
    case Tag::kInt32: {
      int32_t value = 0;
      if (!reader_.ReadZigZag32(&value)) return false;
      out->WriteInt(value);
      return true;
    }
    case Tag::kUint32: {
      uint32_t value = 0;
      if (!reader_.ReadVarint32(&value)) return false;
      out->WriteUint(value);
      return true;
    }
    case Tag::kDouble: {
      double value = 0;
      if (!reader_.ReadDouble(&value)) return false;
      out->WriteNumber(std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : value);
      return true;
    }
    case Tag::kBigInt:
      return WriteBigInt(out);
    case Tag::kOneByteString:
    case Tag::kTwoByteString:
    case Tag::kUtf8String:
      return WriteString(tag, out);
    default:
      *known = false;
      return true;
  }
}

// ---- strings ----

bool LeafToMsgpack::IsString(Tag tag) {
  return tag == Tag::kOneByteString || tag == Tag::kTwoByteString || tag == Tag::kUtf8String;
}

bool LeafToMsgpack::WriteTaggedString(MessageWriter* out) {
  Tag tag;
  if (!reader_.ReadValueTag(&tag)) return false;
  if (!IsString(tag)) return reader_.Fail(reader_.offset() - 1, "a string was expected");
  return WriteString(tag, out);
}

bool LeafToMsgpack::WriteString(Tag tag, MessageWriter* out, bool* well_formed) {
  if (well_formed != nullptr) *well_formed = true;
  if (tag == Tag::kOneByteString) return WriteOneByte(out);
  if (tag == Tag::kTwoByteString) return WriteTwoByte(out, well_formed);
  return WriteUtf8(out);
}

bool LeafToMsgpack::CheckLength(uint64_t at, uint64_t units) {
  if (units <= limits_.max_string) return true;
  return reader_.Fail(at, "a string of " + std::to_string(units) + " UTF-16 units: V8 holds at most " +
                              std::to_string(limits_.max_string));
}

bool LeafToMsgpack::WriteOneByte(MessageWriter* out) {
  const uint64_t at = reader_.offset();
  std::span<const uint8_t> latin1;
  if (!reader_.ReadCounted(&latin1) || !CheckLength(at, latin1.size())) return false;
  const uint64_t size = text::Latin1Utf8Size(latin1);
  out->WriteStrHeader(static_cast<uint32_t>(size));
  if (size == latin1.size()) {
    out->out()->append(latin1.data(), latin1.size());
  } else {
    text::Latin1ToUtf8(latin1, out->out()->extend(size));
  }
  return true;
}

bool LeafToMsgpack::WriteTwoByte(MessageWriter* out, bool* well_formed) {
  const uint64_t at = reader_.offset();
  std::span<const uint8_t> units;
  if (!reader_.ReadCounted(&units)) return false;
  if (units.size() % 2 != 0) return reader_.Fail(at, "an odd number of bytes in a two-byte string");
  if (!CheckLength(at, units.size() / 2)) return false;
  uint64_t size = 0;
  if (text::Utf16Utf8Size(units, &size)) {
    out->WriteStrHeader(static_cast<uint32_t>(size));
    text::Utf16ToUtf8(units, out->out()->extend(size));
  } else {
    out->WriteExt(Ext::kString16, units);
    if (well_formed != nullptr) *well_formed = false;
  }
  return true;
}

bool LeafToMsgpack::WriteUtf8(MessageWriter* out) {
  const uint64_t at = reader_.offset();
  std::span<const uint8_t> utf8;
  if (!reader_.ReadCounted(&utf8)) return false;
  const text::Utf8Summary summary = text::SummarizeUtf8(utf8);
  if (summary.valid) {
    if (!CheckLength(at, summary.utf16_units)) return false;
    out->WriteStr(utf8);
    return true;
  }
  if (!CheckLength(at, utf8.size())) return false;
  const std::string replaced = text::ReplaceIllFormed(utf8);
  out->WriteStr({reinterpret_cast<const uint8_t*>(replaced.data()), replaced.size()});
  return true;
}

// ---- bigints, dates, regexps, boxed primitives ----

bool LeafToMsgpack::WriteBigInt(MessageWriter* out) {
  const uint64_t at = reader_.offset();
  uint32_t bitfield = 0;
  std::span<const uint8_t> digits;
  if (!reader_.ReadVarint32(&bitfield)) return false;
  const bool negative = (bitfield & 1) != 0;
  const uint32_t size = (bitfield >> 1) & 0x3FFFFFFF;
  if (negative && size == 0) return reader_.Fail(at, "a bigint with a sign and no digits");
  if (size > limits_.max_bigint_bytes) {
    return reader_.Fail(at, "a bigint of " + std::to_string(size) + " bytes: V8 holds at most " +
                                std::to_string(limits_.max_bigint_bytes));
  }
  if (!reader_.ReadRaw(size, &digits)) return false;
  out->WriteBigInt(negative, digits);
  return true;
}

bool LeafToMsgpack::WriteDate(MessageWriter* out) {
  double milliseconds = 0;
  if (!reader_.ReadDouble(&milliseconds)) return false;
  out->WriteDate(TimeClip(milliseconds));
  return true;
}

bool LeafToMsgpack::WriteRegExp(MessageWriter* out) {
  ByteBuffer payload;
  MessageWriter inner(&payload);
  if (!WriteTaggedString(&inner)) return false;
  const uint64_t at = reader_.offset();
  uint32_t flags = 0;
  if (!reader_.ReadVarint32(&flags)) return false;
  constexpr std::string_view kLetters = wire::kRegExpFlagLetters;
  if (flags >= (1u << kLetters.size())) return reader_.Fail(at, "unknown flags of a regexp");
  const auto has = [&](char letter) { return (flags & (1u << kLetters.find(letter))) != 0; };
  if (has('l')) return reader_.Fail(at, "the regexp flag 'linear' is not supported");
  if (has('u') && has('v')) return reader_.Fail(at, "a regexp cannot have both flags u and v");
  std::string letters;
  for (const char letter : kSortedLetters) {
    if (has(letter)) letters.push_back(letter);
  }
  inner.WriteStr({reinterpret_cast<const uint8_t*>(letters.data()), letters.size()});
  out->WriteExt(Ext::kRegExp, payload.span());
  return true;
}

bool LeafToMsgpack::WriteBoxed(Tag tag, MessageWriter* out) {
  ByteBuffer payload;
  MessageWriter inner(&payload);
  switch (tag) {
    case Tag::kTrueObject:
    case Tag::kFalseObject:
      inner.WriteBool(tag == Tag::kTrueObject);
      break;
    case Tag::kNumberObject: {
      double value = 0;
      if (!reader_.ReadDouble(&value)) return false;
      inner.WriteNumber(std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : value);
      break;
    }
    case Tag::kBigIntObject:
      if (!WriteBigInt(&inner)) return false;
      break;
    default:
      if (!WriteTaggedString(&inner)) return false;
      break;
  }
  out->WriteExt(Ext::kBoxed, payload.span());
  return true;
}

}  // namespace pvb
