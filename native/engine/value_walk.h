// A look at every part of a value without running any of the script's code: in the order in which the serializer walks, each object once.
// What a getter would give is passed over. Paths are spelled as in wire/value_path.h.
#ifndef PVB_ENGINE_VALUE_WALK_H_
#define PVB_ENGINE_VALUE_WALK_H_

#include <functional>
#include <optional>
#include <string>

#include "engine/context.h"
#include "engine/v8_compat.h"

namespace pvb {

// True ends the walk.
using ValueVisitor = std::function<bool(v8::Local<v8::Value>)>;

// The path of the value at which the visitor ended the walk. None when it did not, or the value is too large to walk.
std::optional<std::string> WalkValues(const Frame& frame, v8::Local<v8::Value> root, const ValueVisitor& visitor);

}  // namespace pvb

#endif  // PVB_ENGINE_VALUE_WALK_H_
