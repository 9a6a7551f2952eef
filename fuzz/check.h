// A check that stops the fuzzer with a sentence, also where NDEBUG turns assert off.
#ifndef PVB_FUZZ_CHECK_H_
#define PVB_FUZZ_CHECK_H_

#include <cstdio>
#include <cstdlib>
#include <string>

inline void Check(bool condition, const std::string& sentence) {
  if (condition) return;
  std::fprintf(stderr, "fuzz: %s\n", sentence.c_str());
  std::abort();
}

#endif  // PVB_FUZZ_CHECK_H_
