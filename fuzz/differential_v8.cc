// Wire bytes against V8's own deserializer: what V8 reads we read, as an equal value, and the other way round, outside of the
// lists below. An even first byte: the rest is the stream. An odd one: the rest grows into a stream as two_spellings.h has it.
//
// libnode is not instrumented: the fuzzer sees where our own code goes, and V8 is the oracle.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string_view>

#include "check.h"
#include "engine/v8_compat.h"
#include "transcode/msgpack_to_wire.h"
#include "transcode/wire_to_msgpack.h"
#include "two_spellings.h"
#include "v8_reader.h"

namespace {

using pvb::fuzz::V8Reader;

// What V8 reads and we refuse, by the beginning of our sentence: docs/wire.md, "What is refused though some V8 accepts it".
// Bytes behind the value are another thing: without them, the value has to be the same.
constexpr std::string_view kOursToRefuse[] = {
    "a varint of more than 32 bits",           "a varint of more than 8 bits", "a bigint with a sign and no digits",
    "a regexp cannot have both flags u and v", "nested deeper than",           "sparse arrays of more than",
};

bool StartsWithOne(std::string_view sentence, std::span<const std::string_view> beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(), [&](std::string_view b) { return sentence.starts_with(b); });
}

// A varint as the loosest reader takes it; 0 when there is none.
uint64_t VarintAt(std::span<const uint8_t> bytes, size_t at) {
  uint64_t value = 0;
  for (uint32_t shift = 0; shift < 35 && at < bytes.size(); shift += 7, ++at) {
    value |= static_cast<uint64_t>(bytes[at] & 0x7F) << shift;
    if ((bytes[at] & 0x80) == 0) return value;
  }
  return 0;
}

// What V8 must not be shown: sparse arrays that make it allocate 8 bytes a slot for millions of slots, and the signed bigint
// without digits that V8 10.2 makes a broken value of. A look at bytes, not at values: better too careful.
bool MayHarmV8(std::span<const uint8_t> wire) {
  for (size_t i = 0; i + 1 < wire.size(); ++i) {
    const uint64_t number = VarintAt(wire, i + 1) & 0xFFFFFFFF;
    if (wire[i] == 'a' && number >= (1u << 17) && number <= (1u << 25)) return true;
    if ((wire[i] == 'Z' || wire[i] == 'z') && (number & 0x7FFFFFFF) == 1) return true;
  }
  return false;
}

void Compare(std::span<const uint8_t> wire) {
  pvb::ByteBuffer message;
  pvb::ByteBuffer again;
  pvb::Fault fault;
  pvb::ToMessageOptions to_message;
  to_message.limits.max_bytes = 1u << 24;
  const bool ours = pvb::WireToMsgpack(wire, to_message, &message, &fault);
  if (!ours && fault.message == "bytes after the value") return Compare(wire.first(fault.offset));
  if (!ours && StartsWithOne(fault.message, kOursToRefuse)) return;
  if (!ours && fault.message.starts_with("a message of more than")) return;  // our limit here
  if (MayHarmV8(wire)) return;

  static V8Reader v8;
  const V8Reader::Scope scope(&v8);
  const V8Reader::Value original = v8.Read(wire);
  if (!ours) {
    // After what we refuse, V8 may still stumble over a host object and the like: only its success counts.
    Check(!original.ok(),
          "V8 reads what is refused here: " + fault.message + " at byte " + std::to_string(fault.offset));
    return;
  }
  pvb::ToWireOptions to_wire;
  to_wire.traits = pvb::compat::Traits();
  if (!pvb::MsgpackToWire(message.span(), {}, to_wire, &again, &fault)) {
    // "This V8 has no ...": then it cannot have read it either.
    Check(fault.status == PVB_ERR_ENCODE, "what was read cannot be written: " + fault.message);
    Check(!original.ok(), "V8 reads what it is said not to have: " + fault.message);
    return;
  }
  const V8Reader::Value rewritten = v8.Read(again.span());
  if (!original.ok()) {
    Check(original.is_syntax_error(), "V8 refuses what is read here: " + original.error());
    Check(!rewritten.ok(), "V8 refuses the original and not what was written");
    return;
  }
  Check(rewritten.ok(), "V8 refuses what was written: " + rewritten.error());
  const std::string difference = v8.Difference(original, rewritten);
  Check(difference.empty(), "V8 finds different values: " + difference);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  if ((data[0] & 1) == 0) {
    Compare({data + 1, size - 1});
    return 0;
  }
  constexpr pvb::EngineTraits kTraits = pvb::compat::Traits();
  const pvb::fuzz::SpellingOptions options{kTraits.resizable_buffers, kTraits.float16_array, kTraits.error_self_cause,
                                           kTraits.regexp_v_flag};
  pvb::fuzz::ByteSource source({data + 1, size - 1});
  const pvb::fuzz::TwoSpellings spellings = pvb::fuzz::Spell(&source, options);
  Compare(spellings.plain.span());
  Compare(spellings.varied.span());
  return 0;
}
