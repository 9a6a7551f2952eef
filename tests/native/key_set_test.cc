#include "transcode/key_set.h"

#include <doctest/doctest.h>

TEST_CASE("a key twice is noticed, in small sets and large ones") {
  pvb::KeySet keys;
  keys.Push();
  for (int i = 0; i < 1000; ++i) CHECK(keys.Insert("key" + std::to_string(i)));
  for (int i = 0; i < 1000; ++i) CHECK_FALSE(keys.Insert("key" + std::to_string(i)));
  CHECK(keys.Insert(""));
  CHECK_FALSE(keys.Insert(""));
  keys.Pop();
}

TEST_CASE("sets nest: an inner one hides nothing and forgets itself") {
  pvb::KeySet keys;
  keys.Push();
  CHECK(keys.Insert("a"));
  keys.Push();
  CHECK(keys.Insert("a"));
  CHECK(keys.Insert("b"));
  keys.Pop();
  CHECK_FALSE(keys.Insert("a"));
  CHECK(keys.Insert("b"));
  keys.Pop();
}
