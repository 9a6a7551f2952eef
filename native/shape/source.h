// The JavaScript that builds objects of one shape, and that writes them.
#ifndef PVB_SHAPE_SOURCE_H_
#define PVB_SHAPE_SOURCE_H_

#include <string>

#include "shape/shape_table.h"

namespace pvb::shape {

// An expression: a function that makes an object out of what `value()` gives for each key.
std::string MakerSource(const Shape& shape);

// An expression: a function that writes the tokens of an object, in which `tokens`, `cursor` and `value` are as in encode.js.
std::string WriterSource(ShapeId id, const Shape& shape);

}  // namespace pvb::shape

#endif  // PVB_SHAPE_SOURCE_H_
