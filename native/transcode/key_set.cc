#include "transcode/key_set.h"

namespace pvb {

void KeySet::Pop() {
  const Scope& scope = scopes_.back();
  entries_.resize(scope.first_entry);
  text_.resize(scope.first_text);
  scopes_.pop_back();
}

bool KeySet::Insert(std::string_view key) {
  Scope& scope = scopes_.back();
  if (scope.large) return scope.large->emplace(key).second;
  for (size_t i = scope.first_entry; i < entries_.size(); ++i) {
    if (std::string_view(text_).substr(entries_[i].offset, entries_[i].size) == key) return false;
  }
  if (entries_.size() - scope.first_entry < kSmall) {
    entries_.push_back({text_.size(), key.size()});
    text_.append(key);
    return true;
  }
  scope.large = std::make_unique<std::set<std::string, std::less<>>>();
  for (size_t i = scope.first_entry; i < entries_.size(); ++i) {
    scope.large->emplace(text_, entries_[i].offset, entries_[i].size);
  }
  return scope.large->emplace(key).second;
}

}  // namespace pvb
