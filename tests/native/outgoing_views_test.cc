#include "transcode/outgoing_views.h"

#include <doctest/doctest.h>

#include "hex.h"
#include "transcode/wire_to_msgpack.h"

using pvb::ByteBuffer;
using pvb::Fault;
using pvb::OutgoingViews;
using pvb::ToMessageOptions;

namespace {

const std::vector<uint8_t> kFirst = Hex("00010203 04050607");
const std::vector<uint8_t> kSecond = Hex("'other'");

// The message, and behind it each attachment in brackets.
std::string Message(std::string_view wire, uint64_t attach_from = 4, bool bytes_as_views = false) {
  const std::vector<std::span<const uint8_t>> buffers{kFirst, kSecond};
  OutgoingViews views(buffers);
  std::vector<pvb::AttachedPart> attachments(7);
  ToMessageOptions options;
  options.hook = &views;
  options.attachments = &attachments;
  options.attach_from = attach_from;
  options.bytes_as_views = bytes_as_views;
  ByteBuffer message;
  Fault fault;
  const auto bytes = Hex("ff0f" + std::string(wire));
  if (!pvb::WireToMsgpack(bytes, options, &message, &fault)) return fault.path + ": " + fault.message;
  std::string text = ToHex(message.span());
  for (const auto& attachment : attachments) text += "[" + ToHex(attachment.bytes) + "]";
  return text;
}

// An attachment as the message has it.
std::string Attached(std::string_view use, std::string_view index, std::string_view size) {
  return Same("c7 0d 0b '" + std::string(use) + "' 000000" + std::string(index) + " 00000000000000" +
              std::string(size));
}

}  // namespace

TEST_CASE("a view whose buffer nothing else shows carries its own bytes") {
  // \, kView, kind, offset, length, flags; then the buffer
  CHECK(Message("5c 03 42 02 02 00 74 00") == Same("c4 02 0203"));
  CHECK(Message("5c 03 42 01 05 00 74 00") == Attached("x", "00", "05") + "[0102030405]");
  CHECK(Message("5c 03 57 04 04 00 74 00") == Attached("W", "00", "04") + "[04050607]");
  CHECK(Message("5c 03 57 04 02 00 74 00") == Same("c7 03 08 'W' 0405"));
  CHECK(Message("5c 03 42 01 02 00 42 04 'abcd'") == Same("c4 02 'bc'"));
  CHECK(Message("5c 03 42 00 04 00 42 04 'abcd'") == Attached("x", "00", "04") + "[" + Same("'abcd'") + "]");
  CHECK(Message("5c 03 42 00 00 00 74 00", 0) == Same("c4 00"));
  CHECK(Message("5c 03 42 02 02 00 74 00", 0, true) == Attached("B", "00", "02") + "[0203]");
  CHECK(Message("5c 03 42 00 00 00 74 00", 0, true) == Same("d4 08 'B'"));
}

TEST_CASE("attachments are known by their use") {
  const std::vector<std::span<const uint8_t>> buffers{kFirst, kSecond};
  OutgoingViews views(buffers);
  std::vector<pvb::AttachedPart> attachments;
  ToMessageOptions options;
  options.hook = &views;
  options.attachments = &attachments;
  ByteBuffer message;
  Fault fault;
  const auto bytes =
      Hex("ff0f 41 04 5c 03 42 00 08 00 74 00  5c 03 46 00 08 00 42 08 'abcdefgh'  74 01  7e 01 02 'x' 24 00 04");
  REQUIRE(pvb::WireToMsgpack(bytes, options, &message, &fault));
  std::string uses;
  for (const auto& attachment : attachments) uses += static_cast<char>(attachment.use);
  CHECK(uses == "xFAR");
}

TEST_CASE("bare buffers are attached too") {
  CHECK(Message("74 01") == Attached("A", "00", "05") + "[" + Same("'other'") + "]");
  CHECK(Message("42 04 'abcd'") == Attached("A", "00", "04") + "[" + Same("'abcd'") + "]");
  CHECK(Message("42 03 'abc'") == Same("c7 03 09 'abc'"));
  CHECK(Message("7e 04 09 'abcd'") ==
        Same("c7 15 0b 'R' 00000000 0000000000000004 0000000000000009") + "[" + Same("'abcd'") + "]");
}

TEST_CASE("what is met twice is found whichever comes first") {
  // The view has object 1 of the array, its buffer 2.
  const auto graph = [&](std::string_view rest) {
    return Message("41 02 " + std::string(rest) + " 24 00 02", 4).find(Same("'v'")) != std::string::npos;
  };
  CHECK(graph("5c 03 42 02 02 00 74 00  5e 02"));
  CHECK(graph("74 00  5c 03 42 02 02 00 5e 01"));
  CHECK(graph("42 03 'abc'  5c 03 42 01 02 00 5e 01"));
  CHECK(graph("5c 03 42 02 02 00 74 00  5c 03 42 01 01 00 5e 02"));
  CHECK(graph("5c 03 42 02 02 00 74 00  5e 01"));
  // The whole buffer travels once if two things show it, and only what is shown if one thing is met twice.
  const std::string shared = Message("41 02 5c 03 42 02 02 00 74 00  5e 02 24 00 02");
  CHECK(shared.ends_with("[0001020304050607]"));
  CHECK(shared.find('[') == shared.rfind('['));
  CHECK(Message("41 02 5c 03 42 02 05 00 74 00  5e 01 24 00 02").ends_with("[0203040506]"));
}

TEST_CASE("a view on a resizable buffer is a node, and may follow its length") {
  const std::string attached = "c7 15 0b 'R' 00000000 0000000000000004 0000000000000008";
  const std::string tracking = Message("5c 03 42 00 00 03 7e 04 08 'abcd'");
  CHECK(tracking.find(Same("'v'")) != std::string::npos);
  CHECK(tracking.find(Same(attached)) != std::string::npos);
  CHECK(tracking.ends_with(Same("94 d6 0c 00000000 42 00 c0") + "[" + Same("'abcd'") + "]"));
  CHECK(Message("5c 03 42 01 02 02 7e 04 08 'abcd'").ends_with(Same("42 01 02") + "[" + Same("'abcd'") + "]"));
}

TEST_CASE("what our serializer does not write is refused") {
  CHECK(Message("74 02") == "$: ArrayBuffer 2 is unknown");
  CHECK(Message("75 00") == "$: a result does not have this tag");
  CHECK(Message("5c 01 05") == "$: a host object of unknown kind");
  CHECK(Message("5c 03 5a 00 00 00 74 00") == "$: unknown view kind 90");
  CHECK(Message("5c 03 c202 00 00 00 74 00") == "$: unknown view kind 322");
  CHECK(Message("5c 03 42 07 02 00 74 00") == "$: a view beyond the end of its buffer");
  CHECK(Message("5c 03 42 00 02 00 5f") == "$: a view's buffer was expected");
  CHECK(Message("5c 03 42 00 02 00 5e 00") == "$: a view's buffer was expected");
  CHECK(Message("5c 03 42 00 02 00 5e 07") == "$: a view's buffer was expected");
  CHECK(Message("5c 03 42 00 02") != "");
  CHECK(Message("5c") != "");
}
