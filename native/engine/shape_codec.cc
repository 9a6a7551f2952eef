#include "engine/shape_codec.h"

namespace pvb {

ShapeCodec* ShapeCodec::Of(const Frame& frame) {
  ContextState* state = frame.state;
  if (state->codec == PVB_CODEC_WIRE) return nullptr;
  if (state->shape_codec != nullptr) return state->shape_codec.get();
  const v8::TryCatch caught(frame.isolate);
  std::optional<ObjectLayout> layout;
  if (compat::HasJit(frame.context)) layout = ObjectLayout::Learn(frame.context);
  if (layout) {
    auto codec = std::make_unique<ShapeCodec>(*layout);
    if (codec->memory_.reserved()) {
      codec->reader_.emplace(frame.context, codec->layout_, codec->memory_, &codec->shapes_);
      codec->writer_.emplace(frame.context, codec->layout_, codec->memory_, &codec->shapes_);
      if (codec->reader_->ready() && codec->writer_->ready()) {
        state->shape_codec = std::move(codec);
        return state->shape_codec.get();
      }
    }
  }
  // When V8 is being terminated the next call may try again. Otherwise it would find the same.
  if (!frame.entry.stopping()) state->codec = PVB_CODEC_WIRE;
  return nullptr;
}

bool ShapeCodec::Read(const Frame& frame, std::span<const uint8_t> message, const ToWireOptions& options,
                      pvb_timings* timings, std::vector<v8::Local<v8::Value>>* arguments) {
  {
    const Stopwatch watch(timings ? &timings->message_to_wire : nullptr);
    if (!reader_->ReadTokens(message, options)) return false;
  }
  const Stopwatch watch(timings ? &timings->deserialize : nullptr);
  const bool built = reader_->BuildArguments(frame, arguments);
  memory_.Trim(reader_->tokens(), reader_->doubles());
  return built;
}

bool ShapeCodec::Write(const Frame& frame, v8::Local<v8::Value> value, pvb_timings* timings, ByteBuffer* message) {
  bool written = false;
  {
    const Stopwatch watch(timings ? &timings->serialize : nullptr);
    written = writer_->WriteTokens(frame, value);
  }
  {
    const Stopwatch watch(timings ? &timings->wire_to_message : nullptr);
    if (written && !frame.entry.account()->FitsBesideLive(writer_->MessageBound())) {
      frame.entry.Stop(StopReason::kMemory);
      written = false;
    }
    written = written && writer_->WriteMessage(message);
    if (!written) message->clear();
  }
  memory_.Trim(writer_->tokens(), writer_->doubles());
  return written;
}

}  // namespace pvb
