#include "wire/value_path.h"

namespace pvb {
namespace {

constexpr size_t kLongestName = 200;
constexpr size_t kLongestPath = 4096;
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

// As many of its first characters as are shown.
std::string_view Shown(std::string_view key) {
  constexpr size_t kLongestCharacter = 4;
  key = key.substr(0, kLongestName * kLongestCharacter);
  size_t characters = 0;
  for (size_t at = 0; at < key.size(); ++at) {
    const bool begins = (key[at] & '\xC0') != '\x80';
    if (begins && ++characters > kLongestName) return key.substr(0, at);
  }
  return key;
}

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

void ValuePath::Step(std::string_view step) {
  if (full_) return;
  full_ = text_.size() + step.size() > kLongestPath;
  text_ += full_ ? kEllipsis : step;
}

void ValuePath::Property(std::string_view key) {
  const std::string_view shown = Shown(key);
  const std::string_view rest = shown.size() == key.size() ? std::string_view() : kEllipsis;
  if (IsIdentifier(shown)) return Step(("." + std::string(shown)).append(rest));
  std::string step = "[\"";
  // As JSON.stringify escapes strings.
  constexpr char kHex[] = "0123456789abcdef";
  constexpr std::string_view kEscaped = "\"\\\b\f\n\r\t";
  constexpr std::string_view kLetters = "\"\\bfnrt";
  for (size_t i = 0; i < shown.size(); ++i) {
    const char c = shown[i];
    if (IsSurrogate(shown.substr(i))) {
      step += "\\ud";
      step += kHex[(shown[i + 1] >> 2) & 0xF];
      step += kHex[(shown[i + 1] & 0x3) << 2 | ((shown[i + 2] >> 4) & 0x3)];
      step += kHex[shown[i + 2] & 0xF];
      i += 2;
    } else if (const size_t at = kEscaped.find(c); at != std::string_view::npos) {
      step += '\\';
      step += kLetters[at];
    } else if (static_cast<unsigned char>(c) < 0x20) {
      step += "\\u00";
      step += kHex[c >> 4];
      step += kHex[c & 0xF];
    } else {
      step += c;
    }
  }
  Step(step.append(rest).append("\"]"));
}

}  // namespace pvb
