#include "transcode/msgpack_to_wire.h"

#include <doctest/doctest.h>

#include "hex.h"

using pvb::ByteBuffer;
using pvb::Fault;
using pvb::MsgpackToWire;
using pvb::ToWireOptions;

namespace {

std::string Wire(std::string_view message, const ToWireOptions& options = {},
                 std::span<const pvb_bytes> attachments = {}) {
  ByteBuffer wire;
  Fault fault;
  if (!MsgpackToWire(Hex(message), attachments, options, &wire, &fault)) return fault.path + ": " + fault.message;
  return ToHex(wire.span().subspan(2));  // without the header
}

Fault Refused(std::string_view message, const ToWireOptions& options = {}) {
  ByteBuffer wire;
  Fault fault;
  const bool accepted = MsgpackToWire(Hex(message), {}, options, &wire, &fault);
  CHECK_FALSE(accepted);
  return fault;
}

// A graph of the given kinds (text), leaves and rest (hex of whole arrays).
std::string Graph(std::string_view kinds, std::string_view leaves, std::string_view rest) {
  const auto be32 = [](size_t n) {
    std::vector<uint8_t> bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<uint8_t>(n >> shift));
    return ToHex(bytes);
  };
  const std::string payload = be32(kinds.size()) + ToHex(Hex("'" + std::string(kinds) + "'")) +
                              be32(Hex(leaves).size()) + Same(leaves) + Same(rest);
  return "c9" + be32(payload.size() / 2) + "0e" + payload;
}

std::string Node(int number) { return "d60d0000000" + std::to_string(number); }
std::string Leaf(int number) { return "d60c0000000" + std::to_string(number); }

}  // namespace

TEST_CASE("values without children") {
  for (const auto& [message, wire] : {std::pair{"c0", "30"},
                                      {"c3", "54"},
                                      {"c2", "46"},
                                      {"c70001", "5f"},
                                      {"01", "4902"},
                                      {"cb 3ff0000000000000", "4902"},
                                      {"ca 3fc00000", "4e 000000000000f83f"},
                                      {"cf 0020000000000000", "5a10 0000000000002000"},
                                      {"d3 ffe0000000000000", "5a11 0000000000002000"},
                                      {"cf 001fffffffffffff", "4e ffffffffffff3f43"},
                                      {"c70003", "5a00"},
                                      {"d403 ff", "5a11 0100000000000000"},
                                      {"d503 00ff", "5a11 0001000000000000"},
                                      {"a2 'hi'", "22 02 'hi'"},
                                      {"a2 c3a9", "22 01 e9"},
                                      {"a3 'a' c480", "63 04 6100 0001"},
                                      {"d504 00d8", "63 02 00d8"},
                                      {"d504 6100", "22 01 'a'"},
                                      {"c4 02 0102", "42 02 0102 56 42 00 02 00"},
                                      {"d6ff 00000001", "44 0000000000408f40"},
                                      {"d705 7ff8000000000000", "44 000000000000f87f"},
                                      {"c7 06 06 a1 'a' a3 'dgu'", "52 22 01 'a' 91 01"},
                                      {"d407 c3", "79"},
                                      {"d407 05", "6e 0000000000001440"},
                                      {"d507 a1 'a'", "73 22 01 'a'"},
                                      {"c7 03 07 d403 01", "7a 10 0100000000000000"},
                                      {"d508 43 01", "42 01 01 56 43 00 01 00"},
                                      {"d509 0102", "42 02 0102"},
                                      {"c7 09 0a 0000000000000008 01", "7e 01 08 01"},
                                      {"90", "41 00 24 00 00"},
                                      {"80", "6f 7b 00"},
                                      {"93 01 c70002 03", "41 03 4902 2d 4906 24 00 03"},
                                      {"81 a1 'a' 91 c0", "6f 22 01 'a' 41 01 30 24 00 01 7b 01"}}) {
    const auto& input = message;  // clang 14 captures no structured binding
    CAPTURE(input);
    CHECK(Wire(message) == Same(wire));
  }
}

