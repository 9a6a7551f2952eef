// Measures V8's garbage collections on this thread while it exists, so that the cost of a call can be told apart from the state of the
// heap that it met.
#ifndef PVB_ENGINE_COLLECTION_CLOCK_H_
#define PVB_ENGINE_COLLECTION_CLOCK_H_

#include <chrono>
#include <cstdint>

#include "engine/v8_compat.h"

namespace pvb {

class CollectionClock {
 public:
  // Inside the isolate. Adds nanoseconds to `*total`; does nothing for null.
  CollectionClock(v8::Isolate* isolate, uint64_t* total);
  ~CollectionClock();
  CollectionClock(const CollectionClock&) = delete;
  CollectionClock& operator=(const CollectionClock&) = delete;

 private:
  static void Begin(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* self);
  static void End(v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* self);

  v8::Isolate* isolate_;
  uint64_t* total_;
  unsigned depth_ = 0;  // a collection may begin another one
  std::chrono::steady_clock::time_point start_;
};

}  // namespace pvb

#endif  // PVB_ENGINE_COLLECTION_CLOCK_H_
