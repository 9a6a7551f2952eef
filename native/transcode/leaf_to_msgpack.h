// Wire -> message, the values without children and without object ids of their own making: numbers, bigints, strings, and the
// payloads of dates, regexps, boxed primitives and views. wire_to_msgpack.cc has the containers, and who refers to whom.
#ifndef PVB_TRANSCODE_LEAF_TO_MSGPACK_H_
#define PVB_TRANSCODE_LEAF_TO_MSGPACK_H_

#include "msgpack/message_writer.h"
#include "transcode/limits.h"
#include "wire/reader.h"

namespace pvb {

class LeafToMsgpack {
 public:
  LeafToMsgpack(wire::Reader* reader, const Limits& limits) : reader_(*reader), limits_(limits) {}

  // True, with the value written, when `tag` (already read) begins a primitive; `known` is false when it does not.
  bool WritePrimitive(wire::Tag tag, MessageWriter* out, bool* known);

  // Reads a tagged string, as regexps, String objects and errors hold one, after any padding.
  bool WriteTaggedString(MessageWriter* out);
  static bool IsString(wire::Tag tag);
  // The payload of a string tag. `well_formed` (when not null) tells whether it became a str.
  bool WriteString(wire::Tag tag, MessageWriter* out, bool* well_formed = nullptr);

  // The payloads of the tags that stand for objects without children.
  bool WriteDate(MessageWriter* out);
  bool WriteRegExp(MessageWriter* out);
  bool WriteBoxed(wire::Tag tag, MessageWriter* out);

 private:
  bool WriteOneByte(MessageWriter* out);
  bool WriteTwoByte(MessageWriter* out, bool* well_formed);
  bool WriteUtf8(MessageWriter* out);
  bool WriteBigInt(MessageWriter* out);
  bool CheckLength(uint64_t at, uint64_t units);

  wire::Reader& reader_;
  const Limits& limits_;
};

// A view's own bytes, as ext 8.
void WriteOwnView(uint8_t kind, std::span<const uint8_t> bytes, MessageWriter* out);

// ECMA-262's TimeClip: what V8 makes of any double in a Date.
double TimeClip(double milliseconds);

}  // namespace pvb

#endif  // PVB_TRANSCODE_LEAF_TO_MSGPACK_H_
