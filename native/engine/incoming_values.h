// A message on its way in: turned into wire bytes before the isolate is entered, so that nobody waits for it, and read inside. Or read by the
// shape codec, which belongs to the context and so does all of it inside.
#ifndef PVB_ENGINE_INCOMING_VALUES_H_
#define PVB_ENGINE_INCOMING_VALUES_H_

#include <vector>

#include "engine/context.h"
#include "engine/incoming_buffers.h"
#include "engine/scalar_arguments.h"
#include "transcode/msgpack_to_wire.h"
#include "wire/byte_buffer.h"

namespace pvb {

class IncomingValues {
 public:
  // Takes a message whose root is an array of values, or nothing for no values; it must live until Read. `context` has the choice of a
  // codec; null: V8's. It ends by the wall's clock of `deadline`. False: the outcome is filled.
  bool Transcode(const Context* context, const pvb_message& message, pvb_big_ints big_ints, bool unique_keys,
                 Outcome* outcome, const Deadline& deadline = {});

  // The same for what a host function answers, inside: a message for the shape codec is read at once, so that a refusal comes now. Nothing of
  // V8's is touched.
  bool TranscodeAnswer(const Frame& frame, const pvb_message& message, pvb_big_ints big_ints, Outcome* outcome);

  // Before Read, when the attachments do not live until then: nothing will look at them for the words of an error.
  void ForgetMessage() { message_ = {}; }

  // Appends the values, once. False: the outcome is filled, or the call has been stopped because they do not fit. `timings` may be null.
  bool Read(const Frame& frame, pvb_timings* timings, std::vector<v8::Local<v8::Value>>* values);

 private:
  bool ReadScalars(const pvb_message& message);
  void Keep(const pvb_message& message, pvb_big_ints big_ints, bool unique_keys);
  bool ToWire(Outcome* outcome);
  bool ReadByShape(const Frame& frame, pvb_timings* timings, std::vector<v8::Local<v8::Value>>* values);

  pvb_message message_{};
  ToWireOptions options_;
  CodecChoice* choice_ = nullptr;  // set where the shape codec is to be tried: then the message is read inside
  uint64_t turn_ = 0;              // the shape codec's, when it has read the tokens already
  bool wants_codec_ = false;       // there was no shape codec yet; the next answer is to find one
  // The values are in one of these.
  ScalarArguments scalars_;
  ByteBuffer wire_;
  IncomingBuffers buffers_;
};

}  // namespace pvb

#endif  // PVB_ENGINE_INCOMING_VALUES_H_
