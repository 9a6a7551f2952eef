// Calls, and the paths to what is called.
#include <doctest/doctest.h>

#include <string>

#include "engine_fixture.h"

using namespace pvb::testing;

TEST_CASE("a path binds this to its last object") {
  const Engine engine;
  engine.Eval(
      "var a = {b: {n: 7, c(x) { return this.n + x }}}; function plain() { 'use strict'; return this === undefined }");
  CHECK(engine.Do(PVB_CALL, "a.b.c", Array({Int(1)})).bytes == Int(8));
  CHECK(engine.Do(PVB_CALL, "plain").bytes == Bool(true));
}

TEST_CASE("let, const and class are found, and may be changed meanwhile") {
  const Engine engine;
  engine.Eval("let f = x => x + 1; const o = {g: () => 'g'}; class C { constructor(x) { this.x = x } }");
  CHECK(engine.Do(PVB_CALL, "f", Array({Int(1)})).bytes == Int(2));
  engine.Eval("f = x => x + 10");
  CHECK(engine.Do(PVB_CALL, "f", Array({Int(1)})).bytes == Int(11));
  CHECK(engine.Do(PVB_CALL, "o.g").bytes == Str("g"));
  CHECK(engine.Do(PVB_CONSTRUCT, "C", Array({Int(5)})).bytes == std::string("\xDE\0\x01\xA1"
                                                                            "x\x05",
                                                                            6));
  CHECK(engine.Do(PVB_HAS, "C").bytes == Bool(true));
  CHECK(engine.Do(PVB_SET, "f", Array({Int(3)})).status == PVB_OK);
  CHECK(engine.Eval("f").bytes == Int(3));
  const Result constant = engine.Do(PVB_SET, "o", Array({Int(3)}));
  CHECK(constant.status == PVB_ERR_JS);
  CHECK(constant.message == "TypeError: Assignment to constant variable.");
}

TEST_CASE("names that are no identifiers are properties, and never code") {
  const Engine engine;
  engine.Eval("globalThis['a b'] = 1; globalThis['arguments'] = 2; var touched = 0; globalThis.this = 4");
  CHECK(engine.Do(PVB_GET, "a b").bytes == Int(1));
  CHECK(engine.Do(PVB_GET, "arguments").bytes == Int(2));
  CHECK(engine.Do(PVB_GET, "this").bytes == Int(4));
  CHECK(engine.Do(PVB_GET, "touched = 1").status == PVB_ERR_NOT_FOUND);
  CHECK(engine.Do(PVB_GET, "x\xE2\x80\xA8touched = 1").status == PVB_ERR_NOT_FOUND);
  CHECK(engine.Do(PVB_GET, "touched++").status == PVB_ERR_NOT_FOUND);
  CHECK(engine.Do(PVB_SET, "x){touched=1}(", Array({Int(1)})).status == PVB_OK);
  CHECK(engine.Eval("touched").bytes == Int(0));
  CHECK(engine.Do(PVB_SET, "\xC3\xA9t\xC3\xA9", Array({Int(9)})).status == PVB_OK);
  CHECK(engine.Eval("\xC3\xA9t\xC3\xA9").bytes == Int(9));
}

TEST_CASE("a name with dots") {
  const Engine engine;
  engine.Eval("globalThis['a.b'] = 5");
  pvb_call_options options{};
  options.size = sizeof(options);
  options.operation = PVB_GET;
  options.path = Text("a.b");
  options.path_is_name = 1;
  CHECK(engine.Call(options).bytes == Int(5));
}

TEST_CASE("paths that lead nowhere say where") {
  const Engine engine;
  engine.Eval("var a = {n: 1, u: undefined}");
  CHECK(engine.Do(PVB_CALL, "nope").message == "`nope` is not defined");
  CHECK(engine.Do(PVB_CALL, "nope").status == PVB_ERR_NOT_FOUND);
  CHECK(engine.Do(PVB_GET, "a.b.c").message == "`a.b` is undefined: cannot read `c`");
  CHECK(engine.Do(PVB_GET, "a.b").message == "`a.b` is not defined");
  CHECK(engine.Do(PVB_GET, "a.u").bytes == Undefined());
  CHECK(engine.Do(PVB_CALL, "a.n").message == "`a.n` is not a function but a number");
  CHECK(engine.Do(PVB_CONSTRUCT, "Math.max").message == "`Math.max` is not a constructor but a function");
  CHECK(engine.Do(PVB_GET, "a..b").status == PVB_ERR_NOT_FOUND);
  CHECK(engine.Do(PVB_GET, ".a").status == PVB_ERR_NOT_FOUND);
  CHECK(engine.Do(PVB_GET, "a.").status == PVB_ERR_NOT_FOUND);
  CHECK(engine.Do(PVB_DELETE, "").status == PVB_ERR_NOT_FOUND);
  CHECK(engine.Do(PVB_SET, "x", Array({})).status == PVB_ERR_USAGE);
}

