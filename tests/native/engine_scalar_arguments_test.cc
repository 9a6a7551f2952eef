// Arguments that skip the wire bytes: the same call with one more argument, an array, takes the way of wire bytes, and nothing else may
// differ.
#include <doctest/doctest.h>

#include <limits>
#include <string>
#include <vector>

#include "engine_fixture.h"

using namespace pvb::testing;

namespace {

// Every bit of a number shows, and what kind of string it is does not matter. As elements of an array of doubles, a NaN of a certain
// pattern would be a hole.
constexpr const char* kDescribe = R"(
  function describe(value) {
    const bits = typeof value === 'number' ? [...new Uint8Array(new Float64Array([value]).buffer)] : [];
    const elements = [value, 0.5];
    return [typeof value, bits.join(), Object.is(value, -0), typeof value === 'string' ? value.length : String(value),
            typeof value === 'string' ? [...value].map((c) => c.codePointAt(0)).join() : 0, 0 in elements].join('|');
  }
  function count(...values) { return values.length }
  function strict() { 'use strict'; return [typeof this, arguments.length].join() }
)";

std::string Number(double value) {
  return Message([=](pvb::MessageWriter* writer) { writer->WriteFloat(value); });
}

std::string Unsigned(uint64_t value) {
  return Message([=](pvb::MessageWriter* writer) { writer->WriteUint(value); });
}

Result Describe(const Engine& engine, const std::string& arguments, pvb_big_ints big_ints) {
  pvb_call_options options{};
  options.size = sizeof(options);
  options.path = Text("describe");
  options.big_ints = big_ints;
  return engine.Call(options, arguments);
}

void CheckSame(const Engine& engine, const std::string& value, pvb_big_ints big_ints) {
  const Result straight = Describe(engine, Array({value}), big_ints);
  const Result by_wire = Describe(engine, Array({value, Array({})}), big_ints);
  CHECK(straight.status == by_wire.status);
  CHECK(straight.bytes == by_wire.bytes);
  CHECK(straight.message == by_wire.message);
  CHECK(straight.path == by_wire.path);
}

}  // namespace

