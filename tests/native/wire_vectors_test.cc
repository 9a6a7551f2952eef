// The streams of tests/vectors: cut at every offset and with every byte changed, they are read or refused, and what is read
// can be written and read again. Under AddressSanitizer this shows that nothing reads beyond its input.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <memory>

#include "hex.h"
#include "transcode/msgpack_to_wire.h"
#include "transcode/wire_to_msgpack.h"

using pvb::ByteBuffer;
using pvb::Fault;

namespace {

struct Stream {
  std::string name;
  std::vector<uint8_t> bytes;
};

std::vector<Stream> Streams() {
  std::ifstream file(PVB_TEST_VECTORS "/streams.txt");
  std::vector<Stream> streams;
  for (std::string name, hex; std::getline(file, name, ' ') && std::getline(file, hex);)
    streams.push_back({name, Hex(hex)});
  return streams;
}

// Works on a copy of exactly the right size, so that a sanitizer sees the first byte too many.
void Check(std::span<const uint8_t> bytes) {
  const auto copy = std::make_unique<uint8_t[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy.get());
  ByteBuffer message;
  ByteBuffer again;
  ByteBuffer wire;
  Fault fault;
  if (!pvb::WireToMsgpack({copy.get(), bytes.size()}, {}, &message, &fault)) {
    REQUIRE(fault.status == PVB_ERR_DECODE);
    REQUIRE(fault.offset <= bytes.size());
    REQUIRE_FALSE(fault.message.empty());
    return;
  }
  if (!pvb::MsgpackToWire(message.span(), {}, {}, &wire, &fault)) {
    // Only the sum of sparse arrays' slots is limited on the way in and not on the way out.
    REQUIRE(fault.message.find("sparse arrays of more than") == 0);
    return;
  }
  REQUIRE(pvb::WireToMsgpack(wire.span(), {}, &again, &fault));
  REQUIRE(ToHex(again.span()) == ToHex(message.span()));
}

}  // namespace

TEST_CASE("every vector, whole, cut and changed") {
  const std::vector<Stream> streams = Streams();
  REQUIRE(streams.size() > 150);
  for (const Stream& stream : streams) {
    CAPTURE(stream.name);
    for (size_t size = 0; size <= stream.bytes.size(); ++size) Check(std::span(stream.bytes).first(size));
    std::vector<uint8_t> changed = stream.bytes;
    for (uint8_t& byte : changed) {
      const uint8_t original = byte;
      for (unsigned value = 0; value < 256; ++value) {
        byte = static_cast<uint8_t>(value);
        Check(changed);
      }
      byte = original;
    }
  }
}

TEST_CASE("every vector's message, cut and changed") {
  for (const Stream& stream : Streams()) {
    CAPTURE(stream.name);
    ByteBuffer message;
    ByteBuffer wire;
    Fault fault;
    if (!pvb::WireToMsgpack(stream.bytes, {}, &message, &fault)) continue;
    std::vector<uint8_t> changed(message.data(), message.data() + message.size());
    for (size_t size = 0; size < changed.size(); ++size) {
      const auto copy = std::make_unique<uint8_t[]>(size);
      std::copy_n(changed.begin(), size, copy.get());
      REQUIRE_FALSE(pvb::MsgpackToWire({copy.get(), size}, {}, {}, &wire, &fault));
      REQUIRE(fault.offset <= size);
    }
    for (uint8_t& byte : changed) {
      const uint8_t original = byte;
      for (unsigned value = 0; value < 256; value += 1) {
        byte = static_cast<uint8_t>(value);
        if (!pvb::MsgpackToWire(changed, {}, {}, &wire, &fault)) REQUIRE_FALSE(fault.message.empty());
      }
      byte = original;
    }
  }
}