TEST_CASE("timestamps floor to milliseconds") {
  CHECK(Wire("c7 0c ff 3b9ac9ff ffffffffffffffff") == Same("44 000000000000f0bf"));  // one ns before 1970
  CHECK(Wire("d7ff 003d08fc 00000000") == Same("44 0000000000000000"));              // 999,999 ns
}

TEST_CASE("nodes are written where they are first met and referred to afterwards") {
  CHECK(Wire(Graph("l", "90", "92 92" + Node(0) + Node(0) + "91 01")) ==
        Same("41 02 41 01 4902 24 00 01 5e 01 24 00 02"));
  CHECK(Wire(Graph("d", "90", "92" + Node(0) + "81 a1 'a'" + Node(0))) == Same("6f 22 01 'a' 5e 00 7b 01"));
  CHECK(Wire(Graph("m", "90", "92" + Node(0) + "92" + Node(0) + "01")) == Same("3b 5e 00 4902 3a 02"));
  CHECK(Wire(Graph("s", "90", "92" + Node(0) + "92 01 a0")) == Same("27 4902 22 00 2c 02"));
  CHECK(Wire(Graph("o", "90", "92" + Node(0) + "92 d504 00d8 01")) == Same("6f 00 63 02 00d8 4902 7b 01"));
  CHECK(Wire(Graph("a", "90", "92" + Node(0) + "92 91 01 92 a1 'p' 02")) == Same("41 01 4902 22 01 'p' 4904 24 01 01"));
  CHECK(Wire(Graph("p", "90", "92" + Node(0) + "95 cd 0800 05 01 a1 'p' 02")) ==
        Same("61 80 10 490a 4902 22 01 'p' 4904 40 02 80 10"));
  CHECK(
      Wire(Graph("e", "90", "92" + Node(0) + "83 a4 'name' a9 'TypeError' a7 'message' a1 'm' a5 'cause'" + Node(0))) ==
      Same("72 54 6d 22 01 'm' 63 5e 00 2e"));
  CHECK(Wire(Graph("", "91 d407 c3", "91 92" + Leaf(0) + Leaf(0))) == Same("41 02 79 5e 01 24 00 02"));
}

TEST_CASE("views on one buffer: the buffer takes the id before the first") {
  const std::string two = Graph("vv", "91 c7 02 09 0102",
                                "93 92" + Node(0) + Node(1) + "94" + Leaf(0) + "42 00 02 94" + Leaf(0) + "62 01 01");
  CHECK(Wire(two) == Same("41 02 42 02 0102 56 42 00 02 00 5e 01 56 62 01 01 00 24 00 02"));
  const std::string tracking =
      Graph("v", "91 c7 09 0a 0000000000000008 01", "92" + Node(0) + "94" + Leaf(0) + "42 00 c0");
  CHECK(Wire(tracking) == Same("7e 01 08 01 56 42 00 00 03"));
}

TEST_CASE("attachments stand for binary data and strings") {
  const auto data = Hex("'hi'");
  const pvb_bytes attachment{data.data(), data.size()};
  const auto with = [&](std::string_view message) { return Wire(message, {}, {&attachment, 1}); };
  CHECK(with("c7 0d 0b 'x' 00000000 0000000000000002") == Same("42 02 'hi' 56 42 00 02 00"));
  CHECK(with("c7 0d 0b 'W' 00000000 0000000000000002") == Same("42 02 'hi' 56 57 00 02 00"));
  CHECK(with("c7 0d 0b 'A' 00000000 0000000000000002") == Same("42 02 'hi'"));
  CHECK(with("c7 15 0b 'R' 00000000 0000000000000002 0000000000000004") == Same("7e 02 04 'hi'"));
  CHECK(with("c7 0d 0b 's' 00000000 0000000000000002") == Same("22 02 'hi'"));
  CHECK(with("c7 0d 0b 'S' 00000000 0000000000000002") == Same("63 02 'hi'"));
  CHECK(with("c7 0d 0b 'x' 00000001 0000000000000002") == "$: attachment 1 of 1");
  CHECK(with("c7 0d 0b 'x' 00000000 0000000000000003") == "$: attachment 0 has 2 bytes, not 3");
}