TEST_CASE("set, has, delete and keys") {
  const Engine engine;
  CHECK(engine.Do(PVB_SET, "v", Array({Str("x")})).status == PVB_OK);
  CHECK(engine.Eval("v").bytes == Str("x"));
  engine.Eval("var o = {b: 1, a: 2, [Symbol()]: 3}");
  CHECK(engine.Do(PVB_KEYS, "o").bytes == std::string("\x92\xA1"
                                                      "b\xA1"
                                                      "a"));
  CHECK(engine.Do(PVB_HAS, "o.b").bytes == Bool(true));
  CHECK(engine.Do(PVB_DELETE, "o.b").bytes == Bool(true));
  CHECK(engine.Do(PVB_HAS, "o.b").bytes == Bool(false));
  CHECK(engine.Do(PVB_HAS, "o.b.c.d").bytes == Bool(false));
  CHECK(engine.Do(PVB_HAS, "nothing").bytes == Bool(false));
  CHECK(engine.Do(PVB_SET, "o.z", Array({Int(3)})).status == PVB_OK);
  CHECK(engine.Eval("o.z").bytes == Int(3));
}

TEST_CASE("a getter on the way that throws is its own error; a name in its dead zone too") {
  const Engine engine;
  engine.Eval(
      "Object.defineProperty(globalThis, 'g', {get() { throw new TypeError('mine') }}); var o = {get x() { throw 1 }}");
  CHECK(engine.Do(PVB_GET, "g").message == "TypeError: mine");
  CHECK(engine.Do(PVB_GET, "g.h").message == "TypeError: mine");
  CHECK(engine.Do(PVB_GET, "o.x").status == PVB_ERR_JS);
  CHECK(engine.Eval("throw 1; let later = 2").status == PVB_ERR_JS);
  CHECK(engine.Do(PVB_GET, "later").status == PVB_ERR_JS);
}

TEST_CASE("handles are that very object, in both directions") {
  const Engine engine;
  const uint64_t object = HandleId(engine.Eval("var kept = {n: 1}; kept", PVB_RESULT_HANDLE).bytes, 'o');
  REQUIRE(object != 0);
  const uint64_t same = HandleId(engine.Eval("(x => x === kept)").bytes, 'f');
  REQUIRE(same != 0);
  CHECK(engine.Do(PVB_CALL, "", Array({Handle('o', object)}), same).bytes == Bool(true));
  CHECK(engine.Do(PVB_GET, "n", {}, object).bytes == Int(1));
  CHECK(engine.Do(PVB_SET, "m", Array({Int(2)}), object).status == PVB_OK);
  CHECK(engine.Eval("kept.m").bytes == Int(2));
  CHECK(engine.Statistics().handles == 2);
  pvb_handle_release(engine.context, object);
  pvb_handle_release(engine.context, object);
  pvb_handle_release(engine.context, 123456789);
  CHECK(engine.Statistics().handles == 1);
  CHECK(engine.Do(PVB_GET, "n", {}, object).status == PVB_ERR_CLOSED);
  CHECK(engine.Do(PVB_CALL, "", Array({Handle('o', object)}), same).status == PVB_ERR_ENCODE);
}

TEST_CASE("symbols come back as themselves, as arguments only") {
  const Engine engine;
  const uint64_t symbol = HandleId(engine.Eval("var s = Symbol('s'); s").bytes, 's');
  REQUIRE(symbol != 0);
  engine.Eval("function same(a, b) { return a === s && b === s }");
  CHECK(engine.Do(PVB_CALL, "same", Array({Handle('s', symbol), Handle('s', symbol)})).bytes == Bool(true));
  CHECK(engine.Do(PVB_CALL, "same", Array({Array({Handle('s', symbol)})})).status == PVB_ERR_ENCODE);
}

TEST_CASE("this, given") {
  const Engine engine;
  engine.Eval("function who(a) { 'use strict'; return [this, a] }");
  pvb_call_options options{};
  options.size = sizeof(options);
  options.path = Text("who");
  options.has_this = 1;
  CHECK(engine.Call(options, Array({Int(1), Str("me")})).bytes == Array({Str("me"), Int(1)}));
  CHECK(engine.Call(options).status == PVB_ERR_USAGE);
}

TEST_CASE("undefined and missing arguments") {
  const Engine engine;
  engine.Eval(
      "Array.prototype[0] = 'patched'; function first() { return arguments.length + ':' + typeof arguments[0] }");
  CHECK(engine.Do(PVB_CALL, "first").bytes == Str("0:undefined"));
  CHECK(engine.Do(PVB_CALL, "first", Array({Undefined()})).bytes == Str("1:undefined"));
  const std::string hole = Message([](pvb::MessageWriter* writer) { writer->WriteHole(); });
  CHECK(engine.Do(PVB_CALL, "first", Array({hole})).bytes == Str("1:undefined"));
}

TEST_CASE("arguments that V8 refuses, and too many of them") {
  const Engine engine;
  engine.Eval("var f = () => 1");
  const std::string regexp = Message([](pvb::MessageWriter* writer) {
    writer->WriteExtHeader(pvb::Ext::kRegExp, 3);
    writer->WriteStr("(");
    writer->WriteStr("");
  });
  const Result result = engine.Do(PVB_CALL, "f", Array({regexp}));
  CHECK(result.status == PVB_ERR_ENCODE);
  CHECK(result.message.find("Invalid regular expression") != std::string::npos);
  const std::string many = Message([](pvb::MessageWriter* writer) {
    writer->WriteArrayHeader(70'000);
    for (int i = 0; i < 70'000; ++i) writer->WriteNil();
  });
  CHECK(engine.Do(PVB_CALL, "f", many).status == PVB_ERR_ENCODE);
  CHECK(engine.Do(PVB_CALL, "f", "\xC1").status == PVB_ERR_ENCODE);
  CHECK(engine.Do(PVB_CALL, "f").bytes == Int(1));
}
