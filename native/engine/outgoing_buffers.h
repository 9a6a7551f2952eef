// The ArrayBuffers of a result whose bytes do not pass through V8's wire bytes, and how binary data leaves: copied once, or transferred,
// which moves V8's own memory out and detaches the ArrayBuffer.
#ifndef PVB_ENGINE_OUTGOING_BUFFERS_H_
#define PVB_ENGINE_OUTGOING_BUFFERS_H_

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/outcome.h"
#include "engine/v8_compat.h"
#include "transcode/wire_to_msgpack.h"
#include "wire/byte_buffer.h"

namespace pvb {

inline constexpr char kNotDetachable[] =
    "an ArrayBuffer that cannot be detached (WebAssembly memory) cannot be transferred";

class OutgoingBuffers {
 public:
  enum class Met {
    kTaken,    // V8 is to be told, once, that it has a number, which it then writes instead of the bytes
    kKnown,    // it was taken before
    kLeft,     // V8 is to write its bytes
    kRefused,  // it should be transferred and cannot be
  };

  OutgoingBuffers(v8::Isolate* isolate, uint64_t attach_from, bool transfer)
      : isolate_(isolate), attach_from_(attach_from), transfer_(transfer) {}

  // `shown` is how many of its bytes the result shows as far as is known. Detached or shared buffers must not come here.
  Met Meet(v8::Local<v8::ArrayBuffer> buffer, size_t shown, uint32_t* number);

  // Those that are taken. A script may detach one before the result is written; their memory stays.
  uint32_t count() const { return static_cast<uint32_t>(taken_.size()); }
  v8::Local<v8::ArrayBuffer> Get(uint32_t number) const { return taken_[number].buffer.Get(isolate_); }
  bool any_detached() const;
  // Nor does what was met as detachable have to stay so: asm.js code may be given it as its memory.
  bool all_detachable() const;
  std::vector<std::span<const uint8_t>> Contents() const;
  bool refused() const { return refused_; }

  // Attachments out of `parts`, which lie in taken buffers or in the wire bytes. Throws std::bad_alloc.
  std::vector<Attachment> Give(std::span<const AttachedPart> parts, ByteBuffer wire,
                               const pvb_bytes_allocator* allocator) const;

  void DetachAll() const;

 private:
  struct Taken {
    v8::Global<v8::ArrayBuffer> buffer;  // not Local: V8 has handle scopes of its own around what it asks
    std::shared_ptr<v8::BackingStore> store;
  };

  v8::Isolate* isolate_;
  uint64_t attach_from_;
  bool transfer_;
  bool refused_ = false;
  std::vector<Taken> taken_;
  std::unordered_map<const v8::BackingStore*, uint32_t> numbers_;
  std::vector<v8::Global<v8::ArrayBuffer>> left_;  // of those, what is to be detached too
};

// Attachments whose bytes all lie in the wire bytes.
std::vector<Attachment> AttachmentsOfWire(std::span<const AttachedPart> parts, ByteBuffer wire);

}  // namespace pvb

#endif  // PVB_ENGINE_OUTGOING_BUFFERS_H_
