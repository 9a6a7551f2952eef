#include "engine/exception.h"

#include <cstdint>
#include <string_view>

#include "engine/host_error.h"
#include "engine/text.h"
#include "engine/thrown_value.h"

namespace pvb {
namespace {

// In UTF-16 units. Minified programs have lines of megabytes, which nobody wants in an error.
constexpr int kMaxSourceLine = 16 * 1024;

void DescribePlace(const Frame& frame, v8::Local<v8::Message> message, Outcome* outcome) {
  const v8::Local<v8::Value> filename = message->GetScriptResourceName();
  if (filename.IsEmpty() || !filename->IsString()) return;  // thrown by V8 itself with no script running
  outcome->filename = ToUtf8(frame.isolate, filename.As<v8::String>());
  outcome->line = message->GetLineNumber(frame.context).FromMaybe(0);
  outcome->column = message->GetStartColumn(frame.context).FromMaybe(-1) + 1;
  outcome->end_column = message->GetEndColumn(frame.context).FromMaybe(-1) + 1;
  v8::Local<v8::String> line;
  if (message->GetSourceLine(frame.context).ToLocal(&line) && line->Length() <= kMaxSourceLine) {
    outcome->source_line = ToUtf8(frame.isolate, line);
  }
}

std::string SentenceOf(const Frame& frame, v8::Local<v8::Message> message) {
  constexpr std::string_view kPrefix = "Uncaught ";
  if (message.IsEmpty()) return "an exception that V8 gives no message for";
  std::string sentence = ToUtf8(frame.isolate, message->Get());
  if (sentence.starts_with(kPrefix)) sentence.erase(0, kPrefix.size());
  return sentence;
}

void Describe(const Frame& frame, v8::Local<v8::Value> thrown, v8::Local<v8::Message> message, pvb_status status) {
  frame.outcome->Fail(status, SentenceOf(frame, message));
  if (!message.IsEmpty()) DescribePlace(frame, message, frame.outcome);
  WriteThrown(frame, thrown);
  FindHostError(frame, thrown, frame.outcome);
}

}  // namespace

std::string Sentence(const Frame& frame, const v8::TryCatch& caught) { return SentenceOf(frame, caught.Message()); }

void DescribeRejection(const Frame& frame, v8::Local<v8::Value> reason) {
  Describe(frame, reason, v8::Exception::CreateMessage(frame.isolate, reason), PVB_ERR_JS);
}

void DescribeException(const Frame& frame, const v8::TryCatch& caught, pvb_status status) {
  Outcome* outcome = frame.outcome;
  if (caught.HasTerminated() || frame.entry.stopping()) {
    outcome->Fail(PVB_ERR_TERMINATED, "JavaScript was terminated");
    return;
  }
  if (!caught.HasCaught()) {
    outcome->Fail(PVB_ERR_ENGINE, "V8 failed without an exception");
    return;
  }
  Describe(frame, caught.Exception(), caught.Message(), status);
}

}  // namespace pvb
