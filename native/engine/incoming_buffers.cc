#include "engine/incoming_buffers.h"

#include <cstdlib>

#include "engine/byte_copy.h"

namespace pvb {

IncomingBuffers CopyAttachments(std::span<const pvb_bytes> attachments, std::span<const uint32_t> wanted) {
  IncomingBuffers buffers;
  buffers.reserve(wanted.size());
  for (const uint32_t index : wanted) {
    const pvb_bytes& from = attachments[index];
    // Not V8's NewBackingStore(isolate, size): it fills the memory with zeros first, and ends the process when there is none.
    uint8_t* const memory = CopyBytes(from.data, from.size);
    const auto free_memory = [](void* data, size_t, void*) { std::free(data); };
    buffers.push_back(v8::ArrayBuffer::NewBackingStore(memory, from.size, free_memory, nullptr));
  }
  return buffers;
}

}  // namespace pvb
