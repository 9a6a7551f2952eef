#include "engine/result.h"

#include <span>
#include <string>
#include <vector>

#include "engine/clone_path.h"
#include "engine/exception.h"
#include "engine/serializer.h"
#include "msgpack/message_writer.h"
#include "wire/text.h"

namespace pvb {
namespace {

void WriteString(v8::Isolate* isolate, v8::Local<v8::String> string, MessageWriter* writer) {
  const size_t length = static_cast<size_t>(string->Length());
  if (string->IsOneByte()) {
    std::vector<uint8_t> latin1(length);
    if (length != 0) compat::CopyLatin1(isolate, string, latin1.data());
    const uint64_t size = text::Latin1Utf8Size(latin1);
    writer->WriteStrHeader(static_cast<uint32_t>(size));
    text::Latin1ToUtf8(latin1, writer->out()->extend(size));
    return;
  }
  std::vector<uint16_t> units(length);
  if (length != 0) compat::CopyUtf16(isolate, string, units.data());
  const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(units.data()), length * 2);
  uint64_t size = 0;
  if (!text::Utf16Utf8Size(bytes, &size)) {
    writer->WriteExt(Ext::kString16, bytes);
    return;
  }
  writer->WriteStrHeader(static_cast<uint32_t>(size));
  text::Utf16ToUtf8(bytes, writer->out()->extend(size));
}

void WriteBigInt(v8::Local<v8::BigInt> value, MessageWriter* writer) {
  int sign = 0;
  int count = value->WordCount();
  std::vector<uint64_t> words(static_cast<size_t>(count));
  value->ToWordsArray(&sign, &count, words.data());
  writer->WriteBigInt(sign != 0, {reinterpret_cast<const uint8_t*>(words.data()), words.size() * sizeof(uint64_t)});
}

HandleKind KindOfHandle(v8::Local<v8::Value> value) {
  if (value->IsSymbol()) return HandleKind::kSymbol;
  if (value->IsPromise()) return HandleKind::kPromise;
  return value->IsFunction() ? HandleKind::kFunction : HandleKind::kObject;
}

void FailClone(const Frame& frame, v8::Local<v8::Value> value) {
  const Uncloneable at = FindUncloneable(frame, value);
  frame.outcome->Fail(PVB_ERR_CLONE, at.what + " cannot be cloned", at.path);
}

}  // namespace

bool WritePrimitive(v8::Isolate* isolate, v8::Local<v8::Value> value, ByteBuffer* message) {
  MessageWriter writer(message);
  if (value->IsInt32()) {
    writer.WriteInt(value.As<v8::Int32>()->Value());
  } else if (value->IsNumber()) {
    writer.WriteNumber(value.As<v8::Number>()->Value());
  } else if (value->IsString()) {
    WriteString(isolate, value.As<v8::String>(), &writer);
  } else if (value->IsBoolean()) {
    writer.WriteBool(value.As<v8::Boolean>()->Value());
  } else if (value->IsNull()) {
    writer.WriteNil();
  } else if (value->IsUndefined()) {
    writer.WriteUndefined();
  } else if (value->IsBigInt()) {
    WriteBigInt(value.As<v8::BigInt>(), &writer);
  } else {
    return false;
  }
  return true;
}

void WriteHandle(const Frame& frame, v8::Local<v8::Value> value, ByteBuffer* message) {
  MessageWriter(message).WriteHandle(KindOfHandle(value), frame.state->handles.Add(frame.isolate, value));
}

void WriteResult(const Frame& frame, v8::Local<v8::Value> value, pvb_result_mode mode, uint64_t* serialize_time) {
  Outcome* outcome = frame.outcome;
  const Stopwatch watch(serialize_time);
  if (mode == PVB_RESULT_NONE) return;
  if (WritePrimitive(frame.isolate, value, &outcome->message)) return;
  if (mode == PVB_RESULT_HANDLE || value->IsFunction() || value->IsSymbol()) {
    WriteHandle(frame, value, &outcome->message);
    return;
  }
  if (value->IsPromise()) {
    outcome->Fail(PVB_ERR_CLONE,
                  "a Promise cannot be returned yet: await it in JavaScript and return what it gives, or take a handle",
                  "$");
    return;
  }
  v8::TryCatch caught(frame.isolate);
  switch (Serialize(frame.context, value, &caught, &outcome->message)) {
    case Serialized::kDone:
      outcome->message_is_wire = true;
      return;
    case Serialized::kRefused:
      // V8 refuses a value of such a kind before it looks into it, so nothing has run that would run twice.
      if (IsUncloneable(frame.context, value)) {
        WriteHandle(frame, value, &outcome->message);
      } else {
        FailClone(frame, value);
      }
      return;
    case Serialized::kTooDeep:
      outcome->Fail(PVB_ERR_CLONE, "the value is nested too deeply");
      return;
    case Serialized::kThrew:
      DescribeException(frame, caught, PVB_ERR_JS);
      return;
  }
}

}  // namespace pvb
