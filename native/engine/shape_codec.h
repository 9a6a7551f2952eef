// The shape codec of one context (docs/shape-codec.md): plain trees of data cross through JavaScript that V8 compiles for their shapes. It is
// made when it is first wanted; whatever it does not take, the wire codec does.
#ifndef PVB_ENGINE_SHAPE_CODEC_H_
#define PVB_ENGINE_SHAPE_CODEC_H_

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/context.h"
#include "engine/object_layout.h"
#include "engine/shape_reader.h"
#include "engine/shape_writer.h"
#include "engine/token_memory.h"
#include "shape/shape_table.h"

namespace pvb {

class ShapeCodec {
 public:
  // The frame's codec; null when this V8, the system or an option does not allow one, or V8 is being terminated.
  static ShapeCodec* Of(const Frame& frame);

  ShapeCodec(v8::Isolate* isolate, ObjectLayout layout) : layout_(layout), prototypes_(isolate) {}
  ShapeCodec(const ShapeCodec&) = delete;
  ShapeCodec& operator=(const ShapeCodec&) = delete;

  // A message of values, read in two steps. The first touches nothing of V8's, and what it read is there for the second as long as turn() says
  // the same; the message must live until then. `timings` may be null. False, with nothing done that a script could notice: it is the wire
  // codec's turn.
  bool ReadTokens(std::span<const uint8_t> message, const ToWireOptions& options, pvb_timings* timings);
  bool Build(const Frame& frame, pvb_timings* timings, std::vector<v8::Local<v8::Value>>* values);
  // Whether a message whose tokens were read will not be refused any more, unless V8 itself cannot make a value of it.
  bool read_soundly() const { return reader_->IsSound(); }
  // Which of the codec's messages it has tokens of. Never 0.
  uint64_t turn() const { return turn_; }

  // An object as a message. False: as above, and the message is empty.
  bool Write(const Frame& frame, v8::Local<v8::Value> value, pvb_timings* timings, ByteBuffer* message);

  // Whether that was better than by wire, as far as the last message tells.
  bool read_well() const { return !reader_->mostly_shapeless(); }
  bool wrote_well() const { return !writer_->mostly_shapeless(); }

 private:
  void BeginTurn();

  ObjectLayout layout_;
  PlainPrototypes prototypes_;
  uint64_t turn_ = 1;
  bool unbuilt_ = false;  // tokens were read that no step has used yet
  TokenMemory memory_;
  shape::ShapeTable shapes_;
  std::optional<ShapeReader> reader_;
  std::optional<ShapeWriter> writer_;
};

}  // namespace pvb

#endif  // PVB_ENGINE_SHAPE_CODEC_H_
