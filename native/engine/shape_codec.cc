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
    auto codec = std::make_unique<ShapeCodec>(frame.isolate, *layout);
    if (codec->memory_.reserved()) {
      codec->reader_.emplace(frame.context, codec->layout_, codec->prototypes_, codec->memory_, &codec->shapes_);
      codec->writer_.emplace(frame.context, codec->layout_, codec->prototypes_, codec->memory_, &codec->shapes_);
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

void ShapeCodec::BeginTurn() {
  if (unbuilt_) {
    memory_.Trim(reader_->tokens(), reader_->most_doubles());
    reader_->Shrink();
  }
  unbuilt_ = false;
  ++turn_;
}

bool ShapeCodec::ReadTokens(std::span<const uint8_t> message, const ToWireOptions& options, pvb_timings* timings) {
  const Stopwatch watch(timings ? &timings->message_to_wire : nullptr);
  BeginTurn();
  unbuilt_ = true;
  if (reader_->ReadTokens(message, options)) return true;
  BeginTurn();
  return false;
}

bool ShapeCodec::Build(const Frame& frame, pvb_timings* timings, std::vector<v8::Local<v8::Value>>* values) {
  const Stopwatch watch(timings ? &timings->deserialize : nullptr);
  const bool built = reader_->BuildArguments(frame, values);
  BeginTurn();
  return built;
}

bool ShapeCodec::Write(const Frame& frame, v8::Local<v8::Value> value, pvb_timings* timings, ByteBuffer* message) {
  BeginTurn();
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
  memory_.Trim(writer_->tokens(), writer_->most_doubles());
  return written;
}

}  // namespace pvb
