// Whether addresses are all different: how the shape codec notices an object that is met twice.
#ifndef PVB_SHAPE_DISTINCT_H_
#define PVB_SHAPE_DISTINCT_H_

#include <cstdint>
#include <span>

namespace pvb::shape {

// The addresses are of objects in a heap: multiples of 8, plus a tag that is the same for all, and close together.
bool AllDistinct(std::span<const uintptr_t> addresses);

}  // namespace pvb::shape

#endif  // PVB_SHAPE_DISTINCT_H_
