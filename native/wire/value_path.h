// The path to a place inside a value, as errors name it:
//   $.rows[3].when    $["two words"]    $.map.keys()[0]    $.map.values()[0]    $.set.values()[2]    $.error.cause
// It is for people to read, so a name of more than 200 characters is cut, and a path of more than 4096 bytes ends, with "…":
// otherwise a value that is small in memory, as its names are shared, would have a path of gigabytes.
#ifndef PVB_WIRE_VALUE_PATH_H_
#define PVB_WIRE_VALUE_PATH_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace pvb {

class ValuePath {
 public:
  void Index(uint64_t index) { Step("[" + std::to_string(index) + "]"); }
  // `key` is UTF-8, lone surrogates as three bytes each. A long one is cut.
  void Property(std::string_view key);
  void MapKey(uint64_t entry) { Step(".keys()[" + std::to_string(entry) + "]"); }
  void Member(uint64_t index) { Step(".values()[" + std::to_string(index) + "]"); }  // of a Map or a Set
  void Cause() { Step(".cause"); }

  // Whether it has ended: what follows is left out.
  bool full() const { return full_; }
  const std::string& text() const { return text_; }

 private:
  void Step(std::string_view step);

  std::string text_ = "$";
  bool full_ = false;
};

}  // namespace pvb

#endif  // PVB_WIRE_VALUE_PATH_H_
