// Values that are nothing but numbers, booleans, short ASCII strings, null and undefined, as the arguments of most small calls are. They
// go from the message straight to V8: wire bytes, and V8's deserializer for them, would take longer than such a call does.
#ifndef PVB_ENGINE_SCALAR_ARGUMENTS_H_
#define PVB_ENGINE_SCALAR_ARGUMENTS_H_

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/v8_compat.h"

namespace pvb {

class ScalarArguments {
 public:
  // Needs no isolate, and borrows the message. False for a message with anything else in it, be it malformed: that has to go the way of
  // wire bytes, where also the words for an error are found.
  bool Read(std::span<const uint8_t> message);

  bool empty() const { return count_ == 0; }

  // Appends what V8's deserializer would have made of the message.
  void Make(v8::Isolate* isolate, std::vector<v8::Local<v8::Value>>* arguments) const;

 private:
  static constexpr size_t kMost = 8;
  static constexpr size_t kLongestText = 256;

  enum class Kind : uint8_t { kUndefined, kNull, kFalse, kTrue, kNumber, kText };
  struct Scalar {
    Kind kind;
    double number;
    std::span<const uint8_t> text;
  };

  std::array<Scalar, kMost> scalars_;  // filled as far as `count_` goes
  size_t count_ = 0;
};

}  // namespace pvb

#endif  // PVB_ENGINE_SCALAR_ARGUMENTS_H_
