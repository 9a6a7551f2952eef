// Attachments of a call's arguments on their way into JavaScript: one copy into memory that V8 then owns, made before the isolate is
// entered, so that nobody waits for it.
#ifndef PVB_ENGINE_INCOMING_BUFFERS_H_
#define PVB_ENGINE_INCOMING_BUFFERS_H_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/memory_account.h"
#include "engine/v8_compat.h"
#include "pyv8bridge.h"

namespace pvb {

// A buffer's bytes until V8 has them. On the account of an isolate once they are charged to it.
class IncomingBuffer {
 public:
  // A copy. Throws std::bad_alloc.
  explicit IncomingBuffer(std::span<const uint8_t> bytes);

  uint64_t size() const;

  // False: they do not fit. Inside the isolate.
  bool Charge(const std::shared_ptr<MemoryAccount>& account);

  // Gives the bytes to V8, after Charge.
  std::unique_ptr<v8::BackingStore> Release();

 private:
  struct Memory;
  struct Free {
    void operator()(Memory* memory) const;
  };

  std::unique_ptr<Memory, Free> memory_;
};

// By transfer id.
using IncomingBuffers = std::vector<IncomingBuffer>;

// A copy of attachment `wanted[n]` for each n. Throws std::bad_alloc.
IncomingBuffers CopyAttachments(std::span<const pvb_bytes> attachments, std::span<const uint32_t> wanted);

// Of all of them together.
uint64_t SizeOf(const IncomingBuffers& buffers);

// False: they do not fit. Inside the isolate.
bool ChargeBuffers(IncomingBuffers* buffers, const std::shared_ptr<MemoryAccount>& account);

}  // namespace pvb

#endif  // PVB_ENGINE_INCOMING_BUFFERS_H_
