#include "engine/code_cache.h"

#include <climits>

#include "engine/platform.h"

namespace pvb {
namespace {

using CachedData = v8::ScriptCompiler::CachedData;

// V8 counts in int, and no cache is that large.
bool IsGiven(std::span<const uint8_t> cached) { return !cached.empty() && cached.size() <= INT_MAX; }

// Owned by the Source that it is made for; the bytes stay the caller's.
CachedData* Borrow(std::span<const uint8_t> cached) {
  if (!IsGiven(cached)) return nullptr;
  return std::make_unique<CachedData>(cached.data(), static_cast<int>(cached.size()), CachedData::BufferNotOwned)
      .release();
}

}  // namespace

CacheableSource::CacheableSource(v8::Local<v8::String> text, const v8::ScriptOrigin& origin,
                                 std::span<const uint8_t> cached)
    : given_(IsGiven(cached)), source_(text, origin, Borrow(cached)) {}

Attachment KeepCodeCache(CachedData* made) {
  const std::shared_ptr<CachedData> owner(made);
  if (owner == nullptr || owner->length <= 0) return {};
  return {owner, const_cast<uint8_t*>(owner->data), static_cast<size_t>(owner->length)};
}

uint32_t CodeCacheTag() {
  StartV8();
  return v8::ScriptCompiler::CachedDataVersionTag();
}

}  // namespace pvb
