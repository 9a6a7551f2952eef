#include "engine/value_walk.h"

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "engine/no_script.h"
#include "engine/text.h"
#include "wire/value_path.h"

namespace pvb {
namespace {

// A walk costs about a microsecond a value; more than this would be felt.
constexpr size_t kMaxValues = 2'000'000;

// From the first hole with so many elements behind it, an Array's indices are asked for: its length may be 4 billion.
constexpr uint32_t kMostProbes = 1000;

class Walk {
 public:
  Walk(const Frame& frame, const ValueVisitor& visitor)
      : frame_(frame), isolate_(frame.isolate), context_(frame.context), visitor_(visitor) {}

  std::optional<std::string> Run(v8::Local<v8::Value> root) {
    if (Visit(root)) return "$";
    while (!levels_.empty() && values_ < kMaxValues && !frame_.entry.stopping()) {
      const v8::HandleScope handles(isolate_);
      Level& level = levels_.back();
      if (level.next >= level.count) {
        levels_.pop_back();
        continue;
      }
      const uint32_t index = level.next++;
      v8::Local<v8::Value> child;
      if (!Child(level, index).ToLocal(&child)) {
        if (level.kind == Kind::kElements && level.count - level.next > kMostProbes) SkipHoles(&level);
      } else if (Visit(child)) {
        // Visit adds no level when it ends the walk, so the last level's current child is the one.
        return Path();
      }
    }
    return std::nullopt;
  }

 private:
  enum class Kind { kProperties, kElements, kIndices, kMapEntries, kMembers, kCause };

  // One object whose children are being walked. An Array has two: its elements, then its other properties.
  struct Level {
    Kind kind;
    v8::Global<v8::Object> object;  // where the children are read from
    v8::Global<v8::Array> names;    // kProperties, kIndices
    uint32_t count = 0;
    uint32_t next = 0;
  };

  // True when the visitor ends the walk here. Otherwise the value's children are put on the levels, if it has any.
  bool Visit(v8::Local<v8::Value> value) {
    ++values_;
    if (visitor_(value)) return true;
    if (value->IsObject() && IsNew(value.As<v8::Object>())) Descend(value.As<v8::Object>());
    return false;
  }

  bool IsNew(v8::Local<v8::Object> object) {
    const int hash = object->GetIdentityHash();
    const auto [first, last] = seen_.equal_range(hash);
    for (auto at = first; at != last; ++at) {
      if (at->second == object) return false;
    }
    seen_.emplace(hash, v8::Global<v8::Object>(isolate_, object));
    return true;
  }

  void Descend(v8::Local<v8::Object> object) {
    if (object->IsMap()) {
      const v8::Local<v8::Array> entries = object.As<v8::Map>()->AsArray();
      Push(Kind::kMapEntries, entries, entries->Length());
    } else if (object->IsSet()) {
      const v8::Local<v8::Array> members = object.As<v8::Set>()->AsArray();
      Push(Kind::kMembers, members, members->Length());
    } else if (object->IsNativeError()) {
      Push(Kind::kCause, object, 1);
    } else if (object->IsDate() || object->IsRegExp() || object->IsArrayBuffer() || object->IsArrayBufferView() ||
               object->IsNumberObject() || object->IsStringObject() || object->IsBooleanObject() ||
               object->IsBigIntObject()) {
      return;  // V8 leaves their other properties out
    } else {
      PushProperties(object);
    }
  }

  v8::MaybeLocal<v8::Array> Names(v8::Local<v8::Object> object, v8::IndexFilter indices) {
    const auto filter = static_cast<v8::PropertyFilter>(v8::ONLY_ENUMERABLE | v8::SKIP_SYMBOLS);
    return object->GetPropertyNames(context_, v8::KeyCollectionMode::kOwnOnly, filter, indices,
                                    v8::KeyConversionMode::kKeepNumbers);
  }

  void PushProperties(v8::Local<v8::Object> object) {
    v8::Local<v8::Array> names;
    const v8::TryCatch ignored(isolate_);
    // An Array's indices are not made into names: there may be millions.
    const bool elements = object->IsArray();
    if (!Names(object, elements ? v8::IndexFilter::kSkipIndices : v8::IndexFilter::kIncludeIndices).ToLocal(&names)) {
      return;
    }
    if (names->Length() > 0) {
      Push(Kind::kProperties, object, names->Length());
      levels_.back().names.Reset(isolate_, names);
    }
    if (elements) Push(Kind::kElements, object, object.As<v8::Array>()->Length());
  }

