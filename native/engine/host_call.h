// One call of a host function, as the embedder sees it: it says, once, what comes back. Nothing here touches V8, so that
// the message is checked while the embedder can still answer for it.
#ifndef PVB_ENGINE_HOST_CALL_H_
#define PVB_ENGINE_HOST_CALL_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/context.h"
#include "engine/host_reference.h"
#include "engine/incoming_values.h"
#include "engine/outcome.h"

namespace pvb {

// An argument that is no data: where it stands, and its handle.
using ArgumentHandle = pvb_argument_handle;

class HostCall {
 public:
  // `kNothing`: undefined comes back.
  enum class Reply { kNothing, kValue, kThrow, kStop, kPromise };

  // `frame` is that of the JavaScript that calls, and outlives this; null for a reply to no call.
  HostCall(const Frame* frame, const HostReference& function) : frame_(frame), function_(function) {}

  // How many of them this thread runs.
  static uint32_t& depth() {
    static thread_local uint32_t depth = 0;
    return depth;
  }

  const HostReference& function() const { return function_; }

  // The one element of the message's array. Without effect when it is no message for that, as the outcome then says.
  void Return(const pvb_message& value, pvb_big_ints big_ints, Outcome* outcome);

  // A new Error that stands for the exception `id`; see pvb_host_throw.
  struct Exception {
    uint64_t id = 0;
    std::string name;
    std::string message;
  };
  void Throw(Exception exception, const pvb_message& details, Outcome* outcome);

  // Ends all JavaScript that runs in the isolate.
  void Stop() { reply_ = Reply::kStop; }

  // A promise, to be settled later by that id.
  void Defer(uint64_t id) {
    reply_ = Reply::kPromise;
    deferred_ = id;
  }

  Reply reply() const { return reply_; }
  IncomingValues* message() { return &message_; }
  const Exception& exception() const { return exception_; }
  uint64_t deferred() const { return deferred_; }

  // The arguments that have handles.
  std::vector<ArgumentHandle> handles;

 private:
  bool Take(const Frame* frame, const pvb_message& message, pvb_big_ints big_ints, Outcome* outcome);

  const Frame* frame_;
  HostReference function_;
  Reply reply_ = Reply::kNothing;
  std::vector<uint8_t> bytes_;  // of the message
  IncomingValues message_;
  Exception exception_;
  uint64_t deferred_ = 0;
};

}  // namespace pvb

#endif  // PVB_ENGINE_HOST_CALL_H_