TEST_CASE("attachments that are ArrayBuffers can be transferred: each use is a buffer of its own") {
  const auto data = Hex("'hi'");
  const std::vector<pvb_bytes> attachments(2, {data.data(), data.size()});
  std::vector<uint32_t> transfers{99};
  ToWireOptions options;
  options.transfers = &transfers;
  const std::string bytes = "c7 0d 0b 'x' 00000001 0000000000000002";
  const std::string buffer = "c7 0d 0b 'A' 00000000 0000000000000002";
  CHECK(Wire("94" + bytes + buffer + "c7 0d 0b 's' 00000000 0000000000000002" + bytes, options, attachments) ==
        Same("41 04 74 00 56 42 00 02 00  74 01  22 02 'hi'  74 02 56 42 00 02 00 24 00 04"));
  CHECK(transfers == std::vector<uint32_t>{1, 0, 1});

  // A leaf is one buffer, whatever shows it; a resizable one has no transferred form.
  const std::string two =
      Graph("v", "91" + buffer, "92 93" + Node(0) + Leaf(0) + Node(0) + "94" + Leaf(0) + "42 01 01");
  CHECK(Wire(two, options, attachments) == Same("41 03 74 00 56 42 01 01 00 5e 01 5e 02 24 00 03"));
  CHECK(transfers == std::vector<uint32_t>{0});
  CHECK(Wire("c7 15 0b 'R' 00000000 0000000000000002 0000000000000004", options, attachments) == Same("7e 02 04 'hi'"));
  CHECK(transfers.empty());
}

TEST_CASE("a time that is up is noticed within some kilobytes, and asked for no more often") {
  ToWireOptions options;
  int asked = 0;
  int left = 1000;
  options.time_is_up = [&] { return ++asked > left; };
  std::string nils = "dd 0000c000";  // three times as many as wire bytes may pass
  for (int i = 0; i < 0xC000; ++i) nils += "c0";
  CHECK(Wire(nils, options).size() > 0xC000);
  CHECK(asked == 3);
  asked = 0;
  left = 1;
  const Fault fault = Refused(nils, options);
  CHECK(fault.status == PVB_ERR_TIMEOUT);
  CHECK(fault.offset > 0x7FF0);
  CHECK(fault.offset < 0x8010);
  CHECK(asked == 2);
}

TEST_CASE("big_ints decides what large plain ints become; ext 3 is always a bigint") {
  ToWireOptions options;
  options.big_ints = PVB_BIG_INTS_NUMBER;
  CHECK(Wire("cf 0020000000000000", options) == Same("4e 0000000000004043"));
  CHECK(Wire("d403 05", options) == Same("5a10 0500000000000000"));
  options.big_ints = PVB_BIG_INTS_ERROR;
  const Fault fault = Refused("91 81 a1 'a' cf 0020000000000000", options);
  CHECK(fault.status == PVB_ERR_ENCODE);
  CHECK(fault.path == "$[0].a");
}

TEST_CASE("handles and custom error names need an engine") {
  CHECK(Refused("c7 09 0f 'f' 0000000000000007").status == PVB_ERR_ENCODE);
  ToWireOptions options;
  options.host_objects = true;
  CHECK(Wire("c7 09 0f 'f' 0000000000000007", options) == Same("5c 01 07"));
  const std::string custom = Graph("e", "90", "92 92" + Node(0) + Node(0) + "81 a4 'name' a1 'E'");
  CHECK(Wire(custom) == Same("41 02 72 2e 5e 01 24 00 02"));
  CHECK(Wire(custom, options) == Same("41 02 5c 02 22 01 'E' 72 2e 5e 02 24 00 02"));
}

