// The same value in two spellings of the wire format, plain and as odd as is legal: both are read, as the same message.
#include <algorithm>

#include "check.h"
#include "transcode/wire_to_msgpack.h"
#include "two_spellings.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pvb::fuzz::ByteSource source({data, size});
  const pvb::fuzz::SpellingOptions options;
  const pvb::fuzz::TwoSpellings spellings = pvb::fuzz::Spell(&source, options);
  pvb::ByteBuffer plain;
  pvb::ByteBuffer varied;
  pvb::Fault fault;
  Check(pvb::WireToMsgpack(spellings.plain.span(), {}, &plain, &fault),
        "the plain spelling is refused: " + fault.message);
  Check(pvb::WireToMsgpack(spellings.varied.span(), {}, &varied, &fault),
        "the varied spelling is refused: " + fault.message + " at " + fault.path);
  if (plain.size() != varied.size() || !std::equal(plain.data(), plain.data() + plain.size(), varied.data())) {
    PrintHex("plain", spellings.plain.span());
    PrintHex("varied", spellings.varied.span());
  }
  CheckSame(plain.span(), varied.span(), "the two spellings are different messages");
  return 0;
}
