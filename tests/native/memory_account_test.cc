// The account of what lies outside V8's heap, without an isolate, whose heap would count too.
#include "engine/memory_account.h"

#include <doctest/doctest.h>

using pvb::MemoryAccount;

TEST_CASE("what fits is given, what does not is refused, and what comes back makes room") {
  MemoryAccount account(1000);
  void* const first = account.Allocate(900);
  REQUIRE(first != nullptr);
  CHECK(account.held() == 900);
  CHECK(account.Allocate(101) == nullptr);
  CHECK(account.AllocateUninitialized(101) == nullptr);
  CHECK_FALSE(account.Take(101));
  CHECK(account.held() == 900);
  void* const second = account.AllocateUninitialized(100);
  REQUIRE(second != nullptr);
  CHECK(account.held() == 1000);
  CHECK(account.Balanced());
  account.Free(first, 900);
  account.Free(second, 100);
  CHECK(account.held() == 0);
}

TEST_CASE("64 bytes are never refused, 65 are") {
  MemoryAccount account(1000);
  REQUIRE(account.Take(1000));
  CHECK(account.Allocate(65) == nullptr);
  CHECK(account.AllocateUninitialized(65) == nullptr);
  for (const size_t size : {0, 1, 63, 64}) {
    void* const memory = account.Allocate(size);
    CHECK(memory != nullptr);
    CHECK(account.held() == 1000 + size);
    account.Free(memory, size);
  }
  void* const memory = account.AllocateUninitialized(64);
  CHECK(memory != nullptr);
  CHECK_FALSE(account.Balanced());
  CHECK_FALSE(account.Fits(0));
  account.Free(memory, 64);
}

TEST_CASE("sizes near the end of what can be counted") {
  MemoryAccount account(1000);
  CHECK_FALSE(account.Fits(UINT64_MAX));
  CHECK_FALSE(account.Take(SIZE_MAX));
  CHECK(account.Fits(1000));
  CHECK_FALSE(account.Fits(1001));
  CHECK(account.FitsBesideLive(1000));
  CHECK_FALSE(account.FitsBesideLive(1001));
}

TEST_CASE("without a limit everything fits, and is counted") {
  MemoryAccount account(0);
  CHECK(account.Fits(UINT64_MAX));
  CHECK(account.FitsBesideLive(UINT64_MAX));
  REQUIRE(account.Take(uint64_t{1} << 40));
  CHECK(account.Total() == uint64_t{1} << 40);
  CHECK(account.Balanced());
}
