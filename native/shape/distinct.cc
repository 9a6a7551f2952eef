#include "shape/distinct.h"

#include <array>
#include <memory>
#include <unordered_map>

namespace pvb::shape {
namespace {

// A bit for each place on a page where an object can begin. What was made together lies together, so one page serves many lookups and its
// bits stay in the processor's cache, where a hash table of as many objects would not.
constexpr uint32_t kPageBits = 18;
constexpr uint32_t kAlignmentBits = 3;
using Page = std::array<uint64_t, (size_t{1} << (kPageBits - kAlignmentBits)) / 64>;

// Up to here comparing each with each costs less than clearing one page.
constexpr size_t kFew = 16;

bool FewDistinct(std::span<const uintptr_t> addresses) {
  for (size_t i = 1; i < addresses.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (addresses[i] == addresses[j]) return false;
    }
  }
  return true;
}

}  // namespace

bool AllDistinct(std::span<const uintptr_t> addresses) {
  if (addresses.size() <= kFew) return FewDistinct(addresses);
  std::unordered_map<uintptr_t, std::unique_ptr<Page>> pages;
  uintptr_t number = ~uintptr_t{0};
  Page* page = nullptr;
  for (const uintptr_t address : addresses) {
    if (page == nullptr || address >> kPageBits != number) {
      number = address >> kPageBits;
      std::unique_ptr<Page>& found = pages[number];
      if (found == nullptr) found = std::make_unique<Page>();
      page = found.get();
    }
    const uintptr_t place = (address & ((uintptr_t{1} << kPageBits) - 1)) >> kAlignmentBits;
    uint64_t& word = (*page)[place / 64];
    const uint64_t bit = uint64_t{1} << (place % 64);
    if ((word & bit) != 0) return false;
    word |= bit;
  }
  return true;
}

}  // namespace pvb::shape
