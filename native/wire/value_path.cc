#include "wire/value_path.h"

namespace pvb {
namespace {

bool IsIdentifier(std::string_view key) {
  if (key.empty() || (key[0] >= '0' && key[0] <= '9')) return false;
  for (const char c : key) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
    if (!letter && !(c >= '0' && c <= '9')) return false;
  }
  return true;
}

}  // namespace

void ValuePath::Property(std::string_view key) {
  if (IsIdentifier(key)) {
    text_ += '.';
    text_ += key;
    return;
  }
  // As JSON escapes strings.
  constexpr char kHex[] = "0123456789abcdef";
  constexpr std::string_view kEscaped = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  text_ += "[\"";
  for (const char c : key) {
    if (const size_t at = kEscaped.find(c); at != std::string_view::npos) {
      text_ += '\\';
      text_ += kLetters[at];
    } else if (static_cast<unsigned char>(c) < 0x20) {
      text_ += "\\u00";
      text_ += kHex[c >> 4];
      text_ += kHex[c & 0xF];
    } else {
      text_ += c;
    }
  }
  text_ += "\"]";
}

}  // namespace pvb
