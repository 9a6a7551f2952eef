#include "wire/reader.h"

#include <doctest/doctest.h>

#include "hex.h"

using pvb::Fault;
using pvb::wire::Reader;
using pvb::wire::Tag;

TEST_CASE("varint32: at most five bytes and 32 bits, longer spellings of small numbers are fine") {
  struct Case {
    const char* hex;
    bool ok;
    uint32_t value;
  };
  for (const Case& c : {Case{"00", true, 0},
                        {"7f", true, 127},
                        {"80 01", true, 128},
                        {"ff ff ff ff 0f", true, 0xFFFFFFFF},
                        {"8f 80 80 80 00", true, 15},
                        {"81 00", true, 1},
                        {"", false, 0},
                        {"80", false, 0},
                        {"ff ff ff ff 1f", false, 0},
                        {"ff ff ff ff 7f", false, 0},
                        {"80 80 80 80 80 00", false, 0}}) {
    CAPTURE(c.hex);
    const auto bytes = Hex(c.hex);
    Fault fault;
    Reader reader(bytes, &fault);
    uint32_t value = 0;
    CHECK(reader.ReadVarint32(&value) == c.ok);
    if (c.ok) {
      CHECK(value == c.value);
      CHECK(reader.left() == 0);
    } else {
      CHECK(fault.status == PVB_ERR_DECODE);
      CHECK(fault.offset == 0);
    }
  }
}

TEST_CASE("varint64 holds 64 bits and no more") {
  Fault fault;
  uint64_t value = 0;
  const auto largest = Hex("ff ff ff ff ff ff ff ff ff 01");
  CHECK(Reader(largest, &fault).ReadVarint64(&value));
  CHECK(value == UINT64_MAX);
  for (const char* hex : {"ff ff ff ff ff ff ff ff ff 02", "80 80 80 80 80 80 80 80 80 80 00", "80"}) {
    CAPTURE(hex);
    const auto bytes = Hex(hex);
    CHECK_FALSE(Reader(bytes, &fault).ReadVarint64(&value));
  }
}

TEST_CASE("varint8 takes a second byte after a high bit") {
  struct Case {
    const char* hex;
    bool ok;
    uint8_t value;
  };
  for (const Case& c : {Case{"2e", true, '.'},
                        {"ae 00", true, '.'},
                        {"80 01", true, 0x80},
                        {"ae", false, 0},
                        {"ae 02", false, 0},
                        {"", false, 0}}) {
    CAPTURE(c.hex);
    const auto bytes = Hex(c.hex);
    Fault fault;
    uint8_t value = 0;
    CHECK(Reader(bytes, &fault).ReadVarint8(&value) == c.ok);
    CHECK(value == c.value);
  }
}

TEST_CASE("zigzag32 reaches both ends of int32") {
  for (const auto& [hex, expected] :
       {std::pair{"00", 0}, {"01", -1}, {"02", 1}, {"fe ff ff ff 0f", INT32_MAX}, {"ff ff ff ff 0f", INT32_MIN}}) {
    const auto bytes = Hex(hex);
    Fault fault;
    int32_t value = 7;
    CHECK(Reader(bytes, &fault).ReadZigZag32(&value));
    CHECK(value == expected);
  }
}

TEST_CASE("headers: versions 13 to 15") {
  struct Case {
    const char* hex;
    bool ok;
    uint64_t offset;
  };
  for (const Case& c : {Case{"ff 0d", true, 0},
                        {"ff 0f", true, 0},
                        {"ff 8f 00", true, 0},
                        {"ff 0c", false, 1},
                        {"ff 10", false, 1},
                        {"ff", false, 1},
                        {"5f", false, 0},
                        {"", false, 0}}) {
    CAPTURE(c.hex);
    const auto bytes = Hex(c.hex);
    Fault fault;
    CHECK(Reader(bytes, &fault).ReadHeader() == c.ok);
    if (!c.ok) CHECK(fault.offset == c.offset);
  }
  Fault fault;
  const auto bytes = Hex("ff 10");
  (void)Reader(bytes, &fault).ReadHeader();
  CHECK(fault.message.find("unsupported version 16") == 0);
}

TEST_CASE("padding is skipped before a tag, and only there") {
  const auto bytes = Hex("00 00 5f 00");
  Fault fault;
  Reader reader(bytes, &fault);
  Tag tag{};
  CHECK(reader.PeekTag(&tag));
  CHECK(tag == Tag::kUndefined);
  CHECK(reader.offset() == 2);
  CHECK(reader.ReadTag(&tag));
  CHECK_FALSE(reader.PeekTag(&tag));
  CHECK(fault.status == PVB_OK);
  CHECK_FALSE(reader.ReadTag(&tag));
  CHECK(fault.offset == 4);
}

TEST_CASE("lengths beyond the input are refused, and the first failure stays") {
  const auto bytes = Hex("ff ff ff ff 0f 00");
  Fault fault;
  Reader reader(bytes, &fault);
  std::span<const uint8_t> raw;
  CHECK_FALSE(reader.ReadCounted(&raw));
  CHECK(fault.offset == 5);
  CHECK(fault.message == "truncated: 4294967295 bytes were announced, 1 are left");
  CHECK_FALSE(reader.Fail(0, "later"));
  CHECK(fault.offset == 5);
  CHECK_FALSE(reader.ReadRaw(UINT64_MAX, &raw));
}
