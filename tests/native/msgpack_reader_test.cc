#include "msgpack/reader.h"

#include <doctest/doctest.h>

#include "hex.h"

using pvb::Fault;
using pvb::msgpack_format::Reader;
using pvb::msgpack_format::Token;
using pvb::msgpack_format::TokenType;

namespace {

Token Read(const std::vector<uint8_t>& bytes) {
  Fault fault;
  Reader reader(bytes, &fault);
  Token token;
  REQUIRE(reader.Next(&token));
  return token;
}

}  // namespace

TEST_CASE("ints of every width") {
  CHECK(Read(Hex("7f")).number == 127);
  CHECK(Read(Hex("ff")).negative() == -1);
  CHECK(Read(Hex("e0")).negative() == -32);
  CHECK(Read(Hex("cc ff")).number == 255);
  CHECK(Read(Hex("cd ffff")).number == 65535);
  CHECK(Read(Hex("ce ffffffff")).number == 0xFFFFFFFF);
  CHECK(Read(Hex("cf ffffffffffffffff")).number == UINT64_MAX);
  CHECK(Read(Hex("d0 80")).negative() == -128);
  CHECK(Read(Hex("d1 8000")).negative() == -32768);
  CHECK(Read(Hex("d2 80000000")).negative() == INT32_MIN);
  CHECK(Read(Hex("d3 8000000000000000")).negative() == INT64_MIN);
  CHECK(Read(Hex("d0 05")).type == TokenType::kUint);  // a positive number in a signed form
  CHECK(Read(Hex("d3 8000000000000000")).type == TokenType::kNegativeInt);
}

TEST_CASE("floats, strings, bins, exts and containers") {
  CHECK(Read(Hex("ca 3fc00000")).real == 1.5);
  CHECK(Read(Hex("cb 3ff8000000000000")).real == 1.5);
  CHECK(ToHex(Read(Hex("a2 'hi'")).bytes) == Same("'hi'"));
  CHECK(ToHex(Read(Hex("d9 02 'hi'")).bytes) == Same("'hi'"));
  CHECK(ToHex(Read(Hex("db 00000002 'hi'")).bytes) == Same("'hi'"));
  CHECK(ToHex(Read(Hex("c5 0001 07")).bytes) == "07");
  const auto ext_bytes = Hex("c7 02 05 0102");
  const Token ext = Read(ext_bytes);
  CHECK(ext.ext_code == 5);
  CHECK(ToHex(ext.bytes) == "0102");
  CHECK(Read(Hex("d4 ff 01")).ext_code == -1);
  CHECK(Read(Hex("dc 0001 c0")).number == 1);
  CHECK(Read(Hex("df 00000001 a0 c0")).type == TokenType::kMap);
}

TEST_CASE("truncation and claims beyond the input are refused with the token's offset") {
  for (const char* hex : {"",
                          "cc",
                          "cd 00",
                          "cf 00",
                          "ca 00",
                          "cb 00",
                          "a2 'h'",
                          "d9",
                          "d9 05 'h'",
                          "db ffffffff",
                          "c4 01",
                          "c6 ffffffff",
                          "c7",
                          "c7 02 05 01",
                          "c9 ffffffff 05",
                          "d4 05",
                          "d8 05 00",
                          "92 c0",
                          "dd ffffffff c0",
                          "81 a0",
                          "df ffffffff c0",
                          "df 80000000 a0 a0",
                          "c1"}) {
    CAPTURE(hex);
    const auto bytes = Hex(hex);
    Fault fault;
    Reader reader(bytes, &fault);
    CHECK_FALSE(reader.Skip());
    CHECK(fault.status == PVB_ERR_DECODE);
    CHECK(fault.offset <= bytes.size());
  }
}

TEST_CASE("skip passes over a value with all that is in it, however deep") {
  auto bytes = Hex("93 81 a1 'a' 92 01 02 c4 01 07 d6 05 00000000 2a");
  Fault fault;
  Reader reader(bytes, &fault);
  REQUIRE(reader.Skip());
  CHECK(reader.left() == 1);

  std::vector<uint8_t> deep(1000000, 0x91);
  deep.push_back(0xC0);
  Reader deep_reader(deep, &fault);
  CHECK(deep_reader.Skip());
  CHECK(deep_reader.left() == 0);
}
