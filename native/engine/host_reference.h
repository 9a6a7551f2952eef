// What JavaScript holds of the embedder's: functions, exceptions and watches on promises, by numbers of the embedder's choice. Each belongs to
// one JavaScript object, and when that is garbage the embedder learns that it may let go.
#ifndef PVB_ENGINE_HOST_REFERENCE_H_
#define PVB_ENGINE_HOST_REFERENCE_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "engine/live_objects.h"
#include "engine/result_options.h"
#include "engine/v8_compat.h"

namespace pvb {

// As pvb_function_options.
struct HostFunctionSettings {
  bool pass_this = false;
  bool handles = false;
  uint32_t max_arguments = UINT32_MAX;
};

// As pvb_host_reference.
struct HostReference {
  uint64_t owner = 0;
  uint64_t id = 0;
};

// Inside the isolate, but for the functions that say otherwise.
class HostReferences {
 public:
  // What is known of a reference while its object lives.
  struct Entry {
    HostReferences* table = nullptr;
    HostReference reference;
    uint64_t context = 0;  // that a function was made in
    HostFunctionSettings settings;
    ResultOptions result;  // of a watched promise
    uint64_t promise = 0;  // the handle that it was watched by; 0: this is no watch
    bool untold = false;   // as KeepUntold has it
    bool removed = false;  // it is a function that may not be called any more
    v8::Global<v8::Object> object;
    Counted<Live::kHostReference> counted;
  };

  HostReferences() = default;
  HostReferences(const HostReferences&) = delete;
  HostReferences& operator=(const HostReferences&) = delete;

  // To be followed by Attach or Release. An id is never used again.
  Entry* Add(const HostReference& reference);
  // From here on the reference lives as long as the object.
  void Attach(v8::Isolate* isolate, Entry* entry, v8::Local<v8::Object> object);
  // Null for what has been let go of.
  Entry* Find(uint64_t id) const;

  // The embedder may let go of it.
  void Release(const HostReference& reference);
  // The same where the embedder knows.
  void Forget(uint64_t id) { entries_.erase(id); }

  // After a stop, with which V8 forgets what was due: keeps the watched promises that have ended though nobody was told,
  // until somebody is.
  void KeepUntold(v8::Isolate* isolate);
  // The oldest of those; null when there is none.
  Entry* NextUntold();
  // Any thread.
  bool any_untold() const { return any_untold_.load(std::memory_order_relaxed); }

  void ReleaseAll();
  // In a process without V8's pages: forgets everything without looking.
  void Abandon();

  size_t size() const { return entries_.size(); }

  // Any thread.
  bool any_released() const { return any_released_.load(); }
  std::vector<HostReference> TakeReleased();

 private:
  static void OnGarbage(const v8::WeakCallbackInfo<Entry>& info);

  std::unordered_map<uint64_t, std::unique_ptr<Entry>> entries_;
  std::deque<uint64_t> untold_;
  std::atomic<bool> any_untold_{false};

  std::mutex released_lock_;  // innermost
  std::atomic<bool> any_released_{false};
  std::vector<HostReference> released_;
};

}  // namespace pvb

#endif  // PVB_ENGINE_HOST_REFERENCE_H_
