#include "transcode/wire_to_msgpack.h"

#include "transcode/wire_transcoder.h"

namespace pvb {

bool WireToMsgpack(std::span<const uint8_t> wire, const ToMessageOptions& options, ByteBuffer* message, Fault* fault) {
  // Version 13 streams exist with and without flags behind their views; nothing but success tells which one this is.
  Fault first_fault;
  for (const bool v13_view_flags : {false, true}) {
    std::vector<bool> shared;
    bool saw_v13 = false;
    for (const bool second_pass : {false, true}) {
      message->clear();
      if (options.attachments != nullptr) options.attachments->clear();
      *fault = Fault();
      WireTranscoder transcoder(wire, options, message, fault);
      const bool ok = transcoder.Run(v13_view_flags, second_pass, &shared);
      saw_v13 = transcoder.saw_v13();
      if (!ok) break;
      if (second_pass || !transcoder.saw_references()) return true;
    }
    if (!v13_view_flags) first_fault = *fault;
    if (!saw_v13) break;
  }
  *fault = first_fault;
  message->clear();
  return false;
}

}  // namespace pvb
