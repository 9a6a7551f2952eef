// The byte halves of the shape codec. Any tokens, items and doubles are refused or become a message that the wire codec takes too. And any bytes
// that are read into tokens are a message to the wire codec too, and stay within their room.
#include <vector>

#include "byte_source.h"
#include "check.h"
#include "shape/message_to_tokens.h"
#include "shape/tokens_to_message.h"
#include "transcode/msgpack_to_wire.h"

namespace {

using pvb::shape::MakeToken;
using pvb::shape::TokenKind;

pvb::shape::ShapeTable MakeShapes() {
  pvb::shape::ShapeTable shapes;
  pvb::shape::NodeId node = pvb::shape::ShapeTable::kRoot;
  shapes.Sight(node);
  for (const char* key : {"a", "b\"", "\xC3\xA4"}) {
    node = shapes.Step(node, key);
    shapes.Sight(node);
  }
  return shapes;
}

// Tokens that often make sense, and sometimes none.
int32_t Token(pvb::fuzz::ByteSource* source) {
  if (source->OneIn(16)) return static_cast<int32_t>(source->Word(4));
  if (source->OneIn(3)) return pvb::shape::IntToken(static_cast<int8_t>(source->Byte()));
  return MakeToken(static_cast<TokenKind>(source->Below(7)), source->Below(5));
}

void TokensOut(pvb::fuzz::ByteSource source, const uint8_t* rest, size_t size) {
  std::vector<int32_t> tokens;
  std::vector<double> doubles;
  for (uint32_t count = source.Below(64); count != 0; --count) tokens.push_back(Token(&source));
  for (uint32_t count = source.Below(8); count != 0; --count) doubles.push_back(source.Number());
  static const pvb::shape::ShapeTable shapes = MakeShapes();
  pvb::ByteBuffer message;
  if (!pvb::shape::TokensToMessage({tokens, doubles, {rest, size}}, shapes, pvb::Limits(), &message)) return;
  pvb::ByteBuffer wire;
  pvb::Fault fault;
  pvb::ToWireOptions options;
  options.unique_keys = true;  // tokens may say a key twice, which JavaScript cannot
  Check(pvb::MsgpackToWire(message.span(), {}, options, &wire, &fault),
        "a message of tokens is refused: " + fault.message);
}

void MessageIn(std::span<const uint8_t> message) {
  std::vector<int32_t> tokens(message.size() + 1);
  std::vector<double> doubles(message.size() + 1);
  pvb::shape::ShapeTable shapes;
  pvb::shape::MessageToTokens reader(&shapes);
  pvb::ToWireOptions options;
  options.unique_keys = true;
  options.host_objects = true;
  if (!reader.Run(message, options, {tokens, doubles}, 2)) return;
  Check(reader.tokens() <= tokens.size() && reader.doubles() <= doubles.size(), "tokens beyond their room");
  pvb::ByteBuffer wire;
  pvb::Fault fault;
  if (pvb::MsgpackToWire(message, {}, options, &wire, &fault)) return;
  // Only that is left to the engine, which makes the strings.
  Check(fault.message.find("UTF-8") != std::string::npos, "a message was read that is none: " + fault.message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  if (data[0] & 1) {
    MessageIn({data + 1, size - 1});
  } else {
    // The items have bytes of their own, so that the fuzzer can learn what they look like.
    const size_t half = size / 2;
    TokensOut(pvb::fuzz::ByteSource({data + 1, half}), data + 1 + half, size - 1 - half);
  }
  return 0;
}
