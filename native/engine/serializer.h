// JS value -> V8 wire bytes: ValueSerializer with a delegate that refuses everything which would need one, except views, whose buffers
// may stay outside of the wire bytes.
#ifndef PVB_ENGINE_SERIALIZER_H_
#define PVB_ENGINE_SERIALIZER_H_

#include <span>
#include <string>

#include "engine/outgoing_buffers.h"
#include "engine/v8_compat.h"
#include "wire/byte_buffer.h"

namespace pvb {

enum class Serialized {
  kDone,
  kRefused,  // something in the value cannot be cloned: `refusal` is V8's sentence about it
  kTooDeep,  // V8's stack was not enough
  kThrew,    // code of the script's own (a getter) threw, which `caught` holds; or V8 is being terminated
};

// Runs getters, each once. `caught` is an empty TryCatch around the call. With `buffers`, views are written as transcode/outgoing_views.h
// reads them, and the ArrayBuffers that it takes by number; without, as V8 writes them. What V8 had written when it gave up is in `wire`
// too: those bytes end where the value that stopped it would begin. V8 writes the `transferred` ArrayBuffers as their numbers only.
Serialized Serialize(v8::Local<v8::Context> context, v8::Local<v8::Value> value, v8::TryCatch* caught,
                     OutgoingBuffers* buffers, ByteBuffer* wire, std::string* refusal = nullptr,
                     std::span<const v8::Local<v8::ArrayBuffer>> transferred = {});

// A detached ArrayBuffer, or a view on one.
bool IsDetached(v8::Local<v8::Value> value);

// True for a value that can never be cloned, whatever it holds: a function, symbol, Proxy, Promise, WeakMap, generator,
// SharedArrayBuffer, … Runs no script code.
bool IsUncloneable(v8::Local<v8::Context> context, v8::Local<v8::Value> value);

}  // namespace pvb

#endif  // PVB_ENGINE_SERIALIZER_H_
