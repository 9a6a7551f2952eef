// Wire bytes: read or refused with a place; what is read can be written, and is read again as the same message.
#include <algorithm>

#include "check.h"
#include "transcode/msgpack_to_wire.h"
#include "transcode/node_host_object.h"
#include "transcode/wire_to_msgpack.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  pvb::ByteBuffer message;
  pvb::ByteBuffer wire;
  pvb::ByteBuffer again;
  pvb::Fault fault;
  pvb::NodeHostObjects node;
  pvb::ToMessageOptions to_message;
  to_message.hook = &node;
  // A few bytes can claim thousands of holes; keep the fuzzer's memory small.
  to_message.limits.max_bytes = 1u << 24;
  if (!pvb::WireToMsgpack({data, size}, to_message, &message, &fault)) {
    Check(fault.status == PVB_ERR_DECODE && !fault.message.empty() && fault.offset <= size,
          "a refusal without a reason or a place");
    return 0;
  }
  if (!pvb::MsgpackToWire(message.span(), {}, {}, &wire, &fault)) {
    Check(fault.message.find("sparse arrays of more than") == 0, "what was read cannot be written: " + fault.message);
    return 0;
  }
  to_message.hook = nullptr;
  to_message.limits.max_bytes = 1u << 26;
  Check(pvb::WireToMsgpack(wire.span(), to_message, &again, &fault),
        "what was written cannot be read: " + fault.message);
  // A cause that a later one replaces stays in the first message as a node that nothing refers to, and numbers shift.
  if (std::count(data, data + size, 'c') < 2) {
    CheckSame(message.span(), again.span(), "the message changed on the way through the wire");
  }
  pvb::ByteBuffer wire_again;
  Check(pvb::MsgpackToWire(again.span(), {}, {}, &wire_again, &fault), "the second message cannot be written");
  CheckSame(wire.span(), wire_again.span(), "the wire bytes are not stable");
  return 0;
}
