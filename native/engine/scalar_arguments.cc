#include "engine/scalar_arguments.h"

#include <algorithm>

#include "msgpack/reader.h"

namespace pvb {
namespace {

using msgpack_format::Token;
using msgpack_format::TokenType;

// Beyond it, `big_ints` decides what an int becomes.
constexpr int64_t kMostSafe = static_cast<int64_t>(kMaxSafeInteger);

bool IsAscii(std::span<const uint8_t> text) {
  return std::ranges::none_of(text, [](uint8_t byte) { return byte >= 0x80; });
}

}  // namespace

bool ScalarArguments::Read(std::span<const uint8_t> message) {
  Fault ignored;
  msgpack_format::Reader reader(message, &ignored);
  Token token;
  if (!reader.Next(&token) || token.type != TokenType::kArray || token.number > kMost) return false;
  const size_t count = token.number;
  for (Scalar& scalar : std::span(scalars_).first(count)) {
    if (!reader.Next(&token)) return false;
    switch (token.type) {
      case TokenType::kNil:
        scalar.kind = Kind::kNull;
        break;
      case TokenType::kBool:
        scalar.kind = token.number != 0 ? Kind::kTrue : Kind::kFalse;
        break;
      case TokenType::kUint:
        if (token.number > uint64_t{kMostSafe}) return false;
        scalar.kind = Kind::kNumber;
        scalar.number = static_cast<double>(token.number);
        break;
      case TokenType::kNegativeInt:
        if (token.negative() < -kMostSafe) return false;
        scalar.kind = Kind::kNumber;
        scalar.number = static_cast<double>(token.negative());
        break;
      case TokenType::kFloat:
        scalar.kind = Kind::kNumber;
        scalar.number = token.real;
        break;
      case TokenType::kStr:
        if (token.bytes.size() > kLongestText || !IsAscii(token.bytes)) return false;
        scalar.kind = Kind::kText;
        scalar.text = token.bytes;
        break;
      case TokenType::kExt:
        if (!token.IsExt(Ext::kUndefined) || !token.bytes.empty()) return false;
        scalar.kind = Kind::kUndefined;
        break;
      case TokenType::kBin:
      case TokenType::kArray:
      case TokenType::kMap:
        return false;
    }
  }
  if (reader.left() != 0) return false;
  count_ = count;
  return true;
}

void ScalarArguments::Make(v8::Isolate* isolate, std::vector<v8::Local<v8::Value>>* arguments) const {
  arguments->reserve(arguments->size() + count_);
  for (const Scalar& scalar : std::span(scalars_).first(count_)) {
    switch (scalar.kind) {
      case Kind::kUndefined:
        arguments->push_back(v8::Undefined(isolate));
        break;
      case Kind::kNull:
        arguments->push_back(v8::Null(isolate));
        break;
      case Kind::kFalse:
      case Kind::kTrue:
        arguments->push_back(v8::Boolean::New(isolate, scalar.kind == Kind::kTrue));
        break;
      case Kind::kNumber:
        // V8 makes a small integer of what is one, and one NaN of all.
        arguments->push_back(v8::Number::New(isolate, scalar.number));
        break;
      case Kind::kText:
        // Empty only beyond V8's longest string.
        arguments->push_back(v8::String::NewFromOneByte(isolate, scalar.text.data(), v8::NewStringType::kNormal,
                                                        static_cast<int>(scalar.text.size()))
                                 .ToLocalChecked());
        break;
    }
  }
}

}  // namespace pvb
