// A message on its way into JavaScript in two steps: turned into wire bytes where that keeps nobody waiting, then read
// inside the isolate.
#ifndef PVB_ENGINE_INCOMING_MESSAGE_H_
#define PVB_ENGINE_INCOMING_MESSAGE_H_

#include <vector>

#include "engine/context.h"
#include "engine/incoming_buffers.h"
#include "wire/byte_buffer.h"

namespace pvb {

class IncomingMessage {
 public:
  // A message whose root is an array. False: the outcome says what is wrong (PVB_ERR_ENCODE). V8 is not needed.
  bool Transcode(const pvb_message& message, pvb_big_ints big_ints, bool unique_keys, Outcome* outcome);

  // The array's elements. False: the frame's outcome says what is wrong, or the call is being stopped.
  bool Read(const Frame& frame, std::vector<v8::Local<v8::Value>>* values);

  bool empty() const { return wire_.empty(); }

 private:
  ByteBuffer wire_;
  IncomingBuffers buffers_;
};

}  // namespace pvb

#endif  // PVB_ENGINE_INCOMING_MESSAGE_H_
