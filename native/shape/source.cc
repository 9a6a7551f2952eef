#include "shape/source.h"

#include "shape/token.h"

namespace pvb::shape {
namespace {

// A string literal. Keys come from outside: what could end it is escaped.
std::string Quote(const std::string& key) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char unit : key) {
    const auto byte = static_cast<uint8_t>(unit);
    if (byte < 0x20 || unit == '"' || unit == '\\') {
      quoted += "\\x";
      quoted += kDigits[byte >> 4];
      quoted += kDigits[byte & 15];
    } else {
      quoted += unit;
    }
  }
  return quoted + "\"";
}

}  // namespace

std::string MakerSource(const Shape& shape) {
  std::string source = "()=>({";
  // In brackets, `__proto__` is a key like others.
  for (const std::string& key : shape.keys) {
    source += key == "__proto__" ? "[" + Quote(key) + "]" : Quote(key);
    source += ":value(),";
  }
  return source + "})";
}

std::string WriterSource(ShapeId id, const Shape& shape) {
  std::string source = "(o)=>{tokens[cursor[0]++]=" + std::to_string(MakeToken(TokenKind::kObject, id)) + ";";
  for (const std::string& key : shape.keys) source += "value(o[" + Quote(key) + "]);";
  return source + "}";
}

}  // namespace pvb::shape
