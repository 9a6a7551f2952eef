// Wire -> message: errors. Their parts come in any order, and again; a message has them once and in one order.
#include "transcode/wire_transcoder.h"

namespace pvb {

bool WireTranscoder::ContinueError(Frame* frame) {
  ErrorParts& parts = errors_.back();
  if (parts.cause_open) {
    parts.cause_open = false;
    parts.cause.clear();
    parts.cause.append(out_.out()->data() + frame->start, out_.position() - frame->start);
    out_.out()->truncate(frame->start);
  }
  const uint64_t at = reader_.offset();
  uint8_t tag = 0;
  if (!reader_.ReadVarint8(&tag)) return false;
  switch (static_cast<wire::ErrorTag>(tag)) {
    case wire::ErrorTag::kEvalError:
      parts.name = "EvalError";
      return true;
    case wire::ErrorTag::kRangeError:
      parts.name = "RangeError";
      return true;
    case wire::ErrorTag::kReferenceError:
      parts.name = "ReferenceError";
      return true;
    case wire::ErrorTag::kSyntaxError:
      parts.name = "SyntaxError";
      return true;
    case wire::ErrorTag::kTypeError:
      parts.name = "TypeError";
      return true;
    case wire::ErrorTag::kUriError:
      parts.name = "URIError";
      return true;
    case wire::ErrorTag::kMessage:
      parts.has_message = true;
      return ReadErrorString(&parts.message);
    case wire::ErrorTag::kStack:
      parts.has_stack = true;
      return ReadErrorString(&parts.stack);
    case wire::ErrorTag::kCause:
      parts.has_cause = parts.cause_open = true;
      return ReadValue();
    case wire::ErrorTag::kEnd:
      FinishError();
      return true;
  }
  return Fail(at, "unknown tag " + std::to_string(tag) + " in an error");
}

bool WireTranscoder::ReadErrorString(ByteBuffer* part) {
  part->clear();
  MessageWriter writer(part);
  return leaf_.WriteTaggedString(&writer);
}

void WireTranscoder::FinishError() {
  const ErrorParts parts = std::move(errors_.back());
  errors_.pop_back();
  out_.WriteMapHeader(1u + parts.has_message + parts.has_stack + parts.has_cause);
  out_.WriteStr("name");
  out_.WriteStr(parts.name);
  const auto write = [&](bool has, const char* key, const ByteBuffer& value) {
    if (!has) return;
    out_.WriteStr(key);
    out_.out()->append(value.data(), value.size());
  };
  write(parts.has_message, "message", parts.message);
  write(parts.has_stack, "stack", parts.stack);
  write(parts.has_cause, "cause", parts.cause);
  Pop(NodeKind::kError, true);
}

}  // namespace pvb
