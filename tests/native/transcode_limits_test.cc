// Every limit and option of the transcoders, set low so that small inputs reach it; and what a delegate's hook may answer.
#include <doctest/doctest.h>

#include <chrono>

#include "hex.h"
#include "transcode/msgpack_to_wire.h"
#include "transcode/wire_to_msgpack.h"

using pvb::ByteBuffer;
using pvb::DelegatedValue;
using pvb::Fault;
using pvb::MsgpackToWire;
using pvb::ToMessageOptions;
using pvb::ToWireOptions;
using pvb::WireToMsgpack;

namespace {

// The message, or why there is none.
std::string Message(std::string_view wire, const ToMessageOptions& options = {}) {
  ByteBuffer message;
  Fault fault;
  if (!WireToMsgpack(Hex(wire), options, &message, &fault)) return fault.path + ": " + fault.message;
  return ToHex(message.span());
}

std::string Wire(std::string_view message, const ToWireOptions& options = {},
                 std::span<const pvb_bytes> attachments = {}) {
  ByteBuffer wire;
  Fault fault;
  if (!MsgpackToWire(Hex(message), attachments, options, &wire, &fault)) return fault.path + ": " + fault.message;
  return ToHex(wire.span().subspan(2));
}

// A graph of one node, which is the root.
std::string Graph(char kind, std::string_view body, std::string_view leaves = "90") {
  const auto be32 = [](size_t number) {
    std::string hex;
    for (int shift = 28; shift >= 0; shift -= 4) hex.push_back("0123456789abcdef"[(number >> shift) & 15]);
    return hex;
  };
  const std::string payload = be32(1) + ToHex(Hex(std::string("'") + kind + "'")) + be32(Hex(leaves).size()) +
                              Same(leaves) + "92d60d00000000" + Same(body);
  return "c9" + be32(payload.size() / 2) + "0e" + payload;
}

class Hook : public pvb::DelegateHook {
 public:
  explicit Hook(DelegatedValue value) : value_(value) {}
  bool Read(pvb::wire::Tag, pvb::wire::Reader*, DelegatedValue* value) override {
    *value = value_;
    return true;
  }

 private:
  DelegatedValue value_;
};

}  // namespace

TEST_CASE("strings and bigints longer than V8's are refused on both ways") {
  ToMessageOptions to_message;
  to_message.limits.max_string = 2;
  to_message.limits.max_bigint_bytes = 2;
  for (const char* wire : {"ff0f 22 03 616263", "ff0f 63 06 003000310032", "ff0f 53 03 616263", "ff0f 53 03 ff6162"}) {
    CAPTURE(wire);
    CHECK(Message(wire, to_message) == "$: a string of 3 UTF-16 units: V8 holds at most 2");
  }
  CHECK(Message("ff0f 53 04 f09f9880", to_message) == "a4f09f9880");
  CHECK(Message("ff0f 5a 06 010203", to_message) == "$: a bigint of 3 bytes: V8 holds at most 2");
  CHECK(Message("ff0f 5a 04 0102", to_message) == "d5030102");

  ToWireOptions to_wire;
  to_wire.limits = to_message.limits;
  CHECK(Wire("a3616263", to_wire) == "$: a string of 3 UTF-16 units: V8 holds at most 2");
  CHECK(Wire("c70604 613062306330", to_wire) == "$: a string of 3 UTF-16 units: V8 holds at most 2");
  CHECK(Wire("a4f09f9880", to_wire) == Same("63043dd800de"));
  CHECK(Wire("c70303 010203", to_wire) == "$: a bigint of 3 bytes: V8 holds at most 2");
}

TEST_CASE("a message is at most as long as its limit: while it is written, at its end, and put together") {
  ToMessageOptions options;
  options.limits.max_bytes = 20;
  CHECK(Message("ff0f 22 14 6161616161616161616161616161616161616161", options) == "$: a message of more than 4 GiB");
  CHECK(Message("ff0f 41 02 22 0a 61616161616161616161 22 0a 61616161616161616161 24 00 02", options) ==
        "$[1]: a message of more than 4 GiB");
  CHECK(Message("ff0f 3b 3a 00", options) == "$: a message of more than 4 GiB");
  CHECK(Message("ff0f 41 02 4902 4904 24 00 02", options) == "920102");

  ToWireOptions to_wire;
  to_wire.limits.max_bytes = 2;
  CHECK(Wire("920102", to_wire) == "$: a message of 4 GiB or more");
  CHECK(Wire("c0", to_wire) == "$: more than 2 wire bytes");
}

TEST_CASE("depth counts every kind of container and node") {
  ToWireOptions options;
  options.limits.max_depth = 0;
  for (const std::string& message :
       {std::string("90"), std::string("80"), Graph('l', "90"), Graph('d', "80"), Graph('o', "90"), Graph('m', "90"),
        Graph('s', "90"), Graph('a', "92 90 90"), Graph('p', "91 00"), Graph('e', "81 a46e616d65 a5 4572726f72")}) {
    CAPTURE(message);
    CHECK(Wire(message, options) == "$: nested deeper than 0 levels");
    CHECK(Wire(message).find("nested") == std::string::npos);
  }
}

