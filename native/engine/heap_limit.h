// What happens when V8's heap reaches its limit: the call that runs is stopped, and V8 is lent memory so that it lives
// to notice, which it would otherwise not: it ends the process.
#ifndef PVB_ENGINE_HEAP_LIMIT_H_
#define PVB_ENGINE_HEAP_LIMIT_H_

#include <cstddef>
#include <cstdint>

#include "engine/v8_compat.h"

namespace pvb {

class HeapLimit {
 public:
  // Called when memory runs out, by V8's thread: has to stop JavaScript.
  using Stop = void (*)(void* data);

  HeapLimit(Stop stop, void* data) : stop_(stop), data_(data) {}
  HeapLimit(const HeapLimit&) = delete;
  HeapLimit& operator=(const HeapLimit&) = delete;

  // Inside the isolate, once.
  void Watch(v8::Isolate* isolate);

  // Whether V8 lives on what it was lent.
  bool lent() const { return lent_; }
  // V8's own limit, as it was before anything was lent. 0 until then.
  size_t initial() const { return limit_; }

  // Whether it has not been possible to take back all of it. Then Lower is to be tried again whenever there may be room:
  // V8's limit is never less than a quarter above what is alive and what garbage it has not collected. (V8 can return to
  // its first limit by itself, AutomaticallyRestoreInitialHeapLimit, but does so also between lending and what it was lent
  // for, and then ends the process.)
  bool raised() const { return raised_; }
  void Lower(v8::Isolate* isolate);

  // Collects garbage and takes back what was lent, as far as live objects allow. Inside the isolate, with no handle on
  // what is to be freed.
  void TakeBack(v8::Isolate* isolate);

 private:
  static size_t NearLimit(void* data, size_t limit, size_t initial_limit);

  Stop stop_;
  void* data_;
  size_t limit_ = 0;
  size_t first_ = 0;  // as V8's statistics have it, with the young generation
  bool lent_ = false;
  bool raised_ = false;
};

}  // namespace pvb

#endif  // PVB_ENGINE_HEAP_LIMIT_H_