TEST_CASE("scalars are what they are by way of wire bytes") {
  const Engine engine;
  REQUIRE(engine.Eval(kDescribe).status == PVB_OK);
  std::vector<std::string> values = {"\xC0",
                                     "\xC2",
                                     "\xC3",
                                     Undefined(),
                                     Str(""),
                                     Str("a"),
                                     Str("h\xC3\xA9"),
                                     Str(std::string(255, 'x').c_str()),
                                     Str(std::string(256, 'x').c_str()),
                                     Str(std::string(257, 'x').c_str()),
                                     Str(std::string(70'000, 'x').c_str()),
                                     std::string("\xA3"
                                                 "a\0b",
                                                 4),
                                     std::string("\xD6\x04"
                                                 "a\0\0\xD8",
                                                 6),
                                     Str("\xF0\x9F\x98\x80")};
  for (const int64_t value : {int64_t{0},
                              int64_t{1},
                              int64_t{-1},
                              int64_t{127},
                              int64_t{128},
                              int64_t{-32},
                              int64_t{-33},
                              int64_t{-128},
                              int64_t{-129},
                              (int64_t{1} << 30) - 1,
                              int64_t{1} << 30,
                              -(int64_t{1} << 30) - 1,
                              (int64_t{1} << 31) - 1,
                              int64_t{1} << 31,
                              -(int64_t{1} << 31),
                              -(int64_t{1} << 31) - 1,
                              (int64_t{1} << 32),
                              (int64_t{1} << 53) - 1,
                              int64_t{1} << 53,
                              (int64_t{1} << 53) + 1,
                              -(int64_t{1} << 53) + 1,
                              -(int64_t{1} << 53),
                              -(int64_t{1} << 53) - 1,
                              std::numeric_limits<int64_t>::max(),
                              std::numeric_limits<int64_t>::min()}) {
    values.push_back(Int(value));
  }
  values.push_back(Unsigned(uint64_t{1} << 63));
  values.push_back(Unsigned(std::numeric_limits<uint64_t>::max()));
  for (const double value : {0.0, -0.0, 1.0, 0.5, -1.5, 1e300, 5e-324, 9007199254740992.0, 2147483648.0, -2147483648.0,
                             std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::quiet_NaN()}) {
    values.push_back(Number(value));
  }
  values.push_back(std::string("\xCB\xFF\xF7\xFF\xFF\xFF\xF7\xFF\xFF", 9));  // V8's hole in an array of doubles
  values.push_back(std::string("\xCB\x7F\xF0\0\0\0\0\0\x01", 9));            // a signaling NaN
  values.push_back(std::string("\xCA\x3F\xC0\0\0", 5));                      // float 32
  for (const std::string& value : values) {
    CAPTURE(value);
    for (const pvb_big_ints big_ints : {PVB_BIG_INTS_BIGINT, PVB_BIG_INTS_NUMBER, PVB_BIG_INTS_ERROR}) {
      CheckSame(engine, value, big_ints);
    }
  }
}

TEST_CASE("what is refused by way of wire bytes is refused") {
  const Engine engine;
  REQUIRE(engine.Eval(kDescribe).status == PVB_OK);
  const std::vector<std::string> values = {"\xC1", std::string("\xC7\x01\x01\0", 4),  // undefined with a payload
                                           std::string("\xD4\x63\0", 3),              // an unknown ext
                                           "\xA2\xC3\x28",                            // no UTF-8
                                           "\xA1\x80"};
  for (const std::string& value : values) {
    CAPTURE(value);
    CHECK(Describe(engine, Array({value}), PVB_BIG_INTS_BIGINT).status == PVB_ERR_ENCODE);
    CheckSame(engine, value, PVB_BIG_INTS_BIGINT);
  }
  // Cut short, and bytes behind the message.
  CHECK(engine.Do(PVB_CALL, "describe", "\x92\x01").status == PVB_ERR_ENCODE);
  CHECK(engine.Do(PVB_CALL, "describe", "\x91\x01\x01").status == PVB_ERR_ENCODE);
  CHECK(engine.Do(PVB_CALL, "describe", "\x91\xD9").status == PVB_ERR_ENCODE);
  CHECK(engine.Do(PVB_CALL, "describe", "\x01").status == PVB_ERR_ENCODE);
}

TEST_CASE("any number of scalars") {
  const Engine engine;
  REQUIRE(engine.Eval(kDescribe).status == PVB_OK);
  for (uint32_t number = 0; number < 20; ++number) {
    std::string arguments = Message([=](pvb::MessageWriter* writer) { writer->WriteArrayHeader(number); });
    for (uint32_t i = 0; i < number; ++i) arguments += Int(i);
    CHECK(engine.Do(PVB_CALL, "count", arguments).bytes == Int(number));
  }
}

TEST_CASE("a scalar `this`, and scalars to set and to construct with") {
  const Engine engine;
  REQUIRE(engine.Eval(kDescribe).status == PVB_OK);
  pvb_call_options options{};
  options.size = sizeof(options);
  options.path = Text("strict");
  options.has_this = 1;
  CHECK(engine.Call(options, Array({Int(1), Str("me")})).bytes == Str("string,1"));
  CHECK(engine.Call(options, Array({})).status == PVB_ERR_USAGE);
  CHECK(engine.Do(PVB_SET, "limit", Array({Int(7)})).status == PVB_OK);
  CHECK(engine.Eval("limit").bytes == Int(7));
  CHECK(engine.Do(PVB_SET, "limit", Array({Int(7), Int(8)})).status == PVB_ERR_USAGE);
  CHECK(HandleId(engine.Do(PVB_CONSTRUCT, "Proxy", Array({Int(1)})).bytes, 'o') == 0);
}
