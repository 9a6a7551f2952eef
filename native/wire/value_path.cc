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

// Whether a lone surrogate comes next: no UTF-8, so a path that held it could not be printed.
bool IsSurrogate(std::string_view key) { return key.size() >= 3 && key[0] == '\xED' && (key[1] & '\xE0') == '\xA0'; }

}  // namespace

void ValuePath::Property(std::string_view key) {
  if (IsIdentifier(key)) {
    text_ += '.';
    text_ += key;
    return;
  }
  // As JSON.stringify escapes strings.
  constexpr char kHex[] = "0123456789abcdef";
  constexpr std::string_view kEscaped = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  text_ += "[\"";
  for (size_t i = 0; i < key.size(); ++i) {
    const char c = key[i];
    if (IsSurrogate(key.substr(i))) {
      text_ += "\\ud";
      text_ += kHex[(key[i + 1] >> 2) & 0xF];
      text_ += kHex[(key[i + 1] & 0x3) << 2 | ((key[i + 2] >> 4) & 0x3)];
      text_ += kHex[key[i + 2] & 0xF];
      i += 2;
    } else if (const size_t at = kEscaped.find(c); at != std::string_view::npos) {
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
