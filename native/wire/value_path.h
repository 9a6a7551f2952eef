// The path to a place inside a value, as errors name it:
//   $.rows[3].when    $["two words"]    $.map.keys()[0]    $.map.values()[0]    $.set.values()[2]    $.error.cause
#ifndef PVB_WIRE_VALUE_PATH_H_
#define PVB_WIRE_VALUE_PATH_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace pvb {

class ValuePath {
 public:
  void Index(uint64_t index) { text_ += "[" + std::to_string(index) + "]"; }
  // `key` is UTF-8, lone surrogates as three bytes each.
  void Property(std::string_view key);
  void MapKey(uint64_t entry) { text_ += ".keys()[" + std::to_string(entry) + "]"; }
  void Member(uint64_t index) { text_ += ".values()[" + std::to_string(index) + "]"; }  // of a Map or a Set
  void Cause() { text_ += ".cause"; }

  const std::string& text() const { return text_; }

 private:
  std::string text_ = "$";
};

}  // namespace pvb

#endif  // PVB_WIRE_VALUE_PATH_H_
