#include "wire/value_path.h"

#include <doctest/doctest.h>

TEST_CASE("paths read like JavaScript") {
  pvb::ValuePath path;
  CHECK(path.text() == "$");
  path.Property("rows");
  path.Index(3);
  path.Property("when");
  CHECK(path.text() == "$.rows[3].when");

  pvb::ValuePath odd;
  odd.Property("two words");
  odd.Property("");
  odd.Property("1st");
  odd.Property("a\"b\\c\n\x01");
  odd.Property("d\xC3\xA9");
  CHECK(odd.text() == "$[\"two words\"][\"\"][\"1st\"][\"a\\\"b\\\\c\\n\\u0001\"][\"d\xC3\xA9\"]");

  pvb::ValuePath keyed;
  keyed.MapKey(0);
  keyed.Member(2);
  keyed.Cause();
  CHECK(keyed.text() == "$.keys()[0].values()[2].cause");
}

TEST_CASE("lone surrogates are escaped, as no UTF-8 can have them") {
  pvb::ValuePath path;
  path.Property("\xED\xA0\x80");
  path.Property(
      "a\xED\xAF\xBF"
      "b\xED\xB0\x80\xED\xBF\xBF");
  path.Property("\xED\x9F\xBF");  // U+D7FF is none
  path.Property("\xED\xA0");      // cut short
  CHECK(path.text() == "$[\"\\ud800\"][\"a\\udbffb\\udc00\\udfff\"][\"\xED\x9F\xBF\"][\"\xED\xA0\"]");
}
