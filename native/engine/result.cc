#include "engine/result.h"

#include <span>
#include <string>
#include <vector>

#include "engine/clone_path.h"
#include "engine/exception.h"
#include "engine/outgoing_buffers.h"
#include "engine/serializer.h"
#include "engine/shape_codec.h"
#include "engine/value_walk.h"
#include "msgpack/message_writer.h"
#include "transcode/outgoing_views.h"
#include "transcode/wire_to_msgpack.h"
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

// A string is copied out of V8, and its message is made of the copy.
uint64_t BytesToWrite(v8::Local<v8::Value> value) {
  if (value->IsString()) {
    const v8::Local<v8::String> string = value.As<v8::String>();
    return uint64_t{2} * static_cast<uint64_t>(string->Length()) * (string->IsOneByte() ? 1 : 2);
  }
  return value->IsBigInt() ? uint64_t{2} * sizeof(uint64_t) * static_cast<uint64_t>(value.As<v8::BigInt>()->WordCount())
                           : 0;
}

void WriteBigInt(v8::Local<v8::BigInt> value, MessageWriter* writer) {
  int sign = 0;
  int count = value->WordCount();
  std::vector<uint64_t> words(static_cast<size_t>(count));
  value->ToWordsArray(&sign, &count, words.data());
  writer->WriteBigInt(sign != 0, {reinterpret_cast<const uint8_t*>(words.data()), words.size() * sizeof(uint64_t)});
}

// Lets `buffers` take the ArrayBuffers that V8 would otherwise write inline: the result itself, and when everything is to be
// transferred all that can be seen without running getters. (Those with views V8 asks about as it meets them.) False: the outcome is filled.
bool TakeBareBuffers(const Frame& frame, v8::Local<v8::Value> value, bool transfer, OutgoingBuffers* buffers) {
  const auto refuses = [buffers](v8::Local<v8::Value> part) {
    if (!part->IsArrayBuffer() || IsDetached(part)) return false;
    const v8::Local<v8::ArrayBuffer> buffer = part.As<v8::ArrayBuffer>();
    uint32_t number = 0;
    return buffers->Meet(buffer, buffer->ByteLength(), &number) == OutgoingBuffers::Met::kRefused;
  };
  if (!transfer) {
    refuses(value);
    return true;
  }
  const auto path = WalkValues(frame, value, [&](v8::Local<v8::Value> part) {
    return refuses(part->IsArrayBufferView() ? part.As<v8::ArrayBufferView>()->Buffer().As<v8::Value>() : part);
  });
  if (!path) return true;
  frame.outcome->Fail(PVB_ERR_CLONE, kNotDetachable, *path);
  return false;
}

// Wire bytes whose buffers lie beside them -> message, while nobody can change what these hold. Then the buffers leave JavaScript if
// they are to be transferred.
void WriteWithBuffers(const Frame& frame, const ResultOptions& options, ByteBuffer wire, OutgoingBuffers* buffers) {
  Outcome* outcome = frame.outcome;
  std::vector<AttachedPart> parts;
  const std::vector<std::span<const uint8_t>> contents = buffers->Contents();
  OutgoingViews views(contents);
  ToMessageOptions to_message;
  to_message.unique_keys = true;
  to_message.hook = &views;
  to_message.attachments = &parts;
  to_message.attach_from = options.transfer ? 0 : options.attach_from;
  to_message.bytes_as_views = options.transfer;
  Fault fault;
  if (!WireToMsgpack(wire.span(), to_message, &outcome->message, &fault)) {
    outcome->Fail(std::move(fault), PVB_ERR_CLONE);
    return;
  }
  if (options.transfer && buffers->any_detached()) {
    outcome->Fail(PVB_ERR_CLONE, "an ArrayBuffer was detached by a getter while it was to be transferred");
    return;
  }
  // V8 ends the process over one that it does not let go of.
  if (options.transfer && !buffers->all_detachable()) return outcome->Fail(PVB_ERR_CLONE, kNotDetachable);
  // Nothing of V8 fails after this, so it is all or nothing.
  if (frame.entry.stopping()) return;
  outcome->attachments = buffers->Give(parts, std::move(wire), options.bytes_allocator);
  if (options.transfer) buffers->DetachAll();
}

