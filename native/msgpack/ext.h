// Our MessagePack profile's codes: docs/format.md in C++.
#ifndef PVB_MSGPACK_EXT_H_
#define PVB_MSGPACK_EXT_H_

#include <cstdint>

namespace pvb {

enum class Ext : int8_t {
  kTimestamp = -1,        // MessagePack's own: 4, 8 or 12 bytes
  kUndefined = 1,         // empty
  kHole = 2,              // empty
  kBigInt = 3,            // two's complement, little-endian
  kString16 = 4,          // UTF-16 code units, little-endian
  kDate = 5,              // milliseconds: float 64
  kRegExp = 6,            // source: string, flags: str
  kBoxed = 7,             // one primitive value
  kView = 8,              // kind: 1 byte, bytes
  kBuffer = 9,            // bytes
  kResizableBuffer = 10,  // maximum byte length: 8 bytes, bytes
  kAttachment = 11,       // what: 1 byte, index: 4, byte length: 8 [, maximum byte length: 8]
  kLeaf = 12,             // number: 4 bytes
  kNode = 13,             // number: 4 bytes
  kGraph = 14,            // see docs/format.md, Graphs
  kHandle = 15,           // kind: 1 byte, id: 8 bytes
};

enum class NodeKind : uint8_t {
  kList = 'l',         // array of elements and holes
  kDict = 'd',         // map with str keys
  kObject = 'o',       // array: key, value, ... with keys that may be ext 4
  kMap = 'm',          // array: key, value, ...
  kSet = 's',          // array of members
  kArray = 'a',        // array of two: elements as kList, properties as kObject
  kSparseArray = 'p',  // array: length, key, value, ...
  kError = 'e',        // map: name, message, stack, cause
  kView = 'v',         // array of four: buffer, kind, byte offset, byte length or nil
};

// What an attachment stands for, besides the view kinds.
enum class AttachmentUse : uint8_t {
  kBytes = 'x',
  kBuffer = 'A',
  kResizableBuffer = 'R',
  kUtf8String = 's',
  kString16 = 'S',
};

enum class HandleKind : uint8_t { kFunction = 'f', kObject = 'o', kPromise = 'p', kSymbol = 's' };

inline constexpr double kMaxSafeInteger = 9007199254740991.0;  // 2^53 - 1

// An Array is written as kSparseArray exactly if this holds: more than 1,024 long and more than three quarters holes.
constexpr bool IsSparse(uint64_t length, uint64_t elements) {
  return length > 1024 && (length - elements) * 4 > length * 3;
}

}  // namespace pvb

#endif  // PVB_MSGPACK_EXT_H_
