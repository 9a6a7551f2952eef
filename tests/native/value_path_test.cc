#include "wire/value_path.h"

#include <doctest/doctest.h>

#include <string>

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

TEST_CASE("a long name is cut after 200 characters") {
  const std::string ellipsis = "\xE2\x80\xA6";
  pvb::ValuePath path;
  path.Property(std::string(200, 'a'));
  path.Property(std::string(201, 'b'));
  path.Property(" " + std::string(1000, '\n'));
  std::string smiles;
  for (int i = 0; i < 201; ++i) smiles += "\xF0\x9F\x98\x80";
  path.Property(smiles);
  std::string lines;
  for (int i = 0; i < 199; ++i) lines += "\\n";
  CHECK(path.text() == "$." + std::string(200, 'a') + "." + std::string(200, 'b') + ellipsis + "[\" " + lines +
                           ellipsis + "\"][\"" + smiles.substr(0, 800) + ellipsis + "\"]");
}

TEST_CASE("a long path ends with an ellipsis") {
  pvb::ValuePath path;
  std::string whole = "$";
  for (int i = 0; i < 1365; ++i) {
    path.Index(1);
    whole += "[1]";
  }
  CHECK(path.text() == whole);  // 4096 bytes
  CHECK(!path.full());
  for (int i = 0; i < 3; ++i) path.Cause();
  CHECK(path.full());
  CHECK(path.text() == whole + "\xE2\x80\xA6");
}
