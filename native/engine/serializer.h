// JS value -> V8 wire bytes: ValueSerializer with a delegate that refuses everything which would need one.
#ifndef PVB_ENGINE_SERIALIZER_H_
#define PVB_ENGINE_SERIALIZER_H_

#include "engine/v8_compat.h"
#include "wire/byte_buffer.h"

namespace pvb {

enum class Serialized {
  kDone,
  kRefused,  // something in the value cannot be cloned: `caught` holds V8's DataCloneError
  kTooDeep,  // V8's stack was not enough
  kThrew,    // code of the script's own (a getter) threw, which `caught` holds; or V8 is being terminated
};

// Runs getters, each once. `caught` is an empty TryCatch around the call.
Serialized Serialize(v8::Local<v8::Context> context, v8::Local<v8::Value> value, v8::TryCatch* caught,
                     ByteBuffer* wire);

// True for a value that can never be cloned, whatever it holds: a function, symbol, Proxy, Promise, WeakMap, generator,
// SharedArrayBuffer, … Runs no script code.
bool IsUncloneable(v8::Local<v8::Context> context, v8::Local<v8::Value> value);

}  // namespace pvb

#endif  // PVB_ENGINE_SERIALIZER_H_
