// Names as a script sees them. let, const and class at the top of a script make variables that are no properties of the
// global object and that V8's API cannot reach; a one-line function that mentions the name can. Cached per context.
#ifndef PVB_ENGINE_GLOBAL_NAME_H_
#define PVB_ENGINE_GLOBAL_NAME_H_

#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/v8_compat.h"

namespace pvb {

class GlobalNames {
 public:
  // Functions to read a name (throws as JavaScript would when it is not there), to ask for its type (a string,
  // "undefined" when it is not there), and to assign its first argument to it; the second says whether the global object has
  // a property of that name.
  struct Accessors {
    v8::Local<v8::Function> read;
    v8::Local<v8::Function> type;
    v8::Local<v8::Function> write;
  };

  // Compiles on first use. False when the text is no identifier, or V8 is being terminated.
  bool Find(v8::Local<v8::Context> context, std::string_view name, Accessors* accessors);

 private:
  // Empty for a text that is known to be no identifier.
  struct Entry {
    v8::Global<v8::Function> read;
    v8::Global<v8::Function> type;
    v8::Global<v8::Function> write;
  };

  std::unordered_map<std::string, Entry> cache_;
};

}  // namespace pvb

#endif  // PVB_ENGINE_GLOBAL_NAME_H_
