// The one struct of limits for every layer, and what the V8 at hand can read.
#ifndef PVB_TRANSCODE_LIMITS_H_
#define PVB_TRANSCODE_LIMITS_H_

#include <cstdint>

namespace pvb {

struct Limits {
  // Levels of nesting. V8 reads objects about 1,600 deep on a 1 MB stack and writes 3,300: this stays far below both.
  uint32_t max_depth = 500;
  // A message is at most what an ext 32 can hold.
  uint64_t max_bytes = 0xFFFFFFFF;
  // UTF-16 code units: V8's String::kMaxLength on 64-bit platforms.
  uint64_t max_string = (1u << 29) - 24;
  // V8's limit is 2^30 bits; 10.2 aborts the process on a longer one.
  uint64_t max_bigint_bytes = 1u << 27;
  // A sparse array of a length up to 2^25 makes V8 allocate 8 bytes a slot, whatever it holds (longer ones become
  // dictionaries). This many slots are allowed, summed over the message; and as many holes that no byte of a stream from
  // outside stands for.
  uint64_t max_sparse_slots = 1u << 25;
};

// What differs between versions of V8's reader. The defaults are format version 15 as the newest V8 reads it.
struct EngineTraits {
  bool float16_array = true;
  bool resizable_buffers = true;
  bool regexp_v_flag = true;
  bool error_self_cause = true;
};

}  // namespace pvb

#endif  // PVB_TRANSCODE_LIMITS_H_