TEST_CASE("what this V8 lacks is refused by name") {
  ToWireOptions options;
  options.traits = {false, false, false, false};
  CHECK(Refused("c70308 68 0000", options).message == "this V8 has no Float16Array");
  CHECK(Refused("c7 09 0a 0000000000000008 01", options).message == "this V8 has no resizable ArrayBuffers");
  CHECK(Refused("c7 04 06 a1 'a' a1 'v'", options).message == "this V8 has no regexp flag v");
  CHECK(Refused(Graph("e", "90", "92" + Node(0) + "82 a4 'name' a5 'Error' a5 'cause' 91" + Node(0)), options).path ==
        "$.cause[0]");
}

TEST_CASE("limits: depth, sparse slots") {
  ToWireOptions options;
  options.limits.max_depth = 3;
  CHECK(Wire("91 91 91 01", options) == Same("41 01 41 01 41 01 4902 24 00 01 24 00 01 24 00 01"));
  const Fault deep = Refused("91 91 91 91 01", options);
  CHECK(deep.offset == 3);
  CHECK(deep.path == "$[0][0][0]");
  // Depth through nodes counts as depth through nesting.
  CHECK(Refused(Graph("ll", "90", "93 91" + Node(0) + "91" + Node(1) + "91 90"), options).message ==
        "nested deeper than 3 levels");

  CHECK(Wire(Graph("p", "90", "92" + Node(0) + "91 ce 02000000")) == Same("61 80808010 40 00 80808010"));
  ToWireOptions slots;
  slots.limits.max_sparse_slots = 1000;
  CHECK(Refused(Graph("p", "90", "92" + Node(0) + "91 cd 0800"), slots).status == PVB_ERR_DECODE);
  CHECK(Wire(Graph("p", "90", "92" + Node(0) + "91 ce ffffffff"), slots) == Same("61 ffffffff0f 40 00 ffffffff0f"));
}

TEST_CASE(
    "the size is looked at on the way: one attachment used many times ends at the limit, not in the last byte of "
    "memory") {
  const std::string data(1000, 'x');
  const pvb_bytes attachment{reinterpret_cast<const uint8_t*>(data.data()), data.size()};
  std::string message = "dc00ff";
  for (int i = 0; i < 255; ++i) message += "c70d0b 78 00000000 00000000000003e8";
  ToWireOptions options;
  CHECK(Wire(message, options, {&attachment, 1}).size() > 2 * 255000);
  options.limits.max_bytes = 10000;
  CHECK(Wire(message, options, {&attachment, 1}) == "$[9]: more than 10000 wire bytes");
}