TEST_CASE("who vouches for unique keys has them not compared") {
  ToMessageOptions to_message;
  to_message.unique_keys = true;
  const char* wire = "ff0f 6f 220161 4902 220161 4904 7b02";
  CHECK(Message(wire) == "$.a: a property key that is there already");
  CHECK(Message(wire, to_message) == Same("de0002 a161 01 a161 02"));
  CHECK(Message("ff0f 61 02 4900 5f 220161 5f 40 02 02", to_message) ==
        Message("ff0f 61 02 4900 5f 220161 5f 40 02 02"));
  CHECK(Message("ff0f 41 01 5f 220161 5f 24 01 01", to_message) == Message("ff0f 41 01 5f 220161 5f 24 01 01"));

  ToWireOptions to_wire;
  to_wire.unique_keys = true;
  CHECK(Wire("82 a161 01 a161 02") == "$.a: a property key that is there already");
  CHECK(Wire("82 a161 01 a161 02", to_wire) == Same("6f 220161 4902 220161 4904 7b02"));
}

TEST_CASE("a hook answers with a buffer, which views may follow, or with a handle") {
  const std::vector<uint8_t> bytes = {1, 2};
  Hook buffer({DelegatedValue::Type::kBuffer, bytes, 0, pvb::HandleKind::kObject, 0});
  ToMessageOptions options;
  options.hook = &buffer;
  CHECK(Message("ff0f 74", options) == "d5090102");
  CHECK(Message("ff0f 75 5642 01 01 00", options) == "c40102");

  Hook handle({DelegatedValue::Type::kHandle, {}, 0, pvb::HandleKind::kFunction, 7});
  options.hook = &handle;
  CHECK(Message("ff0f 5c", options) == Same("c7090f 66 0000000000000007"));
  // A host object takes an id, and a shared one does not.
  CHECK(Message("ff0f 41 02 5c 5e00 24 00 02", options).substr(0, 2) == "c9");
  CHECK(Message("ff0f 41 02 70 5e01 24 00 02", options) == "$[1]: a reference to object 1, which has not begun");
}

TEST_CASE("plain ints beyond the safe ones, when they may be numbers or nothing") {
  ToWireOptions options;
  options.big_ints = PVB_BIG_INTS_NUMBER;
  CHECK(Wire("cf0020000000000000", options) == Same("4e 0000000000004043"));
  CHECK(Wire("d3ffe0000000000000", options) == Same("4e 00000000000040c3"));
  CHECK(Wire("c70907 cf0020000000000000").find("a boxed value is") != std::string::npos);
  CHECK(Wire("c70907 d3ffe0000000000000").find("a boxed value is") != std::string::npos);
}

TEST_CASE("attachments that do not fit their use") {
  const std::vector<uint8_t> bytes = {1, 2};
  const pvb_bytes attachment{bytes.data(), bytes.size()};
  const std::span<const pvb_bytes> one{&attachment, 1};
  CHECK(Wire("c70d0b 52 00000000 0000000000000002", {}, one) == "$: ext 11 with a payload of 13 bytes");
  CHECK(Wire("c7150b 52 00000000 0000000000000002 0000000000000001", {}, one) ==
        "$: an ArrayBuffer longer than its maximum");
  CHECK(Wire("c7150b 52 00000000 0000000000000002 0000000100000000", {}, one) == "$: binary data of 4 GiB or more");
  CHECK(Wire("c7150b 41 00000000 0000000000000002 0000000000000002", {}, one) ==
        "$: ext 11 with a payload of 21 bytes");
  CHECK(Wire("c70d0b 64 00000000 0000000000000002", {}, one) ==
        "$: a view's offset or length is no multiple of its element size");
  CHECK(Wire(Graph('v', "94 d60c00000000 42 00 02", "91 c70d0b 78 00000000 0000000000000002"), {}, one) ==
        "$: an ArrayBuffer was expected");
  CHECK(Wire(Graph('v', "94 d60c00000000 42 c0 02", "91 d5090102")) == "$: a view's kind and byte offset are ints");
  CHECK(Wire(Graph('v', "94 d60c00000000 57 00 02", "91 d5090102")) == Same("42020102 5657000200"));
}

TEST_CASE("payloads of leaves and nodes that are cut short or of another kind") {
  for (const auto& [message, sentence] :
       {std::pair{std::string("d405 00"), "$: ext 5 with a payload of 1 bytes"},
        {Graph('a', "92 90 80"), "$: the properties of an array are keys and values in one array"},
        {Graph('a', "92 90 91c0"), "$: the properties of an array are keys and values in one array"},
        {Graph('a', "92 80 90"), "$: an array with properties is two arrays"},
        {Graph('a', "92 90 92 a23031 c0"), "41002202303130240100"},
        {Graph('e', "81 a46e616d65 a2c328"), "$: invalid UTF-8 at byte 0 of a string"}}) {
    const auto& input = message;  // clang 14 captures no structured binding
    CAPTURE(input);
    ToWireOptions options;
    options.host_objects = true;
    CHECK(Wire(message, options) == sentence);
  }
}

TEST_CASE("arrays in arrays whose last hole a property fills: time grows with the bytes, not with bytes times depth") {
  constexpr uint32_t kDepth = 490;
  constexpr uint32_t kElements = 1u << 20;
  const auto length = Hex("80 80 40");
  std::vector<uint8_t> wire = Hex("ff0f");
  for (uint32_t i = 0; i < kDepth; ++i) {
    for (const uint8_t byte : Hex("41 02 2d")) wire.push_back(byte);
  }
  wire.push_back('A');
  wire.insert(wire.end(), length.begin(), length.end());
  wire.insert(wire.end(), kElements, '_');
  wire.insert(wire.end(), {'$', 0});
  wire.insert(wire.end(), length.begin(), length.end());
  for (uint32_t i = 0; i < kDepth; ++i) {
    for (const uint8_t byte : Hex("4900 5f 24 01 02")) wire.push_back(byte);
  }
  ByteBuffer message;
  Fault fault;
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE(WireToMsgpack(wire, {}, &message, &fault));
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
  CHECK(taken.count() < 7);
}
