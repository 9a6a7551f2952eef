// Scripts: their values, names, errors and microtasks.
#include <doctest/doctest.h>

#include <string>

#include "engine_fixture.h"

using namespace pvb::testing;

TEST_CASE("primitives as whole results") {
  const Engine engine;
  CHECK(engine.Eval("1 + 1").bytes == Int(2));
  CHECK(engine.Eval("-2147483648").bytes == Int(-2147483648LL));
  CHECK(engine.Eval("2**53 - 1").bytes == Int(9007199254740991));
  CHECK(engine.Eval("2**53").bytes == std::string("\xCB\x43\x40\0\0\0\0\0\0", 9));
  CHECK(engine.Eval("-0").bytes == std::string("\xCB\x80\0\0\0\0\0\0\0", 9));
  CHECK(engine.Eval("0.5").bytes == std::string("\xCB\x3F\xE0\0\0\0\0\0\0", 9));
  CHECK(engine.Eval("true").bytes == "\xC3");
  CHECK(engine.Eval("null").bytes == "\xC0");
  CHECK(engine.Eval("undefined").bytes == Undefined());
  CHECK(engine.Eval("").bytes == Undefined());
  CHECK(engine.Eval("'h\xC3\xA9 \xE2\x82\xAC'").bytes == Str("h\xC3\xA9 \xE2\x82\xAC"));
  CHECK(engine.Eval("'\\xe9'").bytes == Str("\xC3\xA9"));
  CHECK(engine.Eval("''").bytes == Str(""));
  CHECK(engine.Eval("'a\\ud800'").bytes == std::string("\xD6\x04"
                                                       "a\0\0\xD8",
                                                       6));
  CHECK(engine.Eval("0n").bytes == std::string("\xC7\0\x03", 3));
  CHECK(engine.Eval("-129n").bytes == std::string("\xD5\x03\x7F\xFF", 4));
}

TEST_CASE("an array and an object as a whole result") {
  const Engine engine;
  CHECK(engine.Eval("[1, 'a']").bytes == std::string("\x92\x01\xA1"
                                                     "a"));
  CHECK(engine.Eval("({a: [true]})").bytes == std::string("\xDE\0\x01\xA1"
                                                          "a\x91\xC3",
                                                          7));
}

TEST_CASE("no result and results as handles") {
  const Engine engine;
  CHECK(engine.Eval("[1]", PVB_RESULT_NONE).bytes.empty());
  CHECK(HandleId(engine.Eval("[1]", PVB_RESULT_HANDLE).bytes, 'o') != 0);
  CHECK(HandleId(engine.Eval("Promise.resolve(1)", PVB_RESULT_HANDLE).bytes, 'p') != 0);
  CHECK(engine.Eval("5", PVB_RESULT_HANDLE).bytes == Int(5));
}

TEST_CASE("a syntax error has its place") {
  const Engine engine;
  const Result result = engine.Eval("let ok = 1;\nlet x = = 2;", PVB_RESULT_VALUE, "bad.js");
  CHECK(result.status == PVB_ERR_SYNTAX);
  CHECK(result.message == "SyntaxError: Unexpected token '='");
  CHECK(result.filename == "bad.js");
  CHECK(result.source_line == "let x = = 2;");
  CHECK(result.line == 2);
  CHECK(result.column == 9);
  CHECK(result.end_column == 10);
  CHECK(result.thrown_error);
}

TEST_CASE("a thrown error has its place, also when the function is called later") {
  const Engine engine;
  const Result result = engine.Eval("\n  missing();", PVB_RESULT_VALUE, "a.js", 10);
  CHECK(result.status == PVB_ERR_JS);
  CHECK(result.message == "ReferenceError: missing is not defined");
  CHECK(result.filename == "a.js");
  CHECK(result.source_line == "  missing();");
  CHECK(result.line == 12);
  CHECK(result.column == 3);
  CHECK(engine.Eval("function f() { null.x }", PVB_RESULT_NONE, "f.js").status == PVB_OK);
  const Result later = engine.Do(PVB_CALL, "f");
  CHECK(later.status == PVB_ERR_JS);
  CHECK(later.filename == "f.js");
  CHECK(later.line == 1);
  CHECK(engine.Eval("throw 1").filename == "<eval>");
}

TEST_CASE("microtasks run before the result leaves, also after an exception") {
  const Engine engine;
  CHECK(engine.Eval("const box = [1]; Promise.resolve().then(() => box.push(2)); box").bytes == "\x92\x01\x02");
  CHECK(engine.Eval("var seen = 0; Promise.resolve().then(() => seen = 1); throw 2").status == PVB_ERR_JS);
  CHECK(engine.Eval("seen").bytes == Int(1));
  CHECK(engine.Eval("Promise.reject(new Error('nobody listens')); 3").bytes == Int(3));
}

TEST_CASE("a Promise as a result is a handle") {
  const Engine engine;
  const Result result = engine.Eval("Promise.resolve(1)");
  CHECK(result.status == PVB_OK);
  CHECK(HandleId(result.bytes, 'p') != 0);
}

TEST_CASE("recursion without end is a RangeError") {
  const Engine engine;
  const Result result = engine.Eval("(function f() { f() })()");
  CHECK(result.status == PVB_ERR_JS);
  CHECK(result.message == "RangeError: Maximum call stack size exceeded");
  CHECK(engine.Eval("1").bytes == Int(1));
}

TEST_CASE("contexts of one isolate have globals of their own") {
  const Engine engine;
  pvb_context* other = nullptr;
  REQUIRE(pvb_context_create(engine.isolate, nullptr, &other, nullptr) == PVB_OK);
  CHECK(engine.Eval("globalThis.x = 1; typeof x").bytes == Str("number"));
  pvb_result result{};
  const pvb_status status = pvb_eval(other, Text("typeof x"), nullptr, &result);
  CHECK(Take(status, &result).bytes == Str("undefined"));
  pvb_context_destroy(other);
}

TEST_CASE("timings are filled when asked for") {
  const Engine engine;
  pvb_timings timings{};
  pvb_eval_options options{};
  options.size = sizeof(options);
  options.timings = &timings;
  pvb_result result{};
  REQUIRE(pvb_eval(engine.context, Text("let a = []; for (let i = 0; i < 1e5; ++i) a.push(i); a"), &options, &result) ==
          PVB_OK);
  pvb_result_clear(&result);
  CHECK(timings.execute > 0);
  CHECK(timings.serialize > 0);
  CHECK(timings.wire_to_message > 0);
  CHECK(timings.message_to_wire == 0);
}
