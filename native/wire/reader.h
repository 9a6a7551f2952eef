// A bounds-checked cursor over wire bytes: the primitive encodings, and nothing of the grammar above them.
// Every read checks the bytes that are left, in 64 bits. The first failure is kept in the fault, with its offset; after one, reads
// must stop.
#ifndef PVB_WIRE_READER_H_
#define PVB_WIRE_READER_H_

#include <span>

#include "wire/fault.h"
#include "wire/tags.h"

namespace pvb::wire {

class Reader {
 public:
  Reader(std::span<const uint8_t> bytes, Fault* fault) : bytes_(bytes), fault_(fault) {}

  uint64_t offset() const { return offset_; }
  uint64_t left() const { return bytes_.size() - offset_; }
  uint32_t version() const { return version_; }

  // Records a failure at `offset` and returns false. The first one stays.
  bool Fail(uint64_t offset, std::string message);
  bool Fail(std::string message) { return Fail(offset_, std::move(message)); }

  // 0xFF and a version of 13 to 15.
  bool ReadHeader();

  // The next tag after any padding, without taking it; false at the end of the bytes (no failure is recorded).
  bool PeekTag(Tag* tag);
  // Takes the next tag, after any padding.
  bool ReadTag(Tag* tag);
  // Takes the next tag of a value, after any padding and object counts, which say nothing about it.
  bool ReadValueTag(Tag* tag);
  // Takes the tag that PeekTag just showed.
  void TakeTag() { ++offset_; }
  // Takes the next tag, with any padding before it, if it is `wanted`. Takes nothing otherwise: padding at the end belongs to nobody.
  bool TakeTagIf(Tag wanted);

  // At most five bytes and 32 bits; longer encodings of small numbers are fine.
  bool ReadVarint32(uint32_t* value);
  bool ReadVarint64(uint64_t* value);
  // The format's varint with an 8-bit value: one byte, or two when the first has its high bit set.
  bool ReadVarint8(uint8_t* value);
  bool ReadZigZag32(int32_t* value);
  bool ReadDouble(double* value);
  bool ReadRaw(uint64_t count, std::span<const uint8_t>* bytes);
  // varint32 count, then that many bytes.
  bool ReadCounted(std::span<const uint8_t>* bytes);

 private:
  std::span<const uint8_t> bytes_;
  uint64_t offset_ = 0;
  uint32_t version_ = 0;
  Fault* fault_;
};

}  // namespace pvb::wire

#endif  // PVB_WIRE_READER_H_