// False: with nothing done that a script could notice, it is the serializer's turn.
bool WriteByShape(const Frame& frame, v8::Local<v8::Value> value, pvb_timings* timings) {
  // How large it will be nobody knows, but many elements make many bytes.
  constexpr uint64_t kElement = 16;
  CodecChoice& choice = frame.state->choice;
  if (!choice.ByShape(frame.state->codec, value->IsArray() ? value.As<v8::Array>()->Length() * kElement : 0))
    return false;
  ShapeCodec* const codec = ShapeCodec::Of(frame);
  if (codec == nullptr) return false;
  if (codec->Write(frame, value, timings, &frame.outcome->message)) {
    choice.TookShape(codec->wrote_well());
    return true;
  }
  // A walk that was stopped says nothing about the value, and the next one lets go of it.
  if (!frame.entry.stopping()) choice.GaveUp();
  return false;
}

}  // namespace

HandleKind KindOfHandle(v8::Local<v8::Value> value) {
  if (value->IsSymbol()) return HandleKind::kSymbol;
  if (value->IsPromise()) return HandleKind::kPromise;
  return value->IsFunction() ? HandleKind::kFunction : HandleKind::kObject;
}

bool MayWrite(const Frame& frame, v8::Local<v8::Value> value, uint64_t written) {
  const uint64_t size = BytesToWrite(value);
  if (size == 0) return true;
  if (frame.entry.stopping()) return false;
  if (frame.entry.account()->FitsBesideLive(written + size)) return true;
  frame.entry.Stop(StopReason::kMemory);
  return false;
}

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

void WriteHandle(const Frame& frame, v8::Local<v8::Value> value) {
  // Whoever gets a promise is asked to handle its rejection.
  if (value->IsPromise()) value.As<v8::Promise>()->MarkAsHandled();
  const uint64_t id = frame.state->handles.Add(frame.isolate, value);
  frame.outcome->handle = id;
  MessageWriter(&frame.outcome->message).WriteHandle(KindOfHandle(value), id);
}

void WriteResult(const Frame& frame, v8::Local<v8::Value> value, const ResultOptions& options, pvb_timings* timings) {
  Outcome* outcome = frame.outcome;
  if (options.mode == PVB_RESULT_NONE) return;
  if (options.mode == PVB_RESULT_VALUE && !options.transfer && value->IsObject() &&
      WriteByShape(frame, value, timings)) {
    return;
  }
  if (frame.entry.stopping()) return;
  const Stopwatch watch(timings ? &timings->serialize : nullptr);
  if (!MayWrite(frame, value, 0)) return;
  if (WritePrimitive(frame.isolate, value, &outcome->message)) return;
  if (options.mode == PVB_RESULT_HANDLE || value->IsFunction() || value->IsSymbol() || value->IsPromise()) {
    WriteHandle(frame, value);
    return;
  }
  const bool attach = options.transfer || options.attach_from != 0;
  OutgoingBuffers buffers(frame.isolate, options.attach_from, options.transfer);
  if (attach && !TakeBareBuffers(frame, value, options.transfer, &buffers)) return;
  v8::TryCatch caught(frame.isolate);
  ByteBuffer wire;
  std::string refusal;
  OutgoingBuffers* const taken = attach ? &buffers : nullptr;
  switch (Serialize(frame.context, value, &caught, taken, &wire, &refusal)) {
    case Serialized::kDone:
      if (options.transfer || buffers.count() != 0) {
        WriteWithBuffers(frame, options, std::move(wire), &buffers);
        return;
      }
      frame.state->choice.TookWire(wire.size());
      outcome->message = std::move(wire);
      outcome->message_is_wire = true;
      if (attach) outcome->attach_from = options.attach_from;
      return;
    case Serialized::kRefused:
      if (buffers.refused()) {
        outcome->Fail(PVB_ERR_CLONE, kNotDetachable, PathToEnd(wire.span(), taken));
      } else if (IsUncloneable(frame.context, value) && !IsDetached(value)) {
        // V8 refuses a value of such a kind before it looks into it, so nothing has run that would run twice.
        WriteHandle(frame, value);
      } else {
        Uncloneable at = FindUncloneable(frame, value, wire.span(), taken, refusal);
        outcome->Fail(PVB_ERR_CLONE, std::move(at.what), std::move(at.path));
      }
      return;
    case Serialized::kTooDeep:
      outcome->Fail(PVB_ERR_CLONE, "the value is nested too deeply", PathToEnd(wire.span(), taken));
      return;
    case Serialized::kThrew:
      if (options.rethrow && caught.HasCaught() && !caught.HasTerminated()) {
        caught.ReThrow();
        return outcome->Fail(PVB_ERR_JS, "a getter threw");
      }
      DescribeException(frame, caught, PVB_ERR_JS);
      return;
  }
}

}  // namespace pvb
