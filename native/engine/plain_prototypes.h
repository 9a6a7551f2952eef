// The prototypes of one context's plain objects and arrays. A script may give them elements, whose setters a store behind the end of an array
// would run: then nothing of ours may be stored so.
#ifndef PVB_ENGINE_PLAIN_PROTOTYPES_H_
#define PVB_ENGINE_PLAIN_PROTOTYPES_H_

#include "engine/object_layout.h"
#include "engine/v8_compat.h"

namespace pvb {

class PlainPrototypes {
 public:
  // Learns them from an object and an array that nobody else has.
  explicit PlainPrototypes(v8::Isolate* isolate)
      : object_(isolate, compat::PrototypeOf(v8::Object::New(isolate)).As<v8::Object>()),
        array_(isolate, compat::PrototypeOf(v8::Array::New(isolate)).As<v8::Object>()) {}

  v8::Local<v8::Object> object(v8::Isolate* isolate) const { return object_.Get(isolate); }

  // As they were made, arrays inherit from nothing else either.
  bool HaveNoElements(v8::Isolate* isolate, const ObjectLayout& layout) const {
    const v8::Local<v8::Object> array = array_.Get(isolate);
    const v8::Local<v8::Object> object = object_.Get(isolate);
    return compat::PrototypeOf(array) == object && !layout.HasElements(ObjectLayout::Of(array)) &&
           !layout.HasElements(ObjectLayout::Of(object));
  }

 private:
  v8::Global<v8::Object> object_;
  v8::Global<v8::Object> array_;
};

}  // namespace pvb

#endif  // PVB_ENGINE_PLAIN_PROTOTYPES_H_
