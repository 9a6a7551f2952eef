// The value that a run gives, on its way out: written as a message at once, made a handle, or serialized.
#ifndef PVB_ENGINE_RESULT_H_
#define PVB_ENGINE_RESULT_H_

#include "engine/context.h"
#include "engine/result_options.h"
#include "engine/v8_compat.h"
#include "msgpack/ext.h"

namespace pvb {

// Fills the frame's outcome. Getters of the value run, once. `timings` may be null.
void WriteResult(const Frame& frame, v8::Local<v8::Value> value, const ResultOptions& options, pvb_timings* timings);

// Whether the isolate's limit allows for the bytes of a primitive beside as many as are written already. False: the call is being stopped.
bool MayWrite(const Frame& frame, v8::Local<v8::Value> value, uint64_t written);

// A primitive that is no symbol, as a message. False for every other value.
bool WritePrimitive(v8::Isolate* isolate, v8::Local<v8::Value> value, ByteBuffer* message);

HandleKind KindOfHandle(v8::Local<v8::Value> value);

// The frame's outcome becomes a new handle on an object or symbol.
void WriteHandle(const Frame& frame, v8::Local<v8::Value> value);

}  // namespace pvb

#endif  // PVB_ENGINE_RESULT_H_
