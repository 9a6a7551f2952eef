// Writes messages (docs/format.md) with msgpack-c's packer. Containers whose size is known only at their end get a header of fixed
// width first, which is filled in, and widened where needed, afterwards.
#ifndef PVB_MSGPACK_MESSAGE_WRITER_H_
#define PVB_MSGPACK_MESSAGE_WRITER_H_

#include <bit>
#include <cmath>
#include <msgpack.hpp>
#include <span>

#include "msgpack/ext.h"
#include "wire/byte_buffer.h"

namespace pvb {

// The header of a container, which can still change its mind.
enum class HeaderKind : uint8_t { kArray = 0xDC, kMap = 0xDE };

class MessageWriter {
 public:
  explicit MessageWriter(ByteBuffer* out) : out_(out), packer_(*out) {}

  ByteBuffer* out() { return out_; }
  std::span<const uint8_t> written() const { return out_->span(); }
  size_t position() const { return out_->size(); }

  void WriteNil() { packer_.pack_nil(); }
  void WriteBool(bool value) { value ? packer_.pack_true() : packer_.pack_false(); }
  void WriteInt(int64_t value) { packer_.pack_int64(value); }
  void WriteUint(uint64_t value) { packer_.pack_uint64(value); }
  // Always a float 64: msgpack-c's pack_double writes integral values as ints, which loses -0 and makes 2**53 a bigint here.
  void WriteFloat(double value) {
    uint8_t* const at = out_->extend(9);
    uint64_t bits = std::bit_cast<uint64_t>(value);
    if (std::endian::native == std::endian::little) bits = __builtin_bswap64(bits);
    at[0] = 0xCB;
    std::memcpy(at + 1, &bits, sizeof(bits));
  }

  // A JavaScript number: an int exactly when it is a safe integer other than -0.
  void WriteNumber(double value) {
    if (value == std::trunc(value) && std::abs(value) <= kMaxSafeInteger && !(value == 0 && std::signbit(value))) {
      WriteInt(static_cast<int64_t>(value));
    } else {
      WriteFloat(value);
    }
  }

  void WriteStr(std::span<const uint8_t> utf8) {
    WriteStrHeader(static_cast<uint32_t>(utf8.size()));
    out_->append(utf8.data(), utf8.size());
  }
  void WriteStr(const char* text) { WriteStr({reinterpret_cast<const uint8_t*>(text), std::strlen(text)}); }
  // The caller appends `size` bytes.
  void WriteStrHeader(uint32_t size) { packer_.pack_str(size); }

  void WriteBin(std::span<const uint8_t> bytes) {
    packer_.pack_bin(static_cast<uint32_t>(bytes.size()));
    out_->append(bytes.data(), bytes.size());
  }

  // The caller appends `size` bytes.
  void WriteExtHeader(Ext code, uint64_t size) { packer_.pack_ext(size, static_cast<int8_t>(code)); }
  void WriteExt(Ext code, std::span<const uint8_t> payload) {
    WriteExtHeader(code, payload.size());
    out_->append(payload.data(), payload.size());
  }
  void WriteBigEndian(uint64_t value, uint32_t width) {
    for (uint32_t shift = 8 * width; shift != 0; shift -= 8) out_->push(static_cast<uint8_t>(value >> (shift - 8)));
  }

  void WriteUndefined() { WriteExtHeader(Ext::kUndefined, 0); }
  void WriteHole() { WriteExtHeader(Ext::kHole, 0); }
  void WriteReference(Ext code, uint32_t number) {
    WriteExtHeader(code, 4);
    WriteBigEndian(number, 4);
  }
  void WriteHandle(HandleKind kind, uint64_t id) {
    WriteExtHeader(Ext::kHandle, 9);
    out_->push(static_cast<uint8_t>(kind));
    WriteBigEndian(id, 8);
  }

  void WriteAttachment(uint8_t use, uint32_t index, uint64_t size) {
    WriteExtHeader(Ext::kAttachment, 13);
    WriteAttachmentHead(use, index, size);
  }
  void WriteResizableAttachment(uint32_t index, uint64_t size, uint64_t max_size) {
    WriteExtHeader(Ext::kAttachment, 21);
    WriteAttachmentHead(static_cast<uint8_t>(AttachmentUse::kResizableBuffer), index, size);
    WriteBigEndian(max_size, 8);
  }

  // Sign and magnitude (little-endian, any number of zeros at its end) as a bigint ext.
  void WriteBigInt(bool negative, std::span<const uint8_t> magnitude);

  // Milliseconds since 1970, already clipped as JavaScript clips them.
  void WriteDate(double milliseconds);

  void WriteArrayHeader(uint32_t count) { packer_.pack_array(count); }
  void WriteMapHeader(uint32_t count) { packer_.pack_map(count); }

  // Reserves a header, whose position is the result.
  size_t BeginContainer() {
    const size_t at = position();
    out_->extend(kReservedHeader);
    return at;
  }
  // Fills the header at `at`; everything behind it is the container's contents.
  void EndContainer(size_t at, HeaderKind kind, uint64_t count);

 private:
  static constexpr size_t kReservedHeader = 3;  // array 16 or map 16

  void WriteAttachmentHead(uint8_t use, uint32_t index, uint64_t size) {
    out_->push(use);
    WriteBigEndian(index, 4);
    WriteBigEndian(size, 8);
  }

  ByteBuffer* out_;
  msgpack::packer<ByteBuffer> packer_;
};

}  // namespace pvb

#endif  // PVB_MSGPACK_MESSAGE_WRITER_H_
