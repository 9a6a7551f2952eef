// What an embedder's delegate adds to the wire format: the tags t u w m p and \ carry ids, or payloads, that only the program that wrote
// them understands.
#ifndef PVB_TRANSCODE_DELEGATE_HOOK_H_
#define PVB_TRANSCODE_DELEGATE_HOOK_H_

#include <cstdint>
#include <span>

#include "msgpack/ext.h"
#include "wire/reader.h"
#include "wire/tags.h"

namespace pvb {

// The value that such a tag stands for.
struct DelegatedValue {
  // kViewOnBuffer: the value behind it is the ArrayBuffer that it shows.
  enum class Type : uint8_t { kBuffer, kView, kViewOnBuffer, kHandle };
  Type type = Type::kView;
  std::span<const uint8_t> bytes;  // of a kBuffer or kView; must outlive the transcoding
  uint8_t view_kind = 0;
  HandleKind handle_kind = HandleKind::kObject;
  uint64_t handle = 0;
  uint32_t byte_offset = 0;  // of a kViewOnBuffer, and the next two
  uint32_t byte_length = 0;
  uint32_t view_flags = 0;
};

class DelegateHook {
 public:
  virtual ~DelegateHook() = default;
  // Reads what follows `tag`. False, with the reader's fault set, when it cannot.
  virtual bool Read(wire::Tag tag, wire::Reader* reader, DelegatedValue* value) = 0;
};

}  // namespace pvb

#endif  // PVB_TRANSCODE_DELEGATE_HOOK_H_
