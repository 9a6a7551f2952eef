// The way in of the shape codec, in one context: tokens are read from a message, JavaScript builds their values.
#ifndef PVB_ENGINE_SHAPE_READER_H_
#define PVB_ENGINE_SHAPE_READER_H_

#include <optional>
#include <span>
#include <vector>

#include "engine/context.h"
#include "engine/object_layout.h"
#include "engine/plain_prototypes.h"
#include "engine/token_memory.h"
#include "shape/message_to_tokens.h"

namespace pvb {

class ShapeReader {
 public:
  // Check ready() after it: V8 may be being terminated.
  ShapeReader(v8::Local<v8::Context> context, const ObjectLayout& layout, const PlainPrototypes& prototypes,
              const TokenMemory& memory, shape::ShapeTable* shapes);
  ~ShapeReader();
  ShapeReader(const ShapeReader&) = delete;
  ShapeReader& operator=(const ShapeReader&) = delete;

  bool ready() const { return ready_; }

  // Message -> tokens. False: it is not for this codec.
  bool ReadTokens(std::span<const uint8_t> message, const ToWireOptions& options);

  // Tokens -> the arguments of a call, appended. False with the outcome untouched when it did not work, for the wire codec to try.
  bool BuildArguments(const Frame& frame, std::vector<v8::Local<v8::Value>>* arguments);

  bool IsSound() const { return from_message_.IsSound(); }
  bool mostly_shapeless() const { return from_message_.mostly_shapeless(); }
  size_t tokens() const { return from_message_.tokens(); }
  // As many as were there at any time.
  size_t most_doubles() const { return from_message_.most_doubles(); }
  // Gives back what only a large message needs.
  void Shrink();

 private:
  static void Assemble(const v8::FunctionCallbackInfo<v8::Value>& info);
  static void Define(const v8::FunctionCallbackInfo<v8::Value>& info);

  bool Start(v8::Local<v8::Context> context);
  bool AddMakers(v8::Local<v8::Context> context);
  bool MakeItems(const Frame& frame);

  const ObjectLayout& layout_;
  const PlainPrototypes& prototypes_;
  const TokenMemory& memory_;
  const shape::ShapeTable& shapes_;
  shape::MessageToTokens from_message_;
  bool ready_ = false;
  v8::Global<v8::Function> decode_;
  v8::Global<v8::Function> add_;
  v8::Global<v8::Value> value_;
  std::vector<bool> made_;                   // by shape: it has a maker
  std::vector<v8::Local<v8::Value>> items_;  // while a message is being read
};

}  // namespace pvb

#endif  // PVB_ENGINE_SHAPE_READER_H_
