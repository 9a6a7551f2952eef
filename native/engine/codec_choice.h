// Which codec takes the next message of one direction, where the caller leaves it to us: the wire codec until it has been given as much as
// the shape codec costs to get going, and for a while after the shape codec has given up on a message.
#ifndef PVB_ENGINE_CODEC_CHOICE_H_
#define PVB_ENGINE_CODEC_CHOICE_H_

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "pyv8bridge.h"

namespace pvb {

// Threads may ask at once; what they count then is not exact, and need not be.
class CodecChoice {
 public:
  // `size` is that of the message in bytes, as well as it is known.
  bool ByShape(pvb_codec codec, uint64_t size) {
    if (codec != PVB_CODEC_AUTO) return codec == PVB_CODEC_SHAPE;
    const uint32_t pause = pause_.load(std::memory_order_relaxed);
    if (pause != 0) {
      pause_.store(pause - 1, std::memory_order_relaxed);
      return false;
    }
    return by_wire_.load(std::memory_order_relaxed) + size >= kWorthIt;
  }

  // What became of it.
  void TookShape(bool well) { well ? refusals_.store(0, std::memory_order_relaxed) : GaveUp(); }
  void TookWire(uint64_t size) {
    const uint64_t sum = by_wire_.load(std::memory_order_relaxed);
    if (sum < kWorthIt) by_wire_.store(sum + size + kCall, std::memory_order_relaxed);
  }
  // The shape codec began, and could not, or not well. Each time in a row doubles how many messages it then sits out.
  void GaveUp() {
    const uint32_t refusals = std::min(refusals_.load(std::memory_order_relaxed) + 1, kMaxRefusals);
    refusals_.store(refusals, std::memory_order_relaxed);
    pause_.store((1u << refusals) - 1, std::memory_order_relaxed);
  }

 private:
  // Bytes. Compiling takes about half a millisecond until the code is fast, in which the wire codec takes this much; what a call costs
  // besides its bytes counts as some too (bench/shape.py).
  static constexpr uint64_t kWorthIt = 48 * 1024;
  static constexpr uint64_t kCall = 128;
  static constexpr uint32_t kMaxRefusals = 8;

  std::atomic<uint64_t> by_wire_{0};
  std::atomic<uint32_t> refusals_{0};
  std::atomic<uint32_t> pause_{0};
};

}  // namespace pvb

#endif  // PVB_ENGINE_CODEC_CHOICE_H_
