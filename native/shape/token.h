// The tokens of the shape codec (docs/shape-codec.md): the 32-bit words in which C++ and the codec's JavaScript tell each other what a tree
// of data looks like. A word with an even lowest bit is an integer; the others have a kind and a payload.
#ifndef PVB_SHAPE_TOKEN_H_
#define PVB_SHAPE_TOKEN_H_

#include <cstdint>
#include <span>

namespace pvb::shape {

// The same numbers stand in native/engine/shape/decode.js and encode.js.
enum class TokenKind : uint32_t {
  kItem = 0,      // in: payload is an index into the items. Out: the next item
  kDouble = 1,    // the next double
  kConstant = 2,  // payload is a Constant
  kObject = 3,    // payload is a shape; its values follow
  kArray = 4,     // payload elements follow
  kNumbers = 5,   // an array of payload numbers, which are the next doubles
  kPairs =
      6,  // an object of payload keys without a shape. In: the values, then the keys. Out: key, value, key, value ...
};

enum class Constant : uint32_t { kNull = 0, kUndefined = 1, kFalse = 2, kTrue = 3 };

inline constexpr int64_t kMinInt = -(int64_t{1} << 30);
inline constexpr int64_t kMaxInt = (int64_t{1} << 30) - 1;
inline constexpr uint32_t kMaxPayload = (1u << 28) - 1;

constexpr int32_t IntToken(int64_t value) { return static_cast<int32_t>(value * 2); }
constexpr int32_t MakeToken(TokenKind kind, uint32_t payload) {
  return static_cast<int32_t>(payload << 4 | static_cast<uint32_t>(kind) << 1 | 1);
}
constexpr int32_t ConstantToken(Constant constant) {
  return MakeToken(TokenKind::kConstant, static_cast<uint32_t>(constant));
}

constexpr bool IsIntToken(int32_t token) { return (token & 1) == 0; }
constexpr int32_t IntOf(int32_t token) { return token >> 1; }
constexpr TokenKind KindOf(int32_t token) { return static_cast<TokenKind>(static_cast<uint32_t>(token) >> 1 & 7); }
constexpr uint32_t PayloadOf(int32_t token) { return static_cast<uint32_t>(token) >> 4; }

// Where tokens and doubles are written. A writer may not go past the ends.
struct TokenSpace {
  std::span<int32_t> tokens;
  std::span<double> doubles;
};

}  // namespace pvb::shape

#endif  // PVB_SHAPE_TOKEN_H_
