#include "wire/text.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "hex.h"

namespace text = pvb::text;

TEST_CASE("UTF-8 is checked strictly") {
  struct Case {
    const char* hex;
    bool valid;
    bool latin1;
    uint64_t units;
    uint64_t error_offset;
  };
  for (const Case& c : {Case{"", true, true, 0, 0},
                        {"'abc'", true, true, 3, 0},
                        {"c3a9", true, true, 1, 0},
                        {"c480", true, false, 1, 0},
                        {"f09f9880", true, false, 2, 0},
                        {"'abcdefghi' c3a9", true, true, 10, 0},
                        {"efbfbf", true, false, 1, 0},
                        {"f48fbfbf", true, false, 2, 0},
                        {"c0af", false, false, 0, 0},
                        {"'a' 80", false, false, 0, 1},
                        {"eda080", false, false, 0, 0},
                        {"f4908080", false, false, 0, 0},
                        {"e08080", false, false, 0, 0},
                        {"f0808080", false, false, 0, 0},
                        {"'abcdefgh' ff", false, false, 0, 8},
                        {"e282", false, false, 0, 0},
                        {"c3", false, false, 0, 0}}) {
    CAPTURE(c.hex);
    const auto bytes = Hex(c.hex);
    const text::Utf8Summary summary = text::SummarizeUtf8(bytes);
    CHECK(summary.valid == c.valid);
    if (c.valid) {
      CHECK(summary.latin1 == c.latin1);
      CHECK(summary.utf16_units == c.units);
    } else {
      CHECK(summary.error_offset == c.error_offset);
    }
  }
}

TEST_CASE("every code point survives UTF-8 to UTF-16 and back") {
  for (uint32_t code_point = 0; code_point <= 0x10FFFF; code_point += code_point < 0x3000 ? 1 : 37) {
    if (code_point >= 0xD800 && code_point <= 0xDFFF) continue;
    std::vector<uint8_t> utf16;
    const auto put = [&](uint32_t unit) {
      utf16.push_back(static_cast<uint8_t>(unit));
      utf16.push_back(static_cast<uint8_t>(unit >> 8));
    };
    if (code_point >= 0x10000) {
      put(0xD800 + ((code_point - 0x10000) >> 10));
      put(0xDC00 + ((code_point - 0x10000) & 0x3FF));
    } else {
      put(code_point);
    }
    uint64_t size = 0;
    REQUIRE(text::Utf16Utf8Size(utf16, &size));
    std::vector<uint8_t> utf8(size);
    text::Utf16ToUtf8(utf16, utf8.data());
    const text::Utf8Summary summary = text::SummarizeUtf8(utf8);
    REQUIRE(summary.valid);
    REQUIRE(summary.utf16_units == utf16.size() / 2);
    REQUIRE(summary.latin1 == (code_point < 0x100));
    std::vector<uint8_t> back(utf16.size());
    text::Utf8ToUtf16(utf8, back.data());
    REQUIRE(back == utf16);
  }
}

TEST_CASE("lone surrogates have no UTF-8, and three bytes in WTF-8") {
  uint64_t size = 0;
  for (const char* hex : {"00d8", "00dc", "00d8 6100", "00dc 00d8", "6100 00d8"}) {
    CAPTURE(hex);
    const auto units = Hex(hex);
    CHECK_FALSE(text::Utf16Utf8Size(units, &size));
  }
  CHECK(text::Utf16ToWtf8(Hex("00d8")) == "\xED\xA0\x80");
  CHECK(text::Utf16ToWtf8(Hex("3dd8 00de 00dc")) == "\xF0\x9F\x98\x80\xED\xB0\x80");
}

TEST_CASE("Latin-1 to UTF-8 and back") {
  std::vector<uint8_t> latin1;
  for (unsigned i = 0; i < 256; ++i) latin1.push_back(static_cast<uint8_t>(i));
  CHECK(text::Latin1Utf8Size(latin1) == 384);
  std::vector<uint8_t> utf8(384);
  text::Latin1ToUtf8(latin1, utf8.data());
  std::vector<uint8_t> back(256);
  text::Utf8ToLatin1(utf8, back.data());
  CHECK(back == latin1);
}

TEST_CASE("ill-formed UTF-8 is replaced part by part, as V8 does") {
  const std::string r = "\xEF\xBF\xBD";
  CHECK(text::ReplaceIllFormed(Hex("'a' ff 'b'")) == "a" + r + "b");
  CHECK(text::ReplaceIllFormed(Hex("eda080")) == r + r + r);
  CHECK(text::ReplaceIllFormed(Hex("e282 'x'")) == r + "x");
  CHECK(text::ReplaceIllFormed(Hex("f09f98")) == r);
  CHECK(text::ReplaceIllFormed(Hex("c3a9")) == "\xC3\xA9");
}

TEST_CASE("numbers are spelled as JavaScript spells them") {
  const double inf = std::numeric_limits<double>::infinity();
  for (const auto& [number, expected] : {std::pair{0.0, "0"},
                                         {-0.0, "0"},
                                         {1.5, "1.5"},
                                         {-1.5, "-1.5"},
                                         {1e21, "1e+21"},
                                         {123456789012345680000.0, "123456789012345680000"},
                                         {1e-6, "0.000001"},
                                         {1e-7, "1e-7"},
                                         {1.25e-7, "1.25e-7"},
                                         {5e-324, "5e-324"},
                                         {1.7976931348623157e308, "1.7976931348623157e+308"},
                                         {4294967294.0, "4294967294"},
                                         {0.1, "0.1"},
                                         {100.0, "100"},
                                         {123.456, "123.456"},
                                         {inf, "Infinity"},
                                         {-inf, "-Infinity"},
                                         {std::nan(""), "NaN"}}) {
    CHECK(text::NumberToString(number) == expected);
  }
}

TEST_CASE("array indexes are canonical and below 2^32 - 1") {
  uint32_t index = 7;
  CHECK(text::ParseArrayIndex("0", &index));
  CHECK(index == 0);
  CHECK(text::ParseArrayIndex("4294967294", &index));
  CHECK(index == 4294967294);
  for (const char* key : {"", "00", "01", "-1", "1.5", "4294967295", "42949672940", "x", "1x"}) {
    CAPTURE(std::string(key));
    CHECK_FALSE(text::ParseArrayIndex(key, &index));
  }
}
