// Every tag of V8's serialization format. The comment on a tag is its payload's grammar; docs/wire.md has the rules around them.
// `id` marks tags that take the next object id, when their first byte is met.
#ifndef PVB_WIRE_TAGS_H_
#define PVB_WIRE_TAGS_H_

#include <cstdint>

namespace pvb::wire {

inline constexpr uint8_t kHeaderByte = 0xFF;  // 0xFF version:varint32 value
inline constexpr uint32_t kMinVersion = 13;
inline constexpr uint32_t kMaxVersion = 15;
inline constexpr uint32_t kVersion = 15;           // what we write, as V8 10.2 to 13.6 do
inline constexpr uint32_t kViewFlagsVersion = 14;  // from here on a view ends with its flags

enum class Tag : uint8_t {
  kPadding = '\0',           // skipped wherever a tag is read
  kVerifyObjectCount = '?',  // count:varint32, ignored; a value follows
  kTheHole = '-',            // only as an element of a dense array
  kUndefined = '_',
  kNull = '0',
  kTrue = 'T',
  kFalse = 'F',
  kInt32 = 'I',                 // value:zigzag32
  kUint32 = 'U',                // value:varint32
  kDouble = 'N',                // value:double
  kBigInt = 'Z',                // bitfield:varint32, digits
  kUtf8String = 'S',            // byteLength:varint32, bytes
  kOneByteString = '"',         // byteLength:varint32, Latin-1 bytes
  kTwoByteString = 'c',         // byteLength:varint32, UTF-16 code units
  kObjectReference = '^',       // id:varint32
  kBeginJSObject = 'o',         // id; (key value)* kEndJSObject
  kEndJSObject = '{',           // propertyCount:varint32
  kBeginDenseJSArray = 'A',     // id; length:varint32, length x (value | kTheHole), (key value)* kEndDenseJSArray
  kEndDenseJSArray = '$',       // propertyCount:varint32 (without elements), length:varint32
  kBeginSparseJSArray = 'a',    // id; length:varint32, (key value)* kEndSparseJSArray
  kEndSparseJSArray = '@',      // pairCount:varint32 (elements and properties), length:varint32
  kDate = 'D',                  // id; milliseconds:double
  kTrueObject = 'y',            // id
  kFalseObject = 'x',           // id
  kNumberObject = 'n',          // id; value:double
  kBigIntObject = 'z',          // id; as kBigInt
  kStringObject = 's',          // id; a tagged string
  kRegExp = 'R',                // id; pattern: a tagged string, flags:varint32
  kBeginJSMap = ';',            // id; (key value)* kEndJSMap
  kEndJSMap = ':',              // 2 x entryCount:varint32
  kBeginJSSet = '\'',           // id; value* kEndJSSet
  kEndJSSet = ',',              // entryCount:varint32
  kArrayBuffer = 'B',           // id; byteLength:varint32, bytes; then perhaps kArrayBufferView
  kResizableArrayBuffer = '~',  // id; byteLength:varint32, maxByteLength:varint32, bytes; likewise
  kArrayBufferTransfer = 't',   // id; transferId:varint32; likewise
  kSharedArrayBuffer = 'u',     // id; cloneId:varint32; likewise
  kArrayBufferView = 'V',  // id; kind:varint8, byteOffset:varint32, byteLength:varint32, flags:varint32 (version >= 14)
  kError = 'r',            // id; ErrorTag items up to kEnd
  kHostObject = '\\',      // id; whatever the delegate wrote
  kWasmModule = 'w',       // id; transferId:varint32
  kWasmMemory = 'm',       // id; maximumPages:zigzag32, a shared array buffer
  kSharedObject = 'p',     // conveyorId:varint32
};

enum class ErrorTag : uint8_t {
  kEvalError = 'E',
  kRangeError = 'R',
  kReferenceError = 'F',
  kSyntaxError = 'S',
  kTypeError = 'T',
  kUriError = 'U',
  kMessage = 'm',  // a tagged string
  kCause = 'c',    // a value
  kStack = 's',    // a tagged string
  kEnd = '.',
};

enum class ViewKind : uint8_t {
  kInt8 = 'b',
  kUint8 = 'B',
  kUint8Clamped = 'C',
  kInt16 = 'w',
  kUint16 = 'W',
  kInt32 = 'd',
  kUint32 = 'D',
  kFloat16 = 'h',
  kFloat32 = 'f',
  kFloat64 = 'F',
  kBigInt64 = 'q',
  kBigUint64 = 'Q',
  kDataView = '?',
};

// Bytes per element; 0 for a byte that is no kind.
constexpr uint32_t ElementSize(uint8_t kind) {
  switch (static_cast<ViewKind>(kind)) {
    case ViewKind::kInt8:
    case ViewKind::kUint8:
    case ViewKind::kUint8Clamped:
    case ViewKind::kDataView:
      return 1;
    case ViewKind::kInt16:
    case ViewKind::kUint16:
    case ViewKind::kFloat16:
      return 2;
    case ViewKind::kInt32:
    case ViewKind::kUint32:
    case ViewKind::kFloat32:
      return 4;
    case ViewKind::kFloat64:
    case ViewKind::kBigInt64:
    case ViewKind::kBigUint64:
      return 8;
  }
  return 0;
}

// Flags of a view. Higher bits carry junk in streams of some V8 builds and are ignored, as V8 ignores them.
inline constexpr uint32_t kViewLengthTracking = 1u << 0;
inline constexpr uint32_t kViewBufferResizable = 1u << 1;

// Flags of a RegExp, in V8's bit order: g i m y u s l d v. `l` (linear) is an experiment that no release turns on.
inline constexpr char kRegExpFlagLetters[] = "gimyusldv";

// Object ids and lengths of ArrayBuffers are 32 bits.
inline constexpr uint64_t kMaxUint32 = 0xFFFFFFFF;

}  // namespace pvb::wire

#endif  // PVB_WIRE_TAGS_H_
