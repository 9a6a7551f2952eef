// What cannot be cloned: handles for whole results, and a path for what lies inside.
#include <doctest/doctest.h>

#include <string>

#include "engine_fixture.h"

using namespace pvb::testing;

TEST_CASE("what cannot be cloned as a whole becomes a handle") {
  const Engine engine;
  CHECK(HandleId(engine.Eval("(() => 1)").bytes, 'f') != 0);
  CHECK(HandleId(engine.Eval("(class {})").bytes, 'f') != 0);
  CHECK(HandleId(engine.Eval("new Proxy(() => 1, {})").bytes, 'f') != 0);
  CHECK(HandleId(engine.Eval("Symbol('x')").bytes, 's') != 0);
  for (const char* code :
       {"new Proxy({}, {})", "new WeakMap()", "new WeakSet()", "new WeakRef({})", "(function*() {})()",
        "[][Symbol.iterator]()", "new Map().entries()", "Object(Symbol())", "new SharedArrayBuffer(8)",
        "new Uint8Array(new SharedArrayBuffer(8))", "new Intl.NumberFormat()", "new FinalizationRegistry(() => 1)",
        "new WebAssembly.Memory({initial: 1})", "new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))",
        "(function() { return arguments })(1)"}) {
    CAPTURE(code);
    const Result result = engine.Eval(code);
    CHECK(result.status == PVB_OK);
    CHECK(HandleId(result.bytes, 'o') != 0);
  }
}

TEST_CASE("the path leads to what cannot be cloned") {
  const Engine engine;
  struct Case {
    const char* code;
    const char* path;
    const char* message;
  };
  for (const Case& c : {
           Case{"({rows: [1, 2, {when: () => 1}]})", "$.rows[2].when", "a function cannot be cloned"},
           Case{"[Symbol()]", "$[0]", "a symbol cannot be cloned"},
           Case{"[[Promise.resolve()]]", "$[0][0]", "a Promise cannot be cloned"},
           Case{"({'a b': {'q\"': new Proxy({}, {})}})", "$[\"a b\"][\"q\\\"\"]", "a Proxy cannot be cloned"},
           Case{"({5: {x: new WeakMap()}})", "$[\"5\"].x", "an object of type WeakMap cannot be cloned"},
           Case{"new Map([[1, 2], ['k', new WeakRef({})]])", "$.values()[1]",
                "an object of type WeakRef cannot be cloned"},
           Case{"new Map([[() => 1, 2]])", "$.keys()[0]", "a function cannot be cloned"},
           Case{"({s: new Set([1, [() => 1]])})", "$.s.values()[1][0]", "a function cannot be cloned"},
           Case{"Object.assign([1, [2]], {extra: () => 1})", "$.extra", "a function cannot be cloned"},
           Case{"[,, Object.assign([[() => 1]], {x: 1})]", "$[2][0][0]", "a function cannot be cloned"},
           Case{"({e: new Error('x', {cause: () => 1})})", "$.e.cause", "a function cannot be cloned"},
           Case{"[new SharedArrayBuffer(1)]", "$[0]", "a SharedArrayBuffer cannot be cloned"},
           Case{"[new Uint8Array(new SharedArrayBuffer(1))]", "$[0]",
                "a view on a SharedArrayBuffer, or on a shrunk buffer cannot be cloned"},
           Case{"[new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])), 1]", "$[0]",
                "a WebAssembly.Module cannot be cloned"},
           Case{"const loop = {}; loop.self = loop; loop.last = () => 1; loop", "$.last",
                "a function cannot be cloned"},
           Case{"({get early() { return 1 }, late: {f() {}}})", "$.late.f", "a function cannot be cloned"},
       }) {
    CAPTURE(c.code);
    const Result result = engine.Eval(c.code);
    CHECK(result.status == PVB_ERR_CLONE);
    CHECK(result.path == c.path);
    CHECK(result.message == c.message);
  }
}

TEST_CASE("the walk runs no getter and no trap, and the serializer each getter once") {
  const Engine engine;
  const Result result =
      engine.Eval("var calls = 0; ({get a() { ++calls; return 1 }, b: () => 1, get c() { ++calls }})");
  CHECK(result.status == PVB_ERR_CLONE);
  CHECK(result.path == "$.b");
  CHECK(engine.Eval("calls").bytes == Int(1));
  CHECK(engine.Eval("calls = 0; ({get a() { ++calls; return () => 1 }})").status == PVB_ERR_CLONE);
  CHECK(engine.Eval("calls").bytes == Int(1));
  CHECK(engine.Eval("calls = 0; [new Proxy({}, {get() { ++calls }, ownKeys() { ++calls; return [] }})]").path ==
        "$[0]");
  CHECK(engine.Eval("calls").bytes == Int(0));
  CHECK(engine.Eval("Object.defineProperty(Array.prototype, 1, {get() { ++calls }, configurable: true}); [1,,() => 1]")
            .path == "$[2]");
  CHECK(engine.Eval("delete Array.prototype[1]; calls").bytes == Int(0));
}

TEST_CASE("a getter's own exception passes through") {
  const Engine engine;
  const Result result = engine.Eval("({get a() { throw new RangeError('mine') }})", PVB_RESULT_VALUE, "g.js");
  CHECK(result.status == PVB_ERR_JS);
  CHECK(result.message == "RangeError: mine");
  CHECK(result.filename == "g.js");
  const Result deep = engine.Eval("({get a() { return (function f() { return f() + 1 })() }})");
  CHECK(deep.status == PVB_ERR_JS);
  CHECK(deep.message == "RangeError: Maximum call stack size exceeded");
}

TEST_CASE("what is nested too deeply is a clone error, for V8's limit and for ours") {
  const Engine engine;
  for (const char* depth : {"600", "100000"}) {
    CAPTURE(depth);
    const Result result =
        engine.Eval("var deep = []; for (let i = 0; i < " + std::string(depth) + "; ++i) deep = [deep]; deep");
    CHECK(result.status == PVB_ERR_CLONE);
    CHECK(result.message.find("deep") != std::string::npos);
  }
  CHECK(engine.Eval("var far = () => 1; for (let i = 0; i < 400; ++i) far = [far]; far").path.size() == 1 + 400 * 3);
}
