// Where in a value the thing lies that cannot be cloned, and what it is, after the serializer has given up.
//
// The bytes that V8 had written by then end at that place, also where a getter gave it and where V8's stack ended: reading them
// tells the path. What kind of thing lies there tells a walk (value_walk.h), which runs no getters.
#ifndef PVB_ENGINE_CLONE_PATH_H_
#define PVB_ENGINE_CLONE_PATH_H_

#include <span>
#include <string>

#include "engine/context.h"
#include "engine/outgoing_buffers.h"
#include "engine/v8_compat.h"

namespace pvb {

struct Uncloneable {
  std::string path;
  std::string what;  // a sentence: "a function cannot be cloned"
};

// `wire` and `refusal` as Serialize left them; `buffers` if it had any.
Uncloneable FindUncloneable(const Frame& frame, v8::Local<v8::Value> root, std::span<const uint8_t> wire,
                            const OutgoingBuffers* buffers, const std::string& refusal);

// The path to where unfinished wire bytes end.
std::string PathToEnd(std::span<const uint8_t> wire, const OutgoingBuffers* buffers);

// In words, for a value that cannot be cloned.
std::string NameOfKind(v8::Isolate* isolate, v8::Local<v8::Value> value);

}  // namespace pvb

#endif  // PVB_ENGINE_CLONE_PATH_H_