TEST_CASE("malformed messages are refused, with offset and path") {
  struct Case {
    std::string message;
    uint64_t offset;
    const char* path;
    const char* text;
  };
  for (const Case& c : {
           Case{"", 0, "$", "truncated: a value was expected"},
           {"91", 0, "$", "truncated: 1 elements were announced, 0 bytes are left"},
           {"01 02", 1, "$", "bytes after the message"},
           {"91 c1", 1, "$[0]", "0xC1 is no MessagePack type"},
           {"81 a1 'a' a1 ff", 3, "$.a", "invalid UTF-8 at byte 0 of a string"},
           {"81 01 02", 1, "$[1]", "a property key that is not a string"},
           {"81 d504 00d8 02", 1, "$[\"\\ud800\"]", "a property key that is not a string"},
           {"82 a1 'a' 01 a1 'a' 02", 4, "$.a", "a property key that is there already"},
           {"c70002", 0, "$", "a hole outside an array"},
           {"81 a1 'a' c70002", 3, "$.a", "a hole outside an array"},
           {"d463 00", 0, "$", "unknown ext code 99"},
           {"d401 00", 0, "$", "ext 1 with a payload of 1 bytes"},
           {"d404 00", 0, "$", "an odd number of bytes in a UTF-16 string"},
           {"d405 00", 0, "$", "ext 5 with a payload of 1 bytes"},
           {"c705ff 0000000000", 0, "$", "ext -1 with a payload of 5 bytes"},
           {"c70cff 3b9aca00 0000000000000000", 0, "$", "a timestamp of more than 999,999,999 nanoseconds"},
           {"c7 05 06 a1 'a' a2 'gg'", 5, "$", "the flags of a regexp are distinct letters out of dgimsuvy"},
           {"d506 a1 'a'", 4, "$", "truncated: a value was expected"},
           {"d407 c0", 2, "$", "a boxed value is a boolean, a number, a string or a bigint (ext 3)"},
           {"d508 58 00", 0, "$", "unknown view kind 88"},
           {"d508 57 00", 0, "$", "a view's offset or length is no multiple of its element size"},
           {"d60d 00000000", 0, "$", "a reference outside a graph, or among its leaves"},
           {"91" + Graph("", "90", "91 01"), 1, "$[0]", "a graph inside a message"},
           {Graph("", "90", "91 01") + "00", 17, "$", "bytes after the message"},
           {Graph("l", "90", "92" + Node(1) + "90"), 17, "$", "node 1 of 1"},
           {Graph("l", "90", "92" + Node(0) + "80"), 23, "$", "the body of this node is an array"},
           {Graph("x", "90", "92" + Node(0) + "90"), 10, "$", "unknown node kind 120"},
           {Graph("l", "90", "91" + Node(0)), 16, "$", "1 nodes, but 1 values"},
           {Graph("m", "90", "92" + Node(0) + "91 01"), 23, "$", "a key without a value"},
           {Graph("a", "90", "92" + Node(0) + "92 90 92 a6 'length' 01"), 26, "$.length",
            "a property 'length' of an array"},
           {Graph("a", "90", "92" + Node(0) + "92 90 92 a1 '7' 01"), 26, "$[\"7\"]",
            "an index among the properties of an array"},
           {Graph("p", "90", "92" + Node(0) + "93 05 05 01"), 25, "$[5]",
            "an index beyond the length of its sparse array"},
           {Graph("p", "90", "92" + Node(0) + "95 05 01 01 01 02"), 27, "$[1]", "a property key that is there already"},
           {Graph("e", "90", "92" + Node(0) + "81 a7 'message' a1 'm'"), 23, "$", "an error begins with its name"},
           {Graph("v", "90", "92" + Node(0) + "94" + Leaf(0) + "42 00 00"), 24, "$", "leaf 0 of 0"},
           {Graph("v", "91 d509 0102", "92" + Node(0) + "94" + Leaf(0) + "42 01 02"), 27, "$",
            "a view beyond the end of its buffer"},
           {Graph("v", "91 d509 0102", "92" + Node(0) + "94" + Leaf(0) + "42 00 c0"), 36, "$",
            "only a view on a resizable buffer follows its length"},
           {Graph("", "91 01", "91" + Leaf(0)), 15, "$", "a value that cannot be a leaf"},
       }) {
    CAPTURE(c.message);
    const Fault fault = Refused(c.message);
    CHECK(fault.status == PVB_ERR_DECODE);
    CHECK(fault.message == c.text);
    CHECK(fault.offset == c.offset);
    CHECK(fault.path == c.path);
  }
}

TEST_CASE("paths lead through nodes") {
  const std::string message = Graph("mse", "90",
                                    "94 81 a1 'm'" + Node(0) + "94 01 02 03" + Node(1) + "92 01" + Node(2) +
                                        "82 a4 'name' a5 'Error' a5 'cause' c70002");
  CHECK(Refused(message).path == "$.m.values()[1].values()[1].cause");
}

TEST_CASE("whoever judges regexps is asked about each, and a refusal has its path") {
  std::string asked;
  ToWireOptions options;
  options.regexp_fault = [&asked](std::string_view source, std::string_view flags) {
    asked += "/" + std::string(source) + "/" + std::string(flags) + " ";
    return source == "(" ? std::string("not closed") : std::string();
  };
  const std::string good = "c7 05 06 a1 'a' a2 'gi'";
  const std::string bad = "c7 03 06 a1 '(' a0";
  CHECK(Wire("92" + good + "c7 07 06 c7 02 04 3dd8 a1 'u'", options).substr(0, 4) == "4102");
  CHECK(asked == "/a/gi /\xED\xA0\xBD/u ");
  CHECK(Wire("92" + good + "81 a1 'k'" + bad, options) == "$[1].k: not closed");
}
