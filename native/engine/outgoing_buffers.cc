#include "engine/outgoing_buffers.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <new>
#include <utility>

#include "engine/byte_copy.h"

namespace pvb {
namespace {

// A buffer is also taken when the result shows so much less of it: a small view on a large pool.
constexpr size_t kUnseen = 4096;

constexpr uintptr_t kAlignment = 8;

Attachment Copy(std::span<const uint8_t> bytes) {
  uint8_t* const data = CopyBytes(bytes.data(), bytes.size());
  return {std::shared_ptr<const void>(data, [](void* memory) { std::free(memory); }), data, bytes.size()};
}

// A copy for a bytes object of the caller's, which has made the memory.
Attachment CopyForCaller(std::span<const uint8_t> bytes, const pvb_bytes_allocator& allocator) {
  uint8_t* const memory = allocator.allocate(allocator.context, bytes.size());
  if (memory == nullptr) throw std::bad_alloc();
  AskForHugePages(memory, bytes.size());
  std::memcpy(memory, bytes.data(), bytes.size());
  return {nullptr, memory, bytes.size()};
}

// Attachments that lie in wire bytes need no copy if these are little else.
class WireMemory {
 public:
  WireMemory(ByteBuffer wire, size_t attached) : wire_(std::make_shared<ByteBuffer>(std::move(wire))) {
    keep_ = attached >= wire_->size() / 2;
  }

  // To be called in the order of the parts in the wire bytes, which are not needed any more.
  Attachment Take(std::span<const uint8_t> part) {
    if (!keep_) return Copy(part);
    // V8 puts them anywhere; readers of numbers want them aligned. What lies between two parts may not be enough to move into.
    uint8_t* const start = wire_->data();
    const size_t offset = static_cast<size_t>(part.data() - start);
    const size_t aligned = offset / kAlignment * kAlignment;
    if (aligned < used_) return Copy(part);
    if (aligned != offset) std::memmove(start + aligned, part.data(), part.size());
    used_ = aligned + part.size();
    return {wire_, start + aligned, part.size()};
  }

 private:
  std::shared_ptr<ByteBuffer> wire_;
  bool keep_;
  size_t used_ = 0;
};

}  // namespace

OutgoingBuffers::Met OutgoingBuffers::Meet(v8::Local<v8::ArrayBuffer> buffer, size_t shown, uint32_t* number) {
  if (transfer_ && !buffer->IsDetachable()) {
    refused_ = true;
    return Met::kRefused;
  }
  const size_t size = buffer->ByteLength();
  if (size == 0 || compat::IsResizable(buffer)) {
    // Without bytes there is nothing to know it by. A resizable one's memory is tied to V8, and only V8 writes its maximum.
    if (transfer_) left_.emplace_back(isolate_, buffer);
    return Met::kLeft;
  }
  if (size > wire::kMaxUint32) return Met::kLeft;  // which V8 refuses
  if (!transfer_ && size < attach_from_ && size - shown < kUnseen) return Met::kLeft;
  std::shared_ptr<v8::BackingStore> store = buffer->GetBackingStore();
  const auto [known, is_new] = numbers_.try_emplace(store.get(), count());
  *number = known->second;
  if (!is_new) return Met::kKnown;
  taken_.push_back({v8::Global<v8::ArrayBuffer>(isolate_, buffer), std::move(store)});
  return Met::kTaken;
}

bool OutgoingBuffers::any_detached() const {
  return std::any_of(taken_.begin(), taken_.end(),
                     [this](const Taken& taken) { return taken.buffer.Get(isolate_)->WasDetached(); });
}

bool OutgoingBuffers::all_detachable() const {
  const auto detachable = [this](const v8::Global<v8::ArrayBuffer>& buffer) {
    return buffer.Get(isolate_)->IsDetachable();
  };
  return std::all_of(taken_.begin(), taken_.end(), [&](const Taken& taken) { return detachable(taken.buffer); }) &&
         std::all_of(left_.begin(), left_.end(), detachable);
}

std::vector<std::span<const uint8_t>> OutgoingBuffers::Contents() const {
  std::vector<std::span<const uint8_t>> contents;
  contents.reserve(taken_.size());
  for (const Taken& taken : taken_) {
    contents.emplace_back(static_cast<const uint8_t*>(taken.store->Data()), taken.store->ByteLength());
  }
  return contents;
}

std::vector<Attachment> OutgoingBuffers::Give(std::span<const AttachedPart> parts, ByteBuffer wire,
                                              const pvb_bytes_allocator* allocator) const {
  std::map<const uint8_t*, const Taken*> by_address;
  for (const Taken& taken : taken_) {
    by_address.emplace(static_cast<const uint8_t*>(taken.store->Data()), &taken);
  }
  std::vector<Attachment> attachments(parts.size());
  std::vector<AttachedPart> in_wire;
  std::vector<size_t> in_wire_numbers;
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::span<const uint8_t> bytes = parts[i].bytes;
    const uint8_t* const data = bytes.data();
    const auto after = by_address.upper_bound(data);
    const Taken* taken = after == by_address.begin() ? nullptr : std::prev(after)->second;
    if (taken == nullptr || data >= std::prev(after)->first + taken->store->ByteLength()) {
      in_wire.push_back(parts[i]);
      in_wire_numbers.push_back(i);
    } else if (transfer_) {
      attachments[i] = {taken->store, const_cast<uint8_t*>(data), bytes.size()};
    } else if (allocator != nullptr && parts[i].use == static_cast<uint8_t>(AttachmentUse::kBytes)) {
      attachments[i] = CopyForCaller(bytes, *allocator);
    } else {
      attachments[i] = Copy(bytes);
    }
  }
  std::vector<Attachment> taken_from_wire = AttachmentsOfWire(in_wire, std::move(wire));
  for (size_t i = 0; i < in_wire.size(); ++i) attachments[in_wire_numbers[i]] = std::move(taken_from_wire[i]);
  return attachments;
}

void OutgoingBuffers::DetachAll() const {
  for (const Taken& taken : taken_) compat::Detach(taken.buffer.Get(isolate_));
  for (const v8::Global<v8::ArrayBuffer>& buffer : left_) compat::Detach(buffer.Get(isolate_));
}

std::vector<Attachment> AttachmentsOfWire(std::span<const AttachedPart> parts, ByteBuffer wire) {
  std::vector<Attachment> attachments(parts.size());
  if (parts.empty()) return attachments;
  std::vector<size_t> order(parts.size());
  size_t attached = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    order[i] = i;
    attached += parts[i].bytes.size();
  }
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return parts[a].bytes.data() < parts[b].bytes.data(); });
  WireMemory memory(std::move(wire), attached);
  for (const size_t i : order) attachments[i] = memory.Take(parts[i].bytes);
  return attachments;
}

}  // namespace pvb
