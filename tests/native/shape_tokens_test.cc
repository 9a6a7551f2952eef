// The two byte halves of the shape codec, and what they stand on.
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "hex.h"
#include "msgpack/message_writer.h"
#include "shape/distinct.h"
#include "shape/message_to_tokens.h"
#include "shape/source.h"
#include "shape/tokens_to_message.h"

using namespace pvb;
using namespace pvb::shape;

namespace {

// Room for what the tests write, and a reader.
struct In {
  explicit In(size_t tokens_left = 1000, size_t doubles_left = 1000) : tokens(tokens_left), doubles(doubles_left) {}

  bool Run(const ByteBuffer& message, uint32_t seen_often = 2) {
    ToWireOptions options;
    options.unique_keys = true;
    options.time_is_up = time_is_up;
    return reader.Run(message.span(), options, {tokens, doubles}, seen_often);
  }
  std::vector<int32_t> Words() const { return {tokens.begin(), tokens.begin() + static_cast<long>(reader.tokens())}; }

  std::vector<int32_t> tokens;
  std::vector<double> doubles;
  ShapeTable shapes;
  MessageToTokens reader{&shapes};
  std::function<bool()> time_is_up;
};

template <typename Write>
ByteBuffer Written(Write write) {
  ByteBuffer message;
  MessageWriter writer(&message);
  write(&writer);
  return message;
}

void WriteText(MessageWriter* writer, const std::string& text) {
  writer->WriteStr({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

ByteBuffer Record() {
  return Written([](MessageWriter* writer) {
    writer->WriteMapHeader(2);
    writer->WriteStr("a");
    writer->WriteInt(1);
    writer->WriteStr("b");
    writer->WriteStr("x");
  });
}

bool Out(const std::vector<int32_t>& tokens, const std::vector<double>& doubles, std::span<const uint8_t> items,
         const ShapeTable& shapes, ByteBuffer* message) {
  return TokensToMessage({tokens, doubles, items}, shapes, Limits(), message);
}

std::string Text(const ByteBuffer& buffer) { return ToHex(buffer.span()); }

}  // namespace

TEST_CASE("an object has a shape once its shape was seen often") {
  In in;
  const ByteBuffer record = Record();
  REQUIRE(in.Run(record));
  CHECK(in.Words() == std::vector<int32_t>{MakeToken(TokenKind::kPairs, 2), IntToken(1), MakeToken(TokenKind::kItem, 0),
                                           MakeToken(TokenKind::kItem, 1), MakeToken(TokenKind::kItem, 2)});
  CHECK(in.reader.wanted().empty());
  REQUIRE(in.Run(record));
  CHECK(in.Words() ==
        std::vector<int32_t>{MakeToken(TokenKind::kObject, 0), IntToken(1), MakeToken(TokenKind::kItem, 0)});
  CHECK(in.reader.wanted() == std::vector<ShapeId>{0});
}

TEST_CASE("numbers that no word can hold are doubles") {
  In in;
  for (const int64_t number : {kMinInt, kMaxInt}) {
    REQUIRE(in.Run(Written([=](MessageWriter* writer) { writer->WriteInt(number); })));
    CHECK(in.Words() == std::vector<int32_t>{IntToken(number)});
    CHECK(IntOf(in.tokens[0]) == number);
  }
  for (const int64_t number : {kMinInt - 1, kMaxInt + 1, int64_t{9007199254740991}, int64_t{-9007199254740991}}) {
    REQUIRE(in.Run(Written([=](MessageWriter* writer) { writer->WriteInt(number); })));
    CHECK(in.Words() == std::vector<int32_t>{MakeToken(TokenKind::kDouble, 0)});
    CHECK(in.doubles[0] == static_cast<double>(number));
  }
  REQUIRE(in.Run(Written([](MessageWriter* writer) { writer->WriteInt(9007199254740992); })));
  CHECK(in.Words() == std::vector<int32_t>{MakeToken(TokenKind::kItem, 0)});
  CHECK(in.reader.items()[0].rides);
}

TEST_CASE("an array of numbers is taken at once when a float is among them") {
  In in;
  const auto array = [](const std::vector<double>& numbers) {
    return Written([&](MessageWriter* writer) {
      writer->WriteArrayHeader(static_cast<uint32_t>(numbers.size()));
      for (const double number : numbers) writer->WriteNumber(number);
    });
  };
  REQUIRE(in.Run(array({1, 2.5})));
  CHECK(in.Words() == std::vector<int32_t>{MakeToken(TokenKind::kNumbers, 2)});
  CHECK(in.doubles[1] == 2.5);
  REQUIRE(in.Run(array({1, 2})));
  CHECK(in.Words() == std::vector<int32_t>{MakeToken(TokenKind::kArray, 2), IntToken(1), IntToken(2)});
  CHECK(in.reader.doubles() == 0);
}

TEST_CASE("an object of many keys rides along when it is flat, and leaves nothing behind when it is not") {
  const auto wide = [](bool flat) {
    return Written([flat](MessageWriter* writer) {
      writer->WriteMapHeader(ShapeTable::kMaxKeys + 1);
      for (uint32_t i = 0; i <= ShapeTable::kMaxKeys; ++i) {
        WriteText(writer, "key" + std::to_string(i));
        flat ? writer->WriteInt(1) : writer->WriteArrayHeader(0);
      }
    });
  };
  In in;
  REQUIRE(in.Run(wide(true)));
  CHECK(in.Words() == std::vector<int32_t>{MakeToken(TokenKind::kItem, 0)});
  CHECK_FALSE(in.reader.riders().empty());
  REQUIRE(in.Run(wide(false)));
  CHECK(in.Words()[0] == MakeToken(TokenKind::kPairs, ShapeTable::kMaxKeys + 1));
  CHECK(in.reader.riders().empty());
}

TEST_CASE("texts and keys of every length are told apart wherever they stand") {
  for (size_t size = 0; size < 40; ++size) {
    const std::string text(size, 'x');
    const std::string other = size == 0 ? "y" : text.substr(1) + "y";
    const std::string longer = text + std::string(1, '\0');
    const ByteBuffer message = Written([&](MessageWriter* writer) {
      writer->WriteArrayHeader(7);
      for (const std::string& each : {text, other, longer, text}) WriteText(writer, each);
      for (const std::string& key : {text, text, other}) {
        writer->WriteMapHeader(2);
        WriteText(writer, key);
        writer->WriteBool(true);
        WriteText(writer, longer);
        writer->WriteBool(true);
      }
    });
    CAPTURE(size);
    In in;
    REQUIRE(in.Run(message, 1));
    const std::vector<int32_t> words = in.Words();
    const auto item = [](uint32_t index) { return MakeToken(TokenKind::kItem, index); };
    CHECK(words[1] == item(0));
    CHECK(words[2] == item(1));
    CHECK(words[3] == item(2));
    CHECK(words[4] == item(size <= FirstBytes::kSize ? 0 : 3));
    CHECK(in.shapes.size() == 2);
    CHECK(words[5] == MakeToken(TokenKind::kObject, 0));
    CHECK(words[8] == MakeToken(TokenKind::kObject, 0));
    CHECK(words[11] == MakeToken(TokenKind::kObject, 1));
    CHECK(in.shapes[1].keys == std::vector<std::string>{other, longer});
  }
}

TEST_CASE("what does not fit, is malformed or has no token is not read") {
  const ByteBuffer record = Record();
  CHECK_FALSE(In(2).Run(record));
  CHECK_FALSE(In(10, 0).Run(Written([](MessageWriter* writer) { writer->WriteFloat(1); })));
  CHECK_FALSE(In().Run(Written([](MessageWriter* writer) { writer->WriteHandle(HandleKind::kObject, 1); })));
  CHECK_FALSE(In().Run(Written([](MessageWriter* writer) { writer->WriteHole(); })));
  CHECK_FALSE(In().Run(ByteBuffer()));
  for (size_t size = 1; size < record.size(); ++size) {
    ByteBuffer cut;
    cut.append(record.data(), size);
    CHECK_FALSE(In().Run(cut));
  }
  ByteBuffer twice;
  twice.append(record.data(), record.size());
  twice.append(record.data(), record.size());
  CHECK_FALSE(In().Run(twice));
}

TEST_CASE("a shape has no index among its keys, and the table has an end") {
  ShapeTable shapes;
  CHECK(shapes.Step(ShapeTable::kRoot, "7") == kNone);
  CHECK(shapes.Step(ShapeTable::kRoot, "\xFF") == kNone);
  CHECK(shapes.Step(ShapeTable::kRoot, "07") != kNone);
  const NodeId known = shapes.Step(ShapeTable::kRoot, "known");
  for (int i = 0; i < 1000; ++i) shapes.Step(ShapeTable::kRoot, "key" + std::to_string(i));
  CHECK(shapes.Step(ShapeTable::kRoot, "one more") == kNone);
  CHECK(shapes.Step(ShapeTable::kRoot, "known") == known);
  CHECK(shapes.Sight(known) == 0);
  CHECK(shapes.Sight(known) == 0);
  CHECK(shapes[0].sightings == 2);
}

TEST_CASE("keys cannot leave their quotes") {
  Shape shape;
  shape.keys = {"a\"]+b", "\\", "\n", "__proto__", "plain"};
  CHECK(MakerSource(shape) ==
        "()=>({\"a\\x22]+b\":value(),\"\\x5c\":value(),\"\\x0a\":value(),[\"__proto__\"]:value(),\"plain\":value(),})");
  CHECK(WriterSource(3, shape).find("value(o[\"a\\x22]+b\"]);") != std::string::npos);
}

TEST_CASE("tokens become a message") {
  ShapeTable shapes;
  const NodeId node = shapes.Step(shapes.Step(ShapeTable::kRoot, "a"), "b");
  REQUIRE(shapes.Sight(node) == 0);
  ByteBuffer message;
  REQUIRE(Out({MakeToken(TokenKind::kObject, 0), IntToken(1), MakeToken(TokenKind::kItem, 0)}, {},
              Hex("FF0F 4101 220178 240001"), shapes, &message));
  CHECK(Text(message) == Text(Record()));

  REQUIRE(Out({MakeToken(TokenKind::kArray, 3), MakeToken(TokenKind::kDouble, 0), MakeToken(TokenKind::kNumbers, 1),
               ConstantToken(Constant::kUndefined)},
              {3e9, std::nan("1")}, {}, shapes, &message));
  CHECK(Text(message) == Text(Written([](MessageWriter* writer) {
          writer->WriteArrayHeader(3);
          writer->WriteInt(3000000000);
          writer->WriteArrayHeader(1);
          writer->WriteFloat(std::numeric_limits<double>::quiet_NaN());
          writer->WriteUndefined();
        })));
}

TEST_CASE("an object of primitives rides along") {
  ByteBuffer message;
  REQUIRE(Out({MakeToken(TokenKind::kItem, 0)}, {}, Hex("FF0F 4101 6F 490E 4902 220161 54 7B02 240001"), {}, &message));
  CHECK(Text(message) == "de0002a13701a161c3");
  // One that holds an object does not: that might stand elsewhere too.
  CHECK_FALSE(Out({MakeToken(TokenKind::kItem, 0)}, {}, Hex("FF0F 4101 6F 220161 6F7B00 7B01 240001"), {}, &message));
}

TEST_CASE("tokens that make no sense are refused") {
  const ShapeTable shapes;
  ByteBuffer message;
  const auto refused = [&](const std::vector<int32_t>& tokens, const std::vector<double>& doubles = {},
                           const char* items = "") { return !Out(tokens, doubles, Hex(items), shapes, &message); };
  CHECK(refused({}));
  CHECK(refused({IntToken(1), IntToken(1)}));
  CHECK(refused({IntToken(1)}, {1.0}));
  CHECK(refused({MakeToken(TokenKind::kObject, 0)}));
  CHECK(refused({MakeToken(TokenKind::kArray, kMaxPayload)}));
  CHECK(refused({MakeToken(TokenKind::kArray, 2), IntToken(1)}));
  CHECK(refused({MakeToken(TokenKind::kPairs, 1), IntToken(1), IntToken(1)}));
  CHECK(refused({MakeToken(TokenKind::kNumbers, 2)}, {1.0}));
  CHECK(refused({MakeToken(TokenKind::kDouble, 0)}));
  CHECK(refused({MakeToken(TokenKind::kConstant, 4)}));
  CHECK(refused({MakeToken(static_cast<TokenKind>(7), 0)}));
  CHECK(refused({MakeToken(TokenKind::kItem, 0)}));
  CHECK(refused({MakeToken(TokenKind::kItem, 0)}, {}, "FF0F 4100 240000"));
  CHECK(refused({MakeToken(TokenKind::kItem, 0)}, {}, "FF0F 4101 5E00 240001"));
  CHECK(refused({MakeToken(TokenKind::kItem, 0)}, {}, "FF0F 4101 22"));
  std::vector<int32_t> deep(501, MakeToken(TokenKind::kArray, 1));
  deep.push_back(IntToken(0));
  CHECK(refused(deep));
  deep.erase(deep.begin());
  CHECK_FALSE(refused(deep));
}

TEST_CASE("an address that stands there twice") {
  for (const size_t count : {size_t{2}, size_t{16}, size_t{17}, size_t{5000}}) {
    std::vector<uintptr_t> addresses;
    for (size_t i = 0; i < count; ++i) addresses.push_back(0x7f0000000001 + (i * 104729 % 8191) * 40);
    CHECK(AllDistinct(addresses));
    addresses[count / 2] = addresses[0];
    CHECK_FALSE(AllDistinct(addresses));
  }
  CHECK(AllDistinct({}));
}

TEST_CASE("a time that is up ends it within a few thousand values") {
  const ByteBuffer message = Written([](MessageWriter* writer) {
    writer->WriteArrayHeader(10'000);
    for (int i = 0; i < 10'000; ++i) writer->WriteNil();
  });
  In in(20'000);
  int asked = 0;
  in.time_is_up = [&] { return ++asked > 2; };
  CHECK(in.Run(message));
  CHECK(asked == 2);
  CHECK_FALSE(in.Run(message));
  CHECK(in.reader.tokens() == 1 + 4096);
}
