// What V8's hidden classes ("maps") mean to the shape codec: a table from their addresses, valid until V8 collects or moves maps.
#ifndef PVB_ENGINE_MAP_KINDS_H_
#define PVB_ENGINE_MAP_KINDS_H_

#include <cstdint>
#include <vector>

#include "engine/object_layout.h"

namespace pvb {

// Shapes are numbers from 0 on.
enum MapKind : int32_t {
  kUnknownMap = -1,
  kRefused = -2,  // whatever may run code of a script when it is read, or is no plain data
  kNoShape = -3,  // a plain object whose properties its map does not tell, or are too many
  kLeaf = -4,     // Date, RegExp
  kPrimitive = -5,
  kArrayKinds = -16,  // and down: kArrayKinds - ElementsKind
};

constexpr int32_t ArrayKind(ElementsKind kind) { return kArrayKinds - static_cast<int32_t>(kind); }
constexpr bool IsArrayKind(int32_t kind) { return kind <= kArrayKinds; }
constexpr ElementsKind ElementsKindOf(int32_t kind) { return static_cast<ElementsKind>(kArrayKinds - kind); }

class MapKinds {
 public:
  explicit MapKinds(v8::Isolate* isolate);
  ~MapKinds();
  MapKinds(const MapKinds&) = delete;
  MapKinds& operator=(const MapKinds&) = delete;

  int32_t Find(Word map) const {
    for (size_t at = Hash(map);; ++at) {
      const Entry& entry = entries_[at & (entries_.size() - 1)];
      if (entry.map == map) return entry.kind;
      if (entry.map == 0) return kUnknownMap;
    }
  }
  void Add(Word map, int32_t kind);

 private:
  struct Entry {
    Word map = 0;
    int32_t kind = kUnknownMap;
  };

  static void AfterCollection(v8::Isolate* isolate, v8::GCType type, v8::GCCallbackFlags flags, void* self);
  static size_t Hash(Word map) { return (map * 0x9E3779B97F4A7C15) >> 40; }
  void Clear();

  v8::Isolate* isolate_;
  std::vector<Entry> entries_;  // a power of two, at most half full
  size_t used_ = 0;
};

}  // namespace pvb

#endif  // PVB_ENGINE_MAP_KINDS_H_
