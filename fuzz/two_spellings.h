// One random value in two spellings of V8's wire format: as native/wire writes it, and with everything that the format allows besides.
// Whoever reads both must find the same value.
#ifndef PVB_FUZZ_TWO_SPELLINGS_H_
#define PVB_FUZZ_TWO_SPELLINGS_H_

#include "byte_source.h"
#include "wire/byte_buffer.h"

namespace pvb::fuzz {

struct TwoSpellings {
  ByteBuffer plain;
  ByteBuffer varied;
};

struct SpellingOptions {
  bool resizable_buffers = true;
  bool float16_array = true;
  bool self_cause = true;
  bool regexp_v_flag = true;
};

TwoSpellings Spell(ByteSource* source, const SpellingOptions& options);

}  // namespace pvb::fuzz

#endif  // PVB_FUZZ_TWO_SPELLINGS_H_
