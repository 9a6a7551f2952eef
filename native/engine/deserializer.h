// V8 wire bytes -> JS value: ValueDeserializer with a delegate that reads our host objects (transcode/host_object.h).
#ifndef PVB_ENGINE_DESERIALIZER_H_
#define PVB_ENGINE_DESERIALIZER_H_

#include <span>
#include <vector>

#include "engine/context.h"
#include "engine/incoming_buffers.h"
#include "engine/v8_compat.h"

namespace pvb {

// Reads the arguments of a call: one Array, whose elements are appended. False: the outcome says what is wrong
// (PVB_ERR_ENCODE), or V8 is being terminated. `buffers` are those that the wire bytes have as transferred; they become the script's.
bool ReadArguments(const Frame& frame, std::span<const uint8_t> wire, IncomingBuffers* buffers,
                   std::vector<v8::Local<v8::Value>>* arguments);

}  // namespace pvb

#endif  // PVB_ENGINE_DESERIALIZER_H_
