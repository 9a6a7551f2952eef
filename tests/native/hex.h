// Byte strings in tests: Hex("ff0f 30") and back. Spaces are ignored, and 'text' in quotes stands for its bytes.
#ifndef PVB_TESTS_HEX_H_
#define PVB_TESTS_HEX_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

inline std::vector<uint8_t> Hex(std::string_view text) {
  const auto digit = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10); };
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ') continue;
    if (text[i] == '\'') {
      for (++i; text[i] != '\''; ++i) bytes.push_back(static_cast<uint8_t>(text[i]));
      continue;
    }
    bytes.push_back(static_cast<uint8_t>(digit(text[i]) << 4 | digit(text[i + 1])));
    ++i;
  }
  return bytes;
}

inline std::string ToHex(std::span<const uint8_t> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const uint8_t byte : bytes) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 15]);
  }
  return text;
}

// Normal form of a Hex() text, to compare with.
inline std::string Same(std::string_view text) { return ToHex(Hex(text)); }

#endif  // PVB_TESTS_HEX_H_
