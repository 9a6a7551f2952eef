// The memory of the shape codec: what it gives back is its own.
#include "engine/token_memory.h"

#include <doctest/doctest.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>

#include "shape/token.h"

TEST_CASE("trimming after a message that was too large leaves the memory behind it alone") {
  // The kernel maps downwards: what is mapped first lies behind what is mapped next, when there is no gap that fits.
  constexpr size_t kBehind = size_t{1} << 28;
  constexpr size_t kLooked = size_t{1} << 20;
  void* const behind =
      mmap(nullptr, kBehind, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  REQUIRE(behind != MAP_FAILED);
  const std::span<uint8_t> bytes(static_cast<uint8_t*>(behind), kLooked);
  std::fill(bytes.begin(), bytes.end(), uint8_t{0xa5});

  pvb::TokenMemory memory;
  REQUIRE(memory.reserved());
  const pvb::shape::TokenSpace space = memory.space();
  REQUIRE(static_cast<void*>(space.doubles.data() + space.doubles.size()) == behind);
  for (const size_t size : {space.doubles.size() + 1, 2 * space.doubles.size(), std::numeric_limits<size_t>::max()}) {
    memory.Trim(size, size);
    CHECK(std::all_of(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte == 0xa5; }));
  }
  munmap(behind, kBehind);
}

TEST_CASE("trimming gives back what a large message has touched, and keeps what an ordinary one needs") {
  pvb::TokenMemory memory;
  REQUIRE(memory.reserved());
  const pvb::shape::TokenSpace space = memory.space();
  constexpr size_t kMany = size_t{1} << 20;
  std::fill_n(space.tokens.begin(), kMany, 7);
  std::fill_n(space.doubles.begin(), kMany, 0.5);
  memory.Trim(kMany, kMany);
  CHECK(space.tokens[0] == 7);
  CHECK(space.doubles[0] == 0.5);
  CHECK(space.tokens[kMany - 1] == 0);
  CHECK(space.doubles[kMany - 1] == 0);
}
