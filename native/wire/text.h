// Strings between their three encodings: UTF-8 (messages), Latin-1 and UTF-16 (V8). Untrusted on every side.
#ifndef PVB_WIRE_TEXT_H_
#define PVB_WIRE_TEXT_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace pvb::text {

using Bytes = std::span<const uint8_t>;

// True when every byte is below 0x80.
bool IsAscii(Bytes bytes);

// What a UTF-8 string is made of. `valid` is strict: no overlong forms, no surrogates, nothing above U+10FFFF; when it is false,
// `error_offset` is the first byte that is wrong.
struct Utf8Summary {
  bool valid = false;
  bool ascii = false;
  bool latin1 = false;       // every code point is below U+0100
  uint64_t utf16_units = 0;  // its length as a JavaScript string
  uint64_t error_offset = 0;
};
Utf8Summary SummarizeUtf8(Bytes utf8);

// Both need valid UTF-8 and write exactly utf16_units units (Latin-1: the string must be latin1).
void Utf8ToLatin1(Bytes utf8, uint8_t* latin1);
void Utf8ToUtf16(Bytes utf8, uint8_t* utf16_little_endian);

// The number of bytes of a Latin-1 string as UTF-8, and the conversion.
uint64_t Latin1Utf8Size(Bytes latin1);
void Latin1ToUtf8(Bytes latin1, uint8_t* utf8);

// The number of bytes of a UTF-16 string as UTF-8; false when it has a lone surrogate. The conversion needs a well-formed one.
bool Utf16Utf8Size(Bytes utf16_little_endian, uint64_t* size);
void Utf16ToUtf8(Bytes utf16_little_endian, uint8_t* utf8);

// UTF-16 as UTF-8, with each lone surrogate as the three bytes that UTF-8 would give its number (WTF-8): for keys and paths.
std::string Utf16ToWtf8(Bytes utf16_little_endian);

// UTF-8 with each maximal ill-formed part replaced by U+FFFD, as V8 decodes the format's UTF-8 strings.
std::string ReplaceIllFormed(Bytes utf8);

// Whether a property key spells an array index, 0 to 2^32 - 2, in its one canonical form.
bool ParseArrayIndex(std::string_view key, uint32_t* index);

// A JavaScript Number as String(number) spells it.
std::string NumberToString(double number);

}  // namespace pvb::text

#endif  // PVB_WIRE_TEXT_H_
