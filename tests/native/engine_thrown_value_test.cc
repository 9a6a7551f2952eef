// Thrown values: an Error with its name and properties, anything else as itself, and never nothing.
#include <doctest/doctest.h>

#include <string>

#include "engine_fixture.h"

using namespace pvb::testing;

namespace {

// Gives a thrown value's message back to JavaScript, as the argument of a function that describes it.
std::string Describe(const Engine& engine, const Result& thrown, const char* function) {
  engine.Eval("describe = " + std::string(function), PVB_RESULT_NONE);
  // The message becomes the only argument. A graph is a whole message, so an Error's [error, name, properties] is the
  // array of arguments itself.
  const std::string arguments = thrown.thrown_error ? thrown.bytes : Array({thrown.bytes});
  const Result described = engine.Do(PVB_CALL, "describe", arguments);
  CHECK(described.message == "");
  return described.bytes;
}

constexpr char kShow[] =
    "(e, name, properties) => JSON.stringify([e instanceof Error, e.message, name, properties, typeof e.stack])";

}  // namespace

TEST_CASE("an Error comes with its name and its own properties") {
  const Engine engine;
  const Result result = engine.Eval(
      "class MyError extends TypeError { constructor(m) { super(m); this.name = 'MyError'; this.code = 42; this.list = "
      "[1] } }"
      "throw new MyError('no')");
  CHECK(result.status == PVB_ERR_JS);
  CHECK(result.thrown_error);
  CHECK(result.message == "MyError: no");
  CHECK(Describe(engine, result, kShow) == Str("[true,\"no\",\"MyError\",{\"code\":42,\"list\":[1]},\"string\"]"));
}

TEST_CASE("identity between an Error and its properties is kept") {
  const Engine engine;
  const Result result = engine.Eval("var e = new Error('x'); e.self = e; e.a = e.b = {}; throw e");
  CHECK(Describe(engine, result, "(e, name, p) => p.self === e && p.a === p.b") == Bool(true));
}

TEST_CASE("what of an Error cannot be cloned is left out, piece by piece") {
  const Engine engine;
  const Result result = engine.Eval(
      "var ran = 0; var e = new Error('x'); e.bad = () => 1; e.good = 1; e.worse = {deep: [Symbol()]};"
      "Object.defineProperty(e, 'getter', {get() { ++ran; return 1 }, enumerable: true});"
      "e.inner = {get g() { ++ran; throw 1 }};"
      "e.hidden = 1; Object.defineProperty(e, 'hidden', {enumerable: false}); throw e");
  CHECK(Describe(engine, result, kShow) == Str("[true,\"x\",\"Error\",{\"good\":1},\"string\"]"));
  CHECK(engine.Eval("ran").bytes == Int(0));
}

TEST_CASE("an Error whose cause, or whose own parts, cannot be cloned is still an Error") {
  const Engine engine;
  Result result = engine.Eval("throw Object.assign(new RangeError('x', {cause: () => 1}), {k: 1})");
  CHECK(result.thrown_error);
  CHECK(Describe(engine, result, kShow) == Str("[true,\"x\",\"RangeError\",{\"k\":1},\"string\"]"));
  result = engine.Eval("throw Object.defineProperty(new Error('x'), 'name', {get() { throw 1 }})");
  CHECK(result.thrown_error);
  CHECK(Describe(engine, result, "(e, name) => e.message + name") == Str("xError"));
  result = engine.Eval("let c; for (let i = 0; i < 5000; ++i) c = new Error('e' + i, {cause: c}); throw c");
  CHECK(result.thrown_error);
  CHECK(Describe(engine, result, "e => e.message") == Str("e4999"));
}

TEST_CASE("other values are thrown as themselves, with a sane sentence") {
  const Engine engine;
  CHECK(engine.Eval("throw 5").bytes == Int(5));
  CHECK(engine.Eval("throw 5").message == "5");
  CHECK(engine.Eval("throw null").bytes == "\xC0");
  CHECK(engine.Eval("throw undefined").bytes == Undefined());
  CHECK(engine.Eval("throw 'a\\0b'").message == std::string("a\0b", 3));
  Result result = engine.Eval("throw {code: 7}");
  CHECK_FALSE(result.thrown_error);
  CHECK(result.message == "#<Object>");
  CHECK(Describe(engine, result, "x => x.code") == Int(7));
  result = engine.Eval("throw Symbol('s')");
  CHECK(result.message == "Symbol(s)");
  CHECK(HandleId(result.bytes, 's') != 0);
  CHECK(HandleId(engine.Eval("throw () => 1").bytes, 'f') != 0);
  CHECK(HandleId(engine.Eval("throw Promise.resolve()").bytes, 'p') != 0);
  CHECK(HandleId(engine.Eval("throw {f() {}}").bytes, 'o') != 0);
  CHECK(HandleId(engine.Eval("throw new Proxy({}, {get() { throw 1 }})").bytes, 'o') != 0);
}

TEST_CASE("a hostile toString is not asked") {
  const Engine engine;
  const Result result = engine.Eval(
      "var asked = 0; throw {toString() { ++asked; throw 1 }, valueOf() { ++asked; throw 2 }, [Symbol.toPrimitive]() { "
      "++asked }}");
  CHECK(result.status == PVB_ERR_JS);
  CHECK(result.message == "[object Object]");
  CHECK(HandleId(result.bytes, 'o') != 0);
  CHECK(engine.Eval("asked").bytes == Int(0));
}

TEST_CASE("patched prototypes do not reach into the description") {
  const Engine engine;
  engine.Eval(
      "var hits = 0; for (const p of [Array.prototype, Object.prototype]) for (const k of ['0', '1', 'code'])"
      "Object.defineProperty(p, k, {set() { ++hits }, get() { ++hits }, configurable: true})");
  const Result result = engine.Eval(
      "const e = new Error('x');"
      "Object.defineProperty(e, 'code', {value: 3, enumerable: true}); throw e");
  CHECK(result.thrown_error);
  engine.Eval("for (const p of [Array.prototype, Object.prototype]) for (const k of ['0', '1', 'code']) delete p[k]");
  CHECK(Describe(engine, result, "(e, name, p) => p.code") == Int(3));
  CHECK(engine.Eval("hits").bytes == Int(0));
}
