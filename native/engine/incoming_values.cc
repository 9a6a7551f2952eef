#include "engine/incoming_values.h"

#include <utility>

#include "engine/bad_regexp.h"
#include "engine/deserializer.h"
#include "engine/shape_codec.h"

namespace pvb {
namespace {

// V8's values of a message take about as much again as its bytes. What earlier calls left may be garbage, which V8, not asked for this memory,
// has no reason to collect.
bool MakeRoom(const Frame& frame, uint64_t needed) {
  MemoryAccount* const account = frame.entry.account().get();
  if (!account->Fits(needed)) frame.isolate->LowMemoryNotification();
  return account->Fits(needed);
}

}  // namespace

bool IncomingValues::Transcode(const Context* context, const pvb_message& message, pvb_big_ints big_ints,
                               bool unique_keys, Outcome* outcome, const Deadline& deadline) {
  if (ReadScalars(message)) return true;
  Keep(message, big_ints, unique_keys);
  if (deadline.wall_at != kNever) options_.time_is_up = [until = deadline.wall_at] { return Now() >= until; };
  if (context != nullptr) {
    CodecChoice* const choice = &context->choice();
    if (unique_keys && message.attachment_count == 0 && choice->ByShape(context->codec(), message.bytes.size)) {
      choice_ = choice;
      return true;
    }
    choice->TookWire(message.bytes.size);
  }
  return ToWire(outcome);
}

bool IncomingValues::TranscodeAnswer(const Frame& frame, const pvb_message& message, pvb_big_ints big_ints,
                                     Outcome* outcome) {
  if (ReadScalars(message)) return true;
  Keep(message, big_ints, true);
  CodecChoice& choice = frame.state->answer_choice;
  if (message.attachment_count != 0 || !choice.ByShape(frame.state->codec, message.bytes.size)) {
    choice.TookWire(message.bytes.size);
    return ToWire(outcome);
  }
  ShapeCodec* const codec = frame.state->shape_codec.get();
  if (codec == nullptr) {
    wants_codec_ = true;
    return ToWire(outcome);
  }
  if (codec->ReadTokens({message.bytes.data, message.bytes.size}, options_, nullptr) && codec->read_soundly()) {
    choice_ = &choice;
    turn_ = codec->turn();
    return true;
  }
  choice.GaveUp();
  return ToWire(outcome);
}

// True: there is no more to do before Read.
bool IncomingValues::ReadScalars(const pvb_message& message) {
  return message.bytes.size == 0 ||
         (message.attachment_count == 0 && scalars_.Read({message.bytes.data, message.bytes.size}));
}

void IncomingValues::Keep(const pvb_message& message, pvb_big_ints big_ints, bool unique_keys) {
  message_ = message;
  options_.traits = compat::Traits();
  options_.big_ints = big_ints;
  options_.unique_keys = unique_keys;
  options_.host_objects = true;
  ++options_.limits.max_depth;  // the array of arguments is no level of the caller's
}

bool IncomingValues::ToWire(Outcome* outcome) {
  const std::span<const pvb_bytes> attachments(message_.attachments, message_.attachment_count);
  ToWireOptions options = options_;
  std::vector<uint32_t> transfers;
  options.transfers = &transfers;
  Fault fault;
  if (!MsgpackToWire({message_.bytes.data, message_.bytes.size}, attachments, options, &wire_, &fault)) {
    // Also for a limit, or malformed bytes: it is the caller's value that cannot enter.
    const pvb_status status = fault.status == PVB_ERR_TIMEOUT ? PVB_ERR_TIMEOUT : PVB_ERR_ENCODE;
    outcome->Fail(std::move(fault), status);
    return false;
  }
  buffers_ = CopyAttachments(attachments, transfers);
  return true;
}

bool IncomingValues::ReadByShape(const Frame& frame, pvb_timings* timings, std::vector<v8::Local<v8::Value>>* values) {
  // Without the room, let the wire codec say so.
  ShapeCodec* const codec = MakeRoom(frame, message_.bytes.size) ? ShapeCodec::Of(frame) : nullptr;
  const std::span<const uint8_t> bytes(message_.bytes.data, message_.bytes.size);
  const auto read = [&] { return codec->turn() == turn_ || codec->ReadTokens(bytes, options_, timings); };
  if (codec == nullptr || !read() || !codec->Build(frame, timings, values)) {
    if (!frame.entry.stopping()) choice_->GaveUp();
    return false;
  }
  choice_->TookShape(codec->read_well());
  return true;
}

bool IncomingValues::Read(const Frame& frame, pvb_timings* timings, std::vector<v8::Local<v8::Value>>* values) {
  if (wants_codec_) ShapeCodec::Of(frame);
  if (choice_ != nullptr) {
    options_.time_is_up = [&frame] { return frame.entry.stopping(); };
    if (ReadByShape(frame, timings, values)) return true;
    if (frame.entry.stopping()) return false;
    const Stopwatch watch(timings ? &timings->message_to_wire : nullptr);
    if (!ToWire(frame.outcome)) return false;
  }
  if (wire_.empty()) {
    if (scalars_.empty()) return true;
    const Stopwatch watch(timings ? &timings->deserialize : nullptr);
    scalars_.Make(frame.isolate, values);
    return true;
  }
  const Stopwatch watch(timings ? &timings->deserialize : nullptr);
  if (!MakeRoom(frame, wire_.size() + SizeOf(buffers_)) || !ChargeBuffers(&buffers_, frame.entry.account())) {
    frame.entry.Stop(StopReason::kMemory);
    return false;
  }
  if (!ReadArguments(frame, wire_.span(), &buffers_, values)) {
    // A stopped call has no more time to find out where in the message V8 was.
    if (!frame.entry.stopping() && message_.bytes.size != 0) FindBadRegExp(frame, message_, options_);
    return false;
  }
  wire_ = ByteBuffer();  // while JavaScript runs, its memory is of better use elsewhere
  return true;
}

}  // namespace pvb
