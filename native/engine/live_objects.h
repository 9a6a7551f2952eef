// How many native objects are alive in the process, for those who look for leaks.
#ifndef PVB_ENGINE_LIVE_OBJECTS_H_
#define PVB_ENGINE_LIVE_OBJECTS_H_

#include <atomic>
#include <cstdint>

namespace pvb {

enum class Live : uint8_t { kIsolate, kContext, kHandle, kResult, kBuffer, kHostReference };

inline std::atomic<int64_t>& LiveCount(Live kind) {
  static std::atomic<int64_t> counts[6];
  return counts[static_cast<uint8_t>(kind)];
}

// Counts its owner.
template <Live kKind>
class Counted {
 public:
  Counted() { LiveCount(kKind).fetch_add(1, std::memory_order_relaxed); }
  Counted(const Counted&) : Counted() {}
  Counted(Counted&&) noexcept : Counted() {}
  Counted& operator=(const Counted&) = default;
  Counted& operator=(Counted&&) noexcept = default;
  ~Counted() { LiveCount(kKind).fetch_sub(1, std::memory_order_relaxed); }
};

}  // namespace pvb

#endif  // PVB_ENGINE_LIVE_OBJECTS_H_
