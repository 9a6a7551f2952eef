// Messages: turned into wire bytes or refused with a place; the wire bytes are readable, and the message that comes back is stable.
#include "check.h"
#include "transcode/msgpack_to_wire.h"
#include "transcode/wire_to_msgpack.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // The first byte chooses the options, so that every mode is met.
  if (size == 0) return 0;
  pvb::ToWireOptions to_wire;
  to_wire.big_ints = static_cast<pvb_big_ints>(data[0] % 3);
  to_wire.host_objects = (data[0] & 0x10) != 0;
  const std::span<const uint8_t> input{data + 1, size - 1};
  const uint8_t attached[] = {'h', 'i', 0, 0, 0, 0, 0, 0};
  const pvb_bytes attachment{attached, sizeof attached};

  pvb::ByteBuffer wire;
  pvb::ByteBuffer message;
  pvb::Fault fault;
  if (!pvb::MsgpackToWire(input, {&attachment, 1}, to_wire, &wire, &fault)) {
    Check(!fault.message.empty() && fault.offset <= input.size() && !fault.path.empty(),
          "a refusal without a reason or a place");
    return 0;
  }
  if (to_wire.host_objects) return 0;  // only an engine reads those
  pvb::ToMessageOptions to_message;
  to_message.limits.max_bytes = 1u << 26;
  if (!pvb::WireToMsgpack(wire.span(), to_message, &message, &fault)) {
    Check(fault.message.find("a message of more than") == 0, "what was written cannot be read: " + fault.message);
    return 0;
  }
  pvb::ByteBuffer wire_again;
  pvb::ByteBuffer message_again;
  if (!pvb::MsgpackToWire(message.span(), {}, {}, &wire_again, &fault)) {
    Check(fault.message.find("sparse arrays of more than") == 0, "what was read cannot be written: " + fault.message);
    return 0;
  }
  Check(pvb::WireToMsgpack(wire_again.span(), to_message, &message_again, &fault), "the second writing cannot be read");
  CheckSame(message.span(), message_again.span(), "the message is not stable");
  return 0;
}
