#include "v8_reader.h"

#include "check.h"
#include "engine/platform.h"

namespace pvb::fuzz {
namespace {

// Same kinds, contents, order and identity. Of views on a buffer that is met once only the bytes shown count: a message keeps no others.
constexpr char kDifference[] = R"js((function () {
  const kind = (x) => Object.prototype.toString.call(x);
  const bytes = (x) => ArrayBuffer.isView(x)
      ? new Uint8Array(x.buffer, x.byteOffset, x.byteLength) : new Uint8Array(x);
  const sameBytes = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);
  return (left, right) => {
    const seen = new Map(), back = new Map(), shown = new Map();
    function pair(a, b) {  // true: compared already; false: not yet; undefined: not the same object
      if (seen.has(a) || back.has(b)) return seen.get(a) === b && back.get(b) === a ? true : undefined;
      seen.set(a, b);
      back.set(b, a);
      return false;
    }
    function buffers(a, b, path) {
      const known = pair(a, b);
      if (known === undefined) return path + ": buffers of different identity";
      return undefined;
    }
    // A buffer met a second time is a buffer that counts, with all its bytes and offsets.
    function show(a, b, offsets, path) {
      const wrong = buffers(a, b, path);
      if (wrong) return wrong;
      const before = shown.get(a);
      shown.set(a, [...(before ?? []), offsets]);
      if (offsets !== null && before === undefined) return "";
      for (const one of shown.get(a)) if (one !== null && one[0] !== one[1]) return path + ": offset " + one;
      if (!!a.resizable !== !!b.resizable || a.maxByteLength !== b.maxByteLength) return path + ": maximum";
      return sameBytes(bytes(a), bytes(b)) ? "" : path + ": bytes of a buffer";
    }
    function differ(a, b, path) {
      if (Object.is(a, b)) return "";
      if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return path + ": " + typeof a;
      if (kind(a) !== kind(b)) return path + ": " + kind(a) + " and " + kind(b);
      if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return path + ": prototypes";
      if (a instanceof ArrayBuffer) return show(a, b, null, path);
      const known = pair(a, b);
      if (known === undefined) return path + ": different identity";
      if (known) return "";
      if (ArrayBuffer.isView(a)) {
        return show(a.buffer, b.buffer, [a.byteOffset, b.byteOffset], path)
            || (sameBytes(bytes(a), bytes(b)) ? "" : path + ": bytes of a view");
      }
      switch (kind(a)) {
        case "[object Date]":
          if (!Object.is(a.getTime(), b.getTime())) return path + ": time";
          break;
        case "[object RegExp]":
          if (a.source !== b.source || a.flags !== b.flags) return path + ": " + a + " and " + b;
          break;
        case "[object Boolean]":
        case "[object Number]":
        case "[object String]":
        case "[object BigInt]":
          if (!Object.is(a.valueOf(), b.valueOf())) return path + ": boxed value";
          break;
        case "[object Map]": case "[object Set]": {
          const [one, two] = [[...a], [...b]].map((x) => kind(a) === "[object Map]" ? x.flat() : x);
          if (one.length !== two.length) return path + ": size";
          for (let i = 0; i < one.length; ++i) {
            const wrong = differ(one[i], two[i], path + "." + i);
            if (wrong) return wrong;
          }
        }
      }
      const [one, two] = [Reflect.ownKeys(a), Reflect.ownKeys(b)];
      if (one.length !== two.length || one.some((key, i) => key !== two[i])) return path + ": keys " + one + " and " + two;
      for (const key of one) {
        const wrong = differ(Object.getOwnPropertyDescriptor(a, key).value, Object.getOwnPropertyDescriptor(b, key).value,
                             path + "." + key);
        if (wrong) return wrong;
      }
      return "";
    }
    return differ(left, right, "$");
  };
})())js";

}  // namespace

V8Reader::V8Reader() {
  StartV8();
  v8::Isolate::CreateParams parameters;
  parameters.array_buffer_allocator = v8::ArrayBuffer::Allocator::NewDefaultAllocator();
  isolate_ = v8::Isolate::New(parameters);
  const v8::Isolate::Scope entered(isolate_);
  const v8::HandleScope handles(isolate_);
  const v8::Local<v8::Context> context = v8::Context::New(isolate_);
  const v8::Context::Scope in_context(context);
  context_.Reset(isolate_, context);
  const v8::Local<v8::String> source = v8::String::NewFromUtf8(isolate_, kDifference).ToLocalChecked();
  const v8::Local<v8::Value> function =
      v8::Script::Compile(context, source).ToLocalChecked()->Run(context).ToLocalChecked();
  difference_.Reset(isolate_, function.As<v8::Function>());
}

V8Reader::Value V8Reader::Read(std::span<const uint8_t> wire) {
  Value result;
  const v8::Local<v8::Context> context = context_.Get(isolate_);
  const v8::TryCatch caught(isolate_);
  v8::ValueDeserializer deserializer(isolate_, wire.data(), wire.size());
  if (!deserializer.ReadHeader(context).FromMaybe(false) || !deserializer.ReadValue(context).ToLocal(&result.value_)) {
    result.error_ = caught.HasCaught() ? Text(caught.Exception()) : "no value";
  }
  return result;
}

std::string V8Reader::Difference(const Value& a, const Value& b) {
  const v8::Local<v8::Context> context = context_.Get(isolate_);
  const v8::TryCatch caught(isolate_);
  v8::Local<v8::Value> arguments[] = {a.value_, b.value_};
  v8::Local<v8::Value> difference;
  if (!difference_.Get(isolate_)->Call(context, v8::Undefined(isolate_), 2, arguments).ToLocal(&difference)) {
    return "the comparison failed: " + Text(caught.Exception());
  }
  return Text(difference);
}

std::string V8Reader::Text(v8::Local<v8::Value> value) {
  const v8::String::Utf8Value text(isolate_, value);
  return *text == nullptr ? "?" : std::string(*text, static_cast<size_t>(text.length()));
}

}  // namespace pvb::fuzz