  // Goes on with the indices that there are, after those which have been walked. V8's serializer lists them as well for an Array that
  // may have holes.
  void SkipHoles(Level* level) {
    v8::Local<v8::Array> names;
    const v8::TryCatch ignored(isolate_);
    if (!Names(level->object.Get(isolate_), v8::IndexFilter::kIncludeIndices).ToLocal(&names)) return;
    // Indices come first, in ascending order; of an Array, what is no Uint32 is no index.
    const auto first_from = [&](uint64_t least) {
      uint32_t low = 0;
      for (uint32_t high = names->Length(); low < high;) {
        const uint32_t middle = low + (high - low) / 2;
        const v8::HandleScope handles(isolate_);
        v8::Local<v8::Value> name;
        const bool before =
            names->Get(context_, middle).ToLocal(&name) && name->IsUint32() && name.As<v8::Uint32>()->Value() < least;
        (before ? low : high) = before ? middle + 1 : middle;
      }
      return low;
    };
    const uint32_t walked = level->next;
    level->kind = Kind::kIndices;
    level->next = first_from(walked);
    level->count = first_from(uint64_t{1} << 32);
    level->names.Reset(isolate_, names);
  }

  void Push(Kind kind, v8::Local<v8::Object> object, uint32_t count) {
    levels_.push_back({kind, v8::Global<v8::Object>(isolate_, object), {}, count, 0});
  }

  // Empty for what is not there, or cannot be read without running a script.
  v8::MaybeLocal<v8::Value> Child(const Level& level, uint32_t index) {
    const v8::TryCatch ignored(isolate_);
    const NoScript no_script(isolate_);
    const v8::Local<v8::Object> object = level.object.Get(isolate_);
    switch (level.kind) {
      case Kind::kElements:
        if (!object->HasRealIndexedProperty(context_, index).FromMaybe(false)) return {};
        return object->Get(context_, index);
      case Kind::kMapEntries:
      case Kind::kMembers:
        return object->Get(context_, index);
      case Kind::kProperties:
      case Kind::kIndices: {
        v8::Local<v8::Value> name;
        if (!level.names.Get(isolate_)->Get(context_, index).ToLocal(&name)) return {};
        return object->Get(context_, name);
      }
      case Kind::kCause: {
        const v8::Local<v8::String> name = Literal(isolate_, "cause");
        if (!object->HasRealNamedProperty(context_, name).FromMaybe(false)) return {};
        return object->Get(context_, name);
      }
    }
    return {};
  }

  // From the levels' present positions. An Array's level of properties lies under that of its elements and says nothing
  // while those are walked, so it is left out: its `next` is still 0 then.
  std::string Path() const {
    ValuePath path;
    for (const Level& level : levels_) {
      if (path.full()) break;
      if (level.next == 0) continue;
      const uint32_t index = level.next - 1;
      switch (level.kind) {
        case Kind::kElements:
          path.Index(index);
          break;
        case Kind::kMapEntries:
          index % 2 == 0 ? path.MapKey(index / 2) : path.Member(index / 2);
          break;
        case Kind::kMembers:
          path.Member(index);
          break;
        case Kind::kCause:
          path.Cause();
          break;
        case Kind::kProperties:
        case Kind::kIndices:
          AppendName(level, index, &path);
          break;
      }
    }
    return path.text();
  }

  void AppendName(const Level& level, uint32_t index, ValuePath* path) const {
    v8::Local<v8::Value> name;
    if (!level.names.Get(isolate_)->Get(context_, index).ToLocal(&name)) return;
    if (level.kind == Kind::kIndices) {
      path->Index(name.As<v8::Uint32>()->Value());
    } else if (name->IsUint32()) {
      path->Property(std::to_string(name.As<v8::Uint32>()->Value()));
    } else if (name->IsString()) {
      path->Property(ToUtf8(isolate_, name.As<v8::String>()));
    }
  }

  const Frame& frame_;
  v8::Isolate* isolate_;
  v8::Local<v8::Context> context_;
  const ValueVisitor& visitor_;
  std::vector<Level> levels_;
  std::unordered_multimap<int, v8::Global<v8::Object>> seen_;
  size_t values_ = 0;
};

}  // namespace

std::optional<std::string> WalkValues(const Frame& frame, v8::Local<v8::Value> root, const ValueVisitor& visitor) {
  return Walk(frame, visitor).Run(root);
}

}  // namespace pvb
