// What V8 made of a source, kept by the caller for the next time: bytes that V8 takes instead of compiling. V8 believes
// them, so whoever keeps them must make sure that they are whole and belong to the same source.
#ifndef PVB_ENGINE_CODE_CACHE_H_
#define PVB_ENGINE_CODE_CACHE_H_

#include <cstdint>
#include <memory>
#include <span>

#include "engine/outcome.h"
#include "engine/v8_compat.h"

namespace pvb {

// A source of `origin` to compile. With cached bytes, which need only live while V8 compiles, V8 is to take those.
class CacheableSource {
 public:
  CacheableSource(v8::Local<v8::String> text, const v8::ScriptOrigin& origin, std::span<const uint8_t> cached);

  v8::ScriptCompiler::Source* source() { return &source_; }
  v8::ScriptCompiler::CompileOptions options() const {
    return given_ ? v8::ScriptCompiler::kConsumeCodeCache : v8::ScriptCompiler::kNoCompileOptions;
  }

  // After compiling: whether V8 was given bytes and had no use for them.
  bool rejected() const { return given_ && source_.GetCachedData()->rejected; }
  bool used() const { return given_ && !rejected(); }

 private:
  bool given_;
  v8::ScriptCompiler::Source source_;
};

// Takes over what V8's CreateCodeCache gave; without data when V8 gave nothing.
Attachment KeepCodeCache(v8::ScriptCompiler::CachedData* made);

// Differs between versions of V8, and between the flags and CPU features it runs with: what a cache is good for.
uint32_t CodeCacheTag();

}  // namespace pvb

#endif  // PVB_ENGINE_CODE_CACHE_H_
