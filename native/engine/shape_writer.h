// The way out of the shape codec, in one context: JavaScript walks a value and writes tokens, helped by functions of ours that know V8's hidden
// classes; then the tokens become a message.
#ifndef PVB_ENGINE_SHAPE_WRITER_H_
#define PVB_ENGINE_SHAPE_WRITER_H_

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include "engine/context.h"
#include "engine/map_kinds.h"
#include "engine/object_layout.h"
#include "engine/plain_prototypes.h"
#include "engine/token_memory.h"
#include "shape/shape_table.h"

namespace pvb {

class ShapeWriter {
 public:
  // Check ready() after it: V8 may be being terminated.
  ShapeWriter(v8::Local<v8::Context> context, const ObjectLayout& layout, const PlainPrototypes& prototypes,
              const TokenMemory& memory, shape::ShapeTable* shapes);
  ~ShapeWriter();
  ShapeWriter(const ShapeWriter&) = delete;
  ShapeWriter& operator=(const ShapeWriter&) = delete;

  bool ready() const { return ready_; }

  // Value -> tokens. False, with nothing of the value touched that could be noticed: it is not for this codec.
  bool WriteTokens(const Frame& frame, v8::Local<v8::Value> value);
  // Those tokens -> message. False: the wire codec has to do it.
  bool WriteMessage(ByteBuffer* message) const;

  // About as many bytes as that message can have.
  uint64_t MessageBound() const { return uint64_t{5} * tokens() + uint64_t{9} * doubles() + 2 * items_.size(); }

  // Whether most of it were objects that can have no shape, at which the wire codec is better.
  bool mostly_shapeless() const { return 4 * shapeless_ > tokens(); }

  size_t tokens() const { return static_cast<size_t>(cursor_[0]); }
  size_t doubles() const { return static_cast<size_t>(cursor_[1]); }
  // As many as were there at any time: what turned out to be no list of numbers was written up to there.
  size_t most_doubles() const { return std::max(most_doubles_, doubles()); }

 private:
  // What the function `look` of encode.js says, where it is no shape.
  enum Answer : int32_t {
    kDone = -1,
    kPacked = -2,
    kHoley = -3,
    kItem = -4,
    kLists = -5,
    kGiveUp = -6,
    kMany = 1 << 16,
    kManyHoley = 1 << 17,
  };

  static void LookCallback(const v8::FunctionCallbackInfo<v8::Value>& info);
  static void DistinctCallback(const v8::FunctionCallbackInfo<v8::Value>& info);

  bool Start(v8::Local<v8::Context> context);
  // The answer is a number, or an array of keys and values.
  v8::Local<v8::Value> Look(v8::Local<v8::Context> context, v8::Local<v8::Object> object);
  int32_t KindOf(v8::Local<v8::Context> context, v8::Local<v8::Value> value);
  int32_t Classify(v8::Local<v8::Context> context, v8::Local<v8::Value> value);
  int32_t ClassifyObject(v8::Local<v8::Context> context, v8::Local<v8::Object> object);
  int32_t ShapeOf(v8::Local<v8::Context> context, v8::Local<v8::Object> object);
  bool IsFlat(v8::Local<v8::Object> object, int32_t kind) const;
  v8::Local<v8::Value> TakeApart(v8::Local<v8::Context> context, v8::Local<v8::Object> object, bool warming_up);
  bool HasWriter(v8::Local<v8::Context> context, shape::ShapeId id, size_t sightings);

  Answer LookAtArray(v8::Local<v8::Context> context, v8::Local<v8::Array> array, ElementsKind kind, int32_t* many);
  bool WriteNumbers(std::span<const Word> elements, ElementsKind kind);
  bool WriteLists(std::span<const Word> elements);
  bool HasRoom(size_t tokens, size_t doubles) const;
  // After HasRoom, with nothing between that may run JavaScript, which moves the cursor.
  void Put(int32_t token) { memory_.space().tokens[static_cast<size_t>(cursor_[0]++)] = token; }

  const ObjectLayout& layout_;
  const PlainPrototypes& prototypes_;
  const TokenMemory& memory_;
  shape::ShapeTable& shapes_;
  MapKinds maps_;
  bool ready_ = false;
  v8::Global<v8::Function> encode_;
  v8::Global<v8::Function> add_;
  v8::Global<v8::Value> value_;
  v8::Global<v8::Value> token_view_;
  v8::Global<v8::Value> cursor_view_;
  std::vector<bool> made_;  // by shape: it has a writer
  // Numbers of tokens and of doubles. JavaScript writes it too, so what it says is checked.
  std::unique_ptr<int32_t[]> cursor_ = std::make_unique<int32_t[]>(2);
  ByteBuffer items_;
  size_t shapeless_ = 0;  // keys
  size_t most_doubles_ = 0;
  const Frame* frame_ = nullptr;  // while a value is being walked
};

}  // namespace pvb

#endif  // PVB_ENGINE_SHAPE_WRITER_H_
