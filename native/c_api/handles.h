// What the opaque handles of the C API are: references.
#ifndef PVB_C_API_HANDLES_H_
#define PVB_C_API_HANDLES_H_

#include <memory>

#include "engine/context.h"
#include "engine/isolate.h"
#include "engine/live_objects.h"
#include "pyv8bridge.h"

struct pvb_isolate {
  std::shared_ptr<pvb::Isolate> isolate;
};

struct pvb_context {
  std::shared_ptr<pvb::Context> context;
};

// Bytes that outlive what they came from.
struct pvb_buffer {
  std::shared_ptr<const void> owner;
  pvb::Counted<pvb::Live::kBuffer> counted;
};

#endif  // PVB_C_API_HANDLES_H_
