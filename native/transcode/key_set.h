// Notices a property key that is met twice in one object, for bytes from outside: V8 refuses them, and so do we.
// Objects nest, so the sets form a stack; small ones, the usual case, are compared in a row and allocate nothing of their own.
#ifndef PVB_TRANSCODE_KEY_SET_H_
#define PVB_TRANSCODE_KEY_SET_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace pvb {

class KeySet {
 public:
  void Push() { scopes_.push_back({entries_.size(), text_.size(), nullptr}); }
  void Pop();
  // False when the innermost set has the key already.
  bool Insert(std::string_view key);

 private:
  static constexpr size_t kSmall = 16;
  struct Entry {
    size_t offset;
    size_t size;
  };
  struct Scope {
    size_t first_entry;
    size_t first_text;
    // A tree rather than a hash table: its cost cannot be driven up by chosen keys.
    std::unique_ptr<std::set<std::string, std::less<>>> large;
  };

  std::vector<Scope> scopes_;
  std::vector<Entry> entries_;
  std::string text_;
};

}  // namespace pvb

#endif  // PVB_TRANSCODE_KEY_SET_H_
