// Checks that stop the fuzzer with a sentence, also where NDEBUG turns assert off.
#ifndef PVB_FUZZ_CHECK_H_
#define PVB_FUZZ_CHECK_H_

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>

inline void Check(bool condition, const std::string& sentence) {
  if (condition) return;
  std::fprintf(stderr, "fuzz: %s\n", sentence.c_str());
  std::abort();
}

inline void PrintHex(const char* name, std::span<const uint8_t> bytes) {
  std::fprintf(stderr, "fuzz: %s: ", name);
  for (const uint8_t byte : bytes) std::fprintf(stderr, "%02x", byte);
  std::fprintf(stderr, "\n");
}

inline void CheckSame(std::span<const uint8_t> one, std::span<const uint8_t> two, const std::string& sentence) {
  if (std::equal(one.begin(), one.end(), two.begin(), two.end())) return;
  PrintHex("one", one);
  PrintHex("two", two);
  Check(false, sentence);
}

#endif  // PVB_FUZZ_CHECK_H_
