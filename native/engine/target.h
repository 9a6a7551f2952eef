// From "a.b.c" to the thing that a call is about: names followed one by one, and what can be done with the last of
// them.
#ifndef PVB_ENGINE_TARGET_H_
#define PVB_ENGINE_TARGET_H_

#include <string>
#include <string_view>
#include <vector>

#include "engine/context.h"
#include "engine/global_name.h"
#include "engine/v8_compat.h"

namespace pvb {

// A path, taken apart. Every step is a property name; no step at all means the base itself.
struct Path {
  std::vector<std::string> steps;

  // Splits at dots, or takes the whole text as one name. False when a step would be empty.
  static bool Parse(std::string_view text, bool is_one_name, Path* path);
  // The first `count` steps with dots between them, in backquotes, for sentences.
  std::string Quote(size_t count) const;
};

// Getters and traps on the way may throw. Every operation then gives an empty result, leaves the exception to the
// caller's TryCatch and the outcome's status PVB_OK. Where the path leads nowhere the outcome says so
// (PVB_ERR_NOT_FOUND).
class Target {
 public:
  // `base` is empty for the global object, whose names are those that scripts see. The frame and the path must outlive
  // it.
  Target(const Frame& frame, const Path& path, v8::Local<v8::Value> base);

  // Follows all steps but the last. To be called first.
  bool Resolve();

  // What `this` is in a call: the last step's object; undefined for a name of the global object and for the base
  // itself.
  v8::Local<v8::Value> receiver() const { return receiver_; }

  v8::MaybeLocal<v8::Value> Get() const;
  v8::Maybe<bool> Has() const;
  // The base itself can be neither set nor deleted: the caller refuses an empty path.
  v8::Maybe<bool> Set(v8::Local<v8::Value> value) const;
  v8::Maybe<bool> Delete() const;

 private:
  v8::MaybeLocal<v8::Value> ReadStep(v8::Local<v8::Value> from, size_t step) const;
  v8::MaybeLocal<v8::Value> ReadGlobal(const GlobalNames::Accessors& accessors, size_t step) const;
  // The object that the last step is a property of, and its key.
  bool LastProperty(v8::Local<v8::Object>* object, v8::Local<v8::String>* key) const;
  void FailMissing(size_t step) const;
  // V8's own Set fails without a word where a property cannot be written to.
  v8::MaybeLocal<v8::Function> StrictAssignment() const;

  const Frame& frame_;
  const Path& path_;
  bool from_global_;
  v8::Local<v8::Value> holder_;  // what the last step is looked up in
  v8::Local<v8::Value> receiver_;
  bool is_global_name_ = false;  // the last step is a name that scripts see
  GlobalNames::Accessors accessors_;
};

// "a number", "null", "an object": for sentences.
std::string TypeInWords(v8::Local<v8::Value> value);

}  // namespace pvb

#endif  // PVB_ENGINE_TARGET_H_
