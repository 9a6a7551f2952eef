// Where in a value the thing lies that cannot be cloned: a walk (value_walk.h) after the serializer has refused the value.
#ifndef PVB_ENGINE_CLONE_PATH_H_
#define PVB_ENGINE_CLONE_PATH_H_

#include <string>

#include "engine/context.h"
#include "engine/v8_compat.h"

namespace pvb {

struct Uncloneable {
  std::string path;  // empty when the walk did not find it: a getter's value, or a value too large to walk
  std::string what;  // "a function", "a Promise", "an object of type WeakMap"
};

Uncloneable FindUncloneable(const Frame& frame, v8::Local<v8::Value> root);

// In words, for a value that cannot be cloned.
std::string NameOfKind(v8::Isolate* isolate, v8::Local<v8::Value> value);

}  // namespace pvb

#endif  // PVB_ENGINE_CLONE_PATH_H_
