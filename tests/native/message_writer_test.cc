#include "msgpack/message_writer.h"

#include <doctest/doctest.h>

#include <limits>

#include "hex.h"

using pvb::ByteBuffer;
using pvb::HeaderKind;
using pvb::MessageWriter;

namespace {

template <typename Write>
std::string Written(Write write) {
  ByteBuffer out;
  MessageWriter writer(&out);
  write(writer);
  return ToHex(out.span());
}

}  // namespace

TEST_CASE("numbers are ints exactly for safe integers other than -0") {
  const double inf = std::numeric_limits<double>::infinity();
  for (const auto& [number, hex] : {std::pair{0.0, "00"},
                                    {-0.0, "cb 8000000000000000"},
                                    {1.0, "01"},
                                    {-1.0, "ff"},
                                    {3e9, "ce b2d05e00"},
                                    {9007199254740991.0, "cf 001fffffffffffff"},
                                    {9007199254740992.0, "cb 4340000000000000"},
                                    {-9007199254740992.0, "cb c340000000000000"},
                                    {1e300, "cb 7e37e43c8800759c"},
                                    {1.5, "cb 3ff8000000000000"},
                                    {inf, "cb 7ff0000000000000"}}) {
    const auto& input = number;  // clang 14 captures no structured binding
    CAPTURE(input);
    CHECK(Written([n = number](MessageWriter& w) { w.WriteNumber(n); }) == Same(hex));
  }
}

TEST_CASE("bigints are the shortest two's complement") {
  const auto bigint = [](bool negative, const char* magnitude) {
    return Written([&](MessageWriter& w) { w.WriteBigInt(negative, Hex(magnitude)); });
  };
  CHECK(bigint(false, "") == Same("c7 00 03"));
  CHECK(bigint(true, "0000") == Same("c7 00 03"));
  CHECK(bigint(false, "0500000000000000") == Same("d4 03 05"));
  CHECK(bigint(false, "80") == Same("d5 03 8000"));
  CHECK(bigint(true, "80") == Same("d4 03 80"));
  CHECK(bigint(true, "81") == Same("d5 03 7fff"));
  CHECK(bigint(true, "01") == Same("d4 03 ff"));
  CHECK(bigint(true, "0001") == Same("d5 03 00ff"));
  CHECK(bigint(true, "0080") == Same("d5 03 0080"));
  CHECK(bigint(true, "0180") == Same("c7 03 03 ff7fff"));
}

TEST_CASE("dates are timestamps within the years 1 to 9999, else milliseconds") {
  for (const auto& [milliseconds, hex] : {std::pair{0.0, "d6 ff 00000000"},
                                          {1000.0, "d6 ff 00000001"},
                                          {1.0, "d7 ff 003d0900 00000000"},
                                          {4294967296000.0, "d7 ff 0000000100000000"},
                                          {-1.0, "c7 0c ff 3b8b87c0 ffffffffffffffff"},
                                          {17179869184000.0, "c7 0c ff 00000000 0000000400000000"},
                                          {-62135596800000.0, "c7 0c ff 00000000 fffffff1886e0900"},
                                          {253402300799999.0, "c7 0c ff 3b8b87c0 0000003afff4417f"},
                                          {-62135596800001.0, "d7 05 c2cc4189166c0080"},
                                          {253402300800000.0, "d7 05 42eccefa43fb8000"}}) {
    const auto& input = milliseconds;  // clang 14 captures no structured binding
    CAPTURE(input);
    CHECK(Written([m = milliseconds](MessageWriter& w) { w.WriteDate(m); }) == Same(hex));
  }
  CHECK(Written([](MessageWriter& w) { w.WriteDate(std::nan("")); }) == Same("d7 05 7ff8000000000000"));
}

TEST_CASE("headers are filled in afterwards, and widened for more than 65,535 elements") {
  CHECK(Written([](MessageWriter& w) {
          const size_t at = w.BeginContainer();
          w.WriteNil();
          w.EndContainer(at, HeaderKind::kArray, 1);
        }) == Same("dc 0001 c0"));
  const std::string wide = Written([](MessageWriter& w) {
    w.WriteBool(true);
    const size_t at = w.BeginContainer();
    for (int i = 0; i < 65536; ++i) w.WriteInt(i & 1);
    w.EndContainer(at, HeaderKind::kMap, 65536);
  });
  CHECK(wide.substr(0, 2 + 10 + 4) == Same("c3 df 00010000 0001"));
  CHECK(wide.size() == 2 * (1 + 5 + 65536));
}

TEST_CASE("msgpack-c reads what is written") {
  ByteBuffer out;
  MessageWriter writer(&out);
  writer.WriteArrayHeader(6);
  writer.WriteNumber(-0.0);
  writer.WriteStr("h\xC3\xA9");
  writer.WriteUndefined();
  writer.WriteBin(Hex("0102"));
  writer.WriteHandle(pvb::HandleKind::kFunction, 7);
  writer.WriteReference(pvb::Ext::kNode, 258);
  const msgpack::object_handle handle = msgpack::unpack(reinterpret_cast<const char*>(out.data()), out.size());
  const msgpack::object& value = handle.get();
  REQUIRE(value.type == msgpack::type::ARRAY);
  CHECK(std::signbit(value.via.array.ptr[0].as<double>()));
  CHECK(value.via.array.ptr[1].as<std::string>() == "h\xC3\xA9");
  CHECK(value.via.array.ptr[2].via.ext.type() == 1);
  CHECK(value.via.array.ptr[3].via.bin.size == 2);
  CHECK(value.via.array.ptr[4].via.ext.size == 9);
  CHECK(value.via.array.ptr[5].via.ext.data()[2] == 1);
}
