#include "engine/incoming_buffers.h"

#include <cstdlib>

#include "engine/byte_copy.h"

namespace pvb {

struct IncomingBuffer::Memory {
  uint8_t* data = nullptr;
  size_t size = 0;
  std::shared_ptr<MemoryAccount> account;  // once charged
};

void IncomingBuffer::Free::operator()(Memory* memory) const {
  if (memory->account != nullptr) memory->account->Give(memory->size);
  std::free(memory->data);
  delete memory;
}

IncomingBuffer::IncomingBuffer(std::span<const uint8_t> bytes) : memory_(new Memory) {
  memory_->data = CopyBytes(bytes.data(), bytes.size());
  memory_->size = bytes.size();
}

uint64_t IncomingBuffer::size() const { return memory_->size; }

bool IncomingBuffer::Charge(const std::shared_ptr<MemoryAccount>& account) {
  if (!account->Take(memory_->size)) return false;
  memory_->account = account;
  return true;
}

std::unique_ptr<v8::BackingStore> IncomingBuffer::Release() {
  // Not V8's NewBackingStore(isolate, size): it fills the memory with zeros first, and ends the process when there is none.
  const auto free_memory = [](void*, size_t, void* memory) { Free()(static_cast<Memory*>(memory)); };
  Memory* const memory = memory_.release();
  return v8::ArrayBuffer::NewBackingStore(memory->data, memory->size, free_memory, memory);
}

IncomingBuffers CopyAttachments(std::span<const pvb_bytes> attachments, std::span<const uint32_t> wanted) {
  IncomingBuffers buffers;
  buffers.reserve(wanted.size());
  for (const uint32_t index : wanted) buffers.emplace_back(std::span(attachments[index].data, attachments[index].size));
  return buffers;
}

uint64_t SizeOf(const IncomingBuffers& buffers) {
  uint64_t size = 0;
  for (const IncomingBuffer& buffer : buffers) size += buffer.size();
  return size;
}

bool ChargeBuffers(IncomingBuffers* buffers, const std::shared_ptr<MemoryAccount>& account) {
  for (IncomingBuffer& buffer : *buffers) {
    if (!buffer.Charge(account)) return false;
  }
  return true;
}

}  // namespace pvb
