#include "wire/text.h"

#include <charconv>
#include <cmath>
#include <cstring>

namespace pvb::text {
namespace {

constexpr uint64_t kHighBits = 0x8080808080808080;

// The length of the run of ASCII at the start.
uint64_t AsciiPrefix(Bytes bytes) {
  uint64_t i = 0;
  for (; i + 8 <= bytes.size(); i += 8) {
    uint64_t word;
    std::memcpy(&word, bytes.data() + i, 8);
    if ((word & kHighBits) != 0) break;
  }
  while (i < bytes.size() && bytes[i] < 0x80) ++i;
  return i;
}

// The code point of a well-formed sequence of three, as most scripts of Asia have; 0 for anything else.
uint32_t DecodeThree(Bytes bytes) {
  if (bytes.size() < 3) return 0;
  const uint8_t* const at = bytes.data();
  if ((at[0] & 0xF0) != 0xE0 || (at[1] & 0xC0) != 0x80 || (at[2] & 0xC0) != 0x80) return 0;
  const uint32_t code_point = (at[0] & 0x0Fu) << 12 | (at[1] & 0x3Fu) << 6 | (at[2] & 0x3Fu);
  const bool is_overlong = code_point < 0x800;
  const bool is_surrogate = (code_point & 0xF800) == 0xD800;
  return is_overlong || is_surrogate ? 0 : code_point;
}

// Decodes one code point at the start of `bytes` (not empty) and returns its length. When it is ill-formed the result is
// the length of the maximal ill-formed part with `ok` false (Unicode 3.9, "substitution of maximal subparts").
uint32_t DecodeOne(Bytes bytes, uint32_t* code_point, bool* ok) {
  const uint8_t lead = bytes[0];
  *ok = true;
  if (lead < 0x80) {
    *code_point = lead;
    return 1;
  }
  if ((*code_point = DecodeThree(bytes)) != 0) return 3;
  uint32_t count;
  uint8_t low = 0x80;
  uint8_t high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    count = 1;
    *code_point = lead & 0x1F;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    count = 2;
    *code_point = lead & 0x0F;
    if (lead == 0xE0) low = 0xA0;   // overlong
    if (lead == 0xED) high = 0x9F;  // surrogates
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    count = 3;
    *code_point = lead & 0x07;
    if (lead == 0xF0) low = 0x90;   // overlong
    if (lead == 0xF4) high = 0x8F;  // above U+10FFFF
  } else {
    *ok = false;
    return 1;
  }
  for (uint32_t i = 1; i <= count; ++i) {
    if (i >= bytes.size() || bytes[i] < low || bytes[i] > high) {
      *ok = false;
      return i;
    }
    *code_point = (*code_point << 6) | (bytes[i] & 0x3Fu);
    low = 0x80;
    high = 0xBF;
  }
  return count + 1;
}

uint16_t UnitAt(Bytes utf16, uint64_t index) {
  return static_cast<uint16_t>(utf16[2 * index] | (utf16[2 * index + 1] << 8));
}

uint8_t* PutUnit(uint8_t* out, uint32_t unit) {
  *out++ = static_cast<uint8_t>(unit);
  *out++ = static_cast<uint8_t>(unit >> 8);
  return out;
}

uint8_t* PutUtf8(uint8_t* out, uint32_t code_point) {
  if (code_point < 0x80) {
    *out++ = static_cast<uint8_t>(code_point);
  } else if (code_point < 0x800) {
    *out++ = static_cast<uint8_t>(0xC0 | (code_point >> 6));
    *out++ = static_cast<uint8_t>(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    *out++ = static_cast<uint8_t>(0xE0 | (code_point >> 12));
    *out++ = static_cast<uint8_t>(0x80 | ((code_point >> 6) & 0x3F));
    *out++ = static_cast<uint8_t>(0x80 | (code_point & 0x3F));
  } else {
    *out++ = static_cast<uint8_t>(0xF0 | (code_point >> 18));
    *out++ = static_cast<uint8_t>(0x80 | ((code_point >> 12) & 0x3F));
    *out++ = static_cast<uint8_t>(0x80 | ((code_point >> 6) & 0x3F));
    *out++ = static_cast<uint8_t>(0x80 | (code_point & 0x3F));
  }
  return out;
}

bool IsHighSurrogate(uint32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool IsLowSurrogate(uint32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

}  // namespace

bool IsAscii(Bytes bytes) { return AsciiPrefix(bytes) == bytes.size(); }

Utf8Summary SummarizeUtf8(Bytes utf8) {
  Utf8Summary summary;
  uint64_t i = AsciiPrefix(utf8);
  summary.utf16_units = i;
  if (i == utf8.size()) {
    summary.valid = summary.ascii = summary.latin1 = true;
    return summary;
  }
  bool latin1 = true;
  while (i < utf8.size()) {
    if (utf8[i] < 0x80) {
      const uint64_t run = AsciiPrefix(utf8.subspan(i));
      summary.utf16_units += run;
      i += run;
      continue;
    }
    uint32_t code_point = 0;
    bool ok = false;
    const uint32_t length = DecodeOne(utf8.subspan(i), &code_point, &ok);
    if (!ok) {
      summary.error_offset = i;
      return summary;
    }
    latin1 = latin1 && code_point < 0x100;
    summary.utf16_units += code_point >= 0x10000 ? 2 : 1;
    i += length;
  }
  summary.valid = true;
  summary.latin1 = latin1;
  return summary;
}

void Utf8ToLatin1(Bytes utf8, uint8_t* latin1) {
  for (uint64_t i = 0; i < utf8.size();) {
    const uint8_t lead = utf8[i];
    if (lead < 0x80) {
      *latin1++ = lead;
      i += 1;
    } else {
      *latin1++ = static_cast<uint8_t>((lead << 6) | (utf8[i + 1] & 0x3F));
      i += 2;
    }
  }
}

void Utf8ToUtf16(Bytes utf8, uint8_t* out) {
  for (uint64_t i = 0; i < utf8.size();) {
    uint32_t code_point = 0;
    bool ok = false;
    i += DecodeOne(utf8.subspan(i), &code_point, &ok);
    if (code_point >= 0x10000) {
      code_point -= 0x10000;
      out = PutUnit(out, 0xD800 + (code_point >> 10));
      out = PutUnit(out, 0xDC00 + (code_point & 0x3FF));
    } else {
      out = PutUnit(out, code_point);
    }
  }
}

uint64_t Latin1Utf8Size(Bytes latin1) {
  uint64_t i = AsciiPrefix(latin1);
  uint64_t size = latin1.size();
  for (; i < latin1.size(); ++i) size += latin1[i] >> 7;
  return size;
}

void Latin1ToUtf8(Bytes latin1, uint8_t* utf8) {
  for (const uint8_t byte : latin1) utf8 = PutUtf8(utf8, byte);
}

bool Utf16Utf8Size(Bytes utf16, uint64_t* size) {
  const uint64_t units = utf16.size() / 2;
  uint64_t result = 0;
  for (uint64_t i = 0; i < units; ++i) {
    const uint32_t unit = UnitAt(utf16, i);
    if (unit < 0x80) {
      result += 1;
    } else if (unit < 0x800) {
      result += 2;
    } else if (IsHighSurrogate(unit)) {
      if (i + 1 == units || !IsLowSurrogate(UnitAt(utf16, i + 1))) return false;
      ++i;
      result += 4;
    } else if (IsLowSurrogate(unit)) {
      return false;
    } else {
      result += 3;
    }
  }
  *size = result;
  return true;
}

void Utf16ToUtf8(Bytes utf16, uint8_t* utf8) {
  const uint64_t units = utf16.size() / 2;
  for (uint64_t i = 0; i < units; ++i) {
    uint32_t code_point = UnitAt(utf16, i);
    if (IsHighSurrogate(code_point)) {
      code_point = 0x10000 + ((code_point - 0xD800) << 10) + (UnitAt(utf16, ++i) - 0xDC00u);
    }
    utf8 = PutUtf8(utf8, code_point);
  }
}

std::string Utf16ToWtf8(Bytes utf16) {
  const uint64_t units = utf16.size() / 2;
  std::string text(3 * units, '\0');  // no unit needs more
  auto* const begin = reinterpret_cast<uint8_t*>(text.data());
  uint8_t* out = begin;
  for (uint64_t i = 0; i < units; ++i) {
    uint32_t code_point = UnitAt(utf16, i);
    if (IsHighSurrogate(code_point) && i + 1 < units && IsLowSurrogate(UnitAt(utf16, i + 1))) {
      code_point = 0x10000 + ((code_point - 0xD800) << 10) + (UnitAt(utf16, ++i) - 0xDC00u);
    }
    out = PutUtf8(out, code_point);
  }
  text.resize(static_cast<size_t>(out - begin));
  return text;
}

std::string ReplaceIllFormed(Bytes utf8) {
  std::string result;
  for (uint64_t i = 0; i < utf8.size();) {
    uint32_t code_point = 0;
    bool ok = false;
    const uint32_t length = DecodeOne(utf8.subspan(i), &code_point, &ok);
    if (ok) {
      result.append(reinterpret_cast<const char*>(utf8.data() + i), length);
    } else {
      result.append("\xEF\xBF\xBD");
    }
    i += length;
  }
  return result;
}

bool ParseArrayIndex(std::string_view key, uint32_t* index) {
  constexpr uint64_t kMaxIndex = 0xFFFFFFFE;
  if (key.empty() || key.size() > 10 || (key[0] == '0' && key.size() > 1)) return false;
  uint64_t value = 0;
  for (const char c : key) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + static_cast<uint64_t>(c - '0');
  }
  *index = static_cast<uint32_t>(value);
  return value <= kMaxIndex;
}

// ECMA-262, Number::toString with radix 10. std::to_chars gives the same shortest digits; the layout is JavaScript's.
std::string NumberToString(double number) {
  if (std::isnan(number)) return "NaN";
  if (number == 0) return "0";
  if (number < 0) return "-" + NumberToString(-number);
  if (std::isinf(number)) return "Infinity";

  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number, std::chars_format::scientific).ptr;
  std::string digits;
  int exponent = 0;
  for (const char* p = buffer; p != end; ++p) {
    if (*p == 'e') {
      std::from_chars(p[1] == '+' ? p + 2 : p + 1, end, exponent);
      break;
    }
    if (*p != '.') digits.push_back(*p);
  }
  const int count = static_cast<int>(digits.size());
  const int point = exponent + 1;  // the decimal point stands behind this many digits
  if (count <= point && point <= 21) return digits + std::string(static_cast<size_t>(point - count), '0');
  if (0 < point && point <= 21) return digits.insert(static_cast<size_t>(point), ".");
  if (-6 < point && point <= 0) return "0." + std::string(static_cast<size_t>(-point), '0') + digits;
  std::string text = digits.substr(0, 1);
  if (count > 1) text += "." + digits.substr(1);
  text += exponent < 0 ? "e-" : "e+";
  return text + std::to_string(exponent < 0 ? -exponent : exponent);
}

}  // namespace pvb::text
