#include "wire/writer.h"

#include <doctest/doctest.h>

#include "hex.h"

using pvb::ByteBuffer;
using pvb::wire::Writer;

namespace {

template <typename Write>
std::string Written(Write write) {
  ByteBuffer out;
  Writer writer(&out);
  write(writer);
  return ToHex(out.span());
}

}  // namespace

TEST_CASE("the header is version 15") {
  CHECK(Written([](Writer& w) { w.WriteHeader(); }) == "ff0f");
}

TEST_CASE("numbers are int32 or double, as V8 writes them") {
  for (const auto& [number, hex] : {std::pair{0.0, "49 00"},
                                    {-0.0, "4e 0000000000000080"},
                                    {1.0, "49 02"},
                                    {2147483647.0, "49 feffffff0f"},
                                    {2147483648.0, "4e 000000000000e041"},
                                    {-2147483648.0, "49 ffffffff0f"},
                                    {1.5, "4e 000000000000f83f"},
                                    {std::numeric_limits<double>::infinity(), "4e 000000000000f07f"}}) {
    const auto& input = number;  // clang 14 captures no structured binding
    CAPTURE(input);
    CHECK(Written([&, n = number](Writer& w) { w.WriteNumber(n); }) == Same(hex));
  }
}

TEST_CASE("NaN is canonical whatever its payload") {
  const double odd = std::bit_cast<double>(uint64_t{0xFFF8000000001234});
  CHECK(Written([&](Writer& w) { w.WriteDouble(odd); }) == Same("000000000000f87f"));
}

TEST_CASE("two-byte strings begin at an even offset") {
  CHECK(Written([](Writer& w) { w.BeginTwoByteString(2); }) == Same("63 02"));
  CHECK(Written([](Writer& w) {
          w.WriteByte(0x61);
          w.BeginTwoByteString(2);
        }) == Same("61 00 63 02"));
  CHECK(Written([](Writer& w) { w.BeginTwoByteString(128); }) == Same("00 63 80 01"));
}

TEST_CASE("bigints come in whole digits, and zero has no sign") {
  const auto bigint = [](bool negative, const char* magnitude) {
    return Written([&](Writer& w) { w.WriteBigIntDigits(negative, Hex(magnitude)); });
  };
  CHECK(bigint(true, "") == "00");
  CHECK(bigint(false, "05") == Same("10 0500000000000000"));
  CHECK(bigint(true, "0000000000000000 01") == Same("21 0000000000000000 0100000000000000"));
}
