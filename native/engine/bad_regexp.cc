#include "engine/bad_regexp.h"

#include <string>
#include <utility>
#include <vector>

#include "engine/exception.h"
#include "engine/text.h"
#include "wire/tags.h"

namespace pvb {
namespace {

// Empty when it compiles.
std::string RegExpFault(const Frame& frame, std::string_view source, std::string_view letters) {
  uint32_t flags = 0;
  for (const char letter : letters) flags |= 1u << std::string_view(wire::kRegExpFlagLetters).find(letter);
  const v8::HandleScope handles(frame.isolate);
  const v8::TryCatch caught(frame.isolate);
  v8::Local<v8::String> pattern;
  if (!ToV8String(frame.isolate, source).ToLocal(&pattern) ||
      !v8::RegExp::New(frame.context, pattern, static_cast<v8::RegExp::Flags>(flags)).IsEmpty()) {
    return {};
  }
  return "a RegExp that does not compile: " + Sentence(frame, caught);
}

}  // namespace

bool FindBadRegExp(const Frame& frame, const pvb_message& message, ToWireOptions options) {
  std::vector<uint32_t> transfers;  // keeps large data out of the wire bytes, which nobody will read
  options.transfers = &transfers;
  options.regexp_fault = [&frame](std::string_view source, std::string_view letters) {
    return RegExpFault(frame, source, letters);
  };
  ByteBuffer wire;
  Fault fault;
  if (MsgpackToWire({message.bytes.data, message.bytes.size}, {message.attachments, message.attachment_count}, options,
                    &wire, &fault)) {
    return false;
  }
  frame.outcome->Fail(std::move(fault), PVB_ERR_ENCODE);
  return true;
}

}  // namespace pvb
