// The JavaScript values that somebody outside holds on to, by number. Touched only inside the isolate.
#ifndef PVB_ENGINE_HANDLE_TABLE_H_
#define PVB_ENGINE_HANDLE_TABLE_H_

#include <cstdint>
#include <unordered_map>

#include "engine/live_objects.h"
#include "engine/v8_compat.h"

namespace pvb {

class HandleTable {
 public:
  // Holds the value until Release. Ids are never 0, never used again, and differ between all contexts of the process,
  // so that a stale or misdirected one is unknown instead of another object.
  uint64_t Add(v8::Isolate* isolate, v8::Local<v8::Value> value);

  // From here on it holds the value only as long as something in JavaScript does too.
  void Weaken(uint64_t id);

  // Empty when the id is unknown.
  v8::Local<v8::Value> Find(v8::Isolate* isolate, uint64_t id) const;

  // Unknown ids are ignored.
  void Release(uint64_t id) { values_.erase(id); }

  size_t size() const { return values_.size(); }

 private:
  struct Held {
    v8::Global<v8::Value> value;
    Counted<Live::kHandle> counted;
  };

  std::unordered_map<uint64_t, Held> values_;
};

}  // namespace pvb

#endif  // PVB_ENGINE_HANDLE_TABLE_H_
