// Attachments of a call's arguments on their way into JavaScript: one copy into memory that V8 then owns, made before the isolate is
// entered, so that nobody waits for it.
#ifndef PVB_ENGINE_INCOMING_BUFFERS_H_
#define PVB_ENGINE_INCOMING_BUFFERS_H_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/v8_compat.h"
#include "pyv8bridge.h"

namespace pvb {

// By transfer id.
using IncomingBuffers = std::vector<std::unique_ptr<v8::BackingStore>>;

// A copy of attachment `wanted[n]` for each n. Throws std::bad_alloc.
IncomingBuffers CopyAttachments(std::span<const pvb_bytes> attachments, std::span<const uint32_t> wanted);

}  // namespace pvb

#endif  // PVB_ENGINE_INCOMING_BUFFERS_H_
