// A message on its way in: transcoded before the isolate is entered, so that nobody waits for it, and read inside.
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
  // Takes a message whose root is an array of values, or nothing for no values; it must live until Read. False: the outcome is filled.
  bool Transcode(const pvb_message& message, pvb_big_ints big_ints, bool unique_keys, Outcome* outcome);

  // Before Read, when the attachments do not live until then: nothing will look at them for the words of an error.
  void ForgetMessage() { message_ = {}; }

  bool empty() const { return wire_.empty() && scalars_.empty(); }

  // Appends the values, once. False: the outcome is filled, or the call has been stopped because they do not fit.
  bool Read(const Frame& frame, std::vector<v8::Local<v8::Value>>* values);

 private:
  pvb_message message_{};
  ToWireOptions options_;
  // The values are in one of these.
  ScalarArguments scalars_;
  ByteBuffer wire_;
  IncomingBuffers buffers_;
};

}  // namespace pvb

#endif  // PVB_ENGINE_INCOMING_VALUES_H_
