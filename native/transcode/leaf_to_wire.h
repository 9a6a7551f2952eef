// Message -> wire, the values without children: numbers, strings, dates, regexps, boxed primitives, binary data.
// msgpack_to_wire.cc has the containers.
#ifndef PVB_TRANSCODE_LEAF_TO_WIRE_H_
#define PVB_TRANSCODE_LEAF_TO_WIRE_H_

#include <optional>

#include "msgpack/reader.h"
#include "transcode/msgpack_to_wire.h"
#include "wire/writer.h"

namespace pvb {

// An ArrayBuffer as a message has it.
struct BufferValue {
  std::span<const uint8_t> bytes;
  std::optional<uint32_t> attachment = std::nullopt;  // its number when it is one
  bool resizable = false;
  uint64_t max_size = 0;  // of a resizable one
};

class LeafToWire {
 public:
  LeafToWire(std::span<const uint8_t> message, std::span<const pvb_bytes> attachments, const ToWireOptions& options,
             ByteBuffer* wire, Fault* fault)
      : message_(message), attachments_(attachments), options_(options), writer_(wire), fault_(fault) {}

  wire::Writer& writer() { return writer_; }
  uint32_t NextId() const { return next_id_; }
  uint32_t TakeId() { return next_id_++; }

  // Writes a token that is no container, leaf reference, node or graph. Values with object ids take theirs.
  bool Write(const msgpack_format::Token& token);

  // A str or string16 token, as a string value.
  bool WriteString(const msgpack_format::Token& token);
  static bool IsString(const msgpack_format::Token& token);

  // The ArrayBuffer that a token (ext 9, 10 or 11) holds; fails on other tokens.
  bool ReadBuffer(const msgpack_format::Token& token, BufferValue* buffer);
  bool WriteBuffer(const msgpack_format::Token& token, const BufferValue& buffer);

  // Checks a view's kind against this V8, and offset and size against the buffer's.
  bool CheckView(uint64_t at, uint8_t kind, uint64_t byte_offset, uint64_t byte_length, uint64_t buffer_size);
  void WriteView(uint8_t kind, uint64_t byte_offset, uint64_t byte_length, uint32_t flags);

  bool Fail(uint64_t offset, std::string message) { return Fail(PVB_ERR_DECODE, offset, std::move(message)); }
  bool Fail(pvb_status status, uint64_t offset, std::string message);

 private:
  using Token = msgpack_format::Token;

  struct Attachment {
    uint8_t use = 0;
    uint32_t index = 0;
    std::span<const uint8_t> bytes;
    uint64_t max_size = 0;
  };

  bool WriteUint(const Token& token);
  bool WriteNegativeInt(const Token& token);
  bool WriteLargeInt(const Token& token, bool negative, uint64_t magnitude);
  bool WriteExt(const Token& token);
  bool WriteUtf8(uint64_t at, std::span<const uint8_t> utf8);
  bool WriteUtf16(uint64_t at, std::span<const uint8_t> utf16);
  bool WriteBigInt(const Token& token, wire::Tag tag);
  bool WriteDate(double milliseconds);
  bool WriteTimestamp(const Token& token);
  bool WriteRegExp(const Token& token);
  bool WriteBoxed(const Token& token);
  bool WriteOwnView(uint64_t at, uint8_t kind, const BufferValue& buffer);
  void WriteBufferBytes(const BufferValue& buffer);
  bool WriteHandle(const Token& token);
  bool ReadAttachment(const Token& token, Attachment* attachment);
  bool WriteAttachment(const Token& token);
  bool CheckPayload(const Token& token, uint64_t least, uint64_t most);
  msgpack_format::Reader PayloadReader(const Token& token) const;

  std::span<const uint8_t> message_;
  std::span<const pvb_bytes> attachments_;
  const ToWireOptions& options_;
  wire::Writer writer_;
  Fault* fault_;
  uint32_t next_id_ = 0;
};

}  // namespace pvb

#endif  // PVB_TRANSCODE_LEAF_TO_WIRE_H_
