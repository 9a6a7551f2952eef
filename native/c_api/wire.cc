// pvb_wire_to_message, pvb_message_to_wire: the byte codecs without an isolate
#include "c_api/guard.h"
#include "transcode/msgpack_to_wire.h"
#include "transcode/node_host_object.h"
#include "transcode/wire_to_msgpack.h"

using pvb::Outcome;

namespace {

// False: the outcome is filled.
bool Read(const pvb_wire_options* given, pvb_wire_options* options, pvb::Limits* limits, Outcome* outcome) {
  const bool valid = pvb::ReadOptions(given, options) && pvb::InRange(options->host_objects, PVB_HOST_OBJECTS_NODE) &&
                     pvb::InRange(options->big_ints, PVB_BIG_INTS_ERROR);
  if (!valid) outcome->Fail(PVB_ERR_USAGE, "the options' size is not set, or one is out of range");
  if (valid && options->max_depth != 0) limits->max_depth = options->max_depth;
  return valid;
}

}  // namespace

pvb_status pvb_wire_to_message(pvb_bytes wire, const pvb_wire_options* options, pvb_result* result) {
  return pvb::Guard(result, [&](Outcome* outcome) {
    pvb_wire_options read;
    pvb::ToMessageOptions to_message;
    if (!Read(options, &read, &to_message.limits, outcome)) return;
    if (wire.data == nullptr && wire.size != 0)
      return outcome->Fail(PVB_ERR_USAGE, "the bytes are NULL and have a size");
    pvb::NodeHostObjects node;
    if (read.host_objects == PVB_HOST_OBJECTS_NODE) to_message.hook = &node;
    pvb::Fault fault;
    if (!pvb::WireToMsgpack({wire.data, wire.size}, to_message, &outcome->message, &fault))
      outcome->Fail(std::move(fault));
  });
}

pvb_status pvb_message_to_wire(pvb_message message, const pvb_wire_options* options, pvb_result* result) {
  return pvb::Guard(result, [&](Outcome* outcome) {
    pvb_wire_options read;
    pvb::ToWireOptions to_wire;
    if (!Read(options, &read, &to_wire.limits, outcome)) return;
    if ((message.bytes.data == nullptr && message.bytes.size != 0) ||
        (message.attachments == nullptr && message.attachment_count != 0)) {
      return outcome->Fail(PVB_ERR_USAGE, "the message is NULL and has a size");
    }
    to_wire.big_ints = read.big_ints;
    pvb::Fault fault;
    if (!pvb::MsgpackToWire({message.bytes.data, message.bytes.size}, {message.attachments, message.attachment_count},
                            to_wire, &outcome->message, &fault)) {
      outcome->Fail(std::move(fault));
    }
  });
}
