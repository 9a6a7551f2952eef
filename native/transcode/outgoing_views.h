// Results as the engine's serializer writes them: views are host objects of ours (host_object.h), and ArrayBuffers whose bytes stay
// outside of the wire are transferred ones, by number.
#ifndef PVB_TRANSCODE_OUTGOING_VIEWS_H_
#define PVB_TRANSCODE_OUTGOING_VIEWS_H_

#include <span>

#include "transcode/delegate_hook.h"

namespace pvb {

class OutgoingViews : public DelegateHook {
 public:
  // `buffers[n]` are the bytes of the ArrayBuffer with transfer id n. Borrowed.
  explicit OutgoingViews(std::span<const std::span<const uint8_t>> buffers) : buffers_(buffers) {}

  bool Read(wire::Tag tag, wire::Reader* reader, DelegatedValue* value) override;

 private:
  bool ReadView(wire::Reader* reader, DelegatedValue* value);

  std::span<const std::span<const uint8_t>> buffers_;
};

}  // namespace pvb

#endif  // PVB_TRANSCODE_OUTGOING_VIEWS_H_
