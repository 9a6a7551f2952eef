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
  constexpr char kHex[] = "0123456789abcdef";
  text_ += "[\"";
  for (const char c : key) {
    if (c == '"' || c == '\\') {
      text_ += '\\';
      text_ += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      text_ += "\\x";
      text_ += kHex[(c >> 4) & 0xF];
      text_ += kHex[c & 0xF];
    } else {
      text_ += c;
    }
  }
  text_ += "\"]";
}

}  // namespace pvb
