// Memory limits: scripts that want too much are stopped, and the context works on.
#include <doctest/doctest.h>

#include <string>

#include "engine_fixture.h"

using namespace pvb::testing;

namespace {

constexpr uint64_t kMiB = uint64_t{1} << 20;

}  // namespace

TEST_CASE("a heap that grows past its limit ends the call, and the context works on") {
  const Engine engine(32 * kMiB);
  for (const char* code : {
           "const a = []; for (;;) a.push({ n: a.length })",
           "const m = new Map(); for (let i = 0;; ++i) m.set(i, [i])",
           "let s = 'x'; const a = []; for (;;) a.push((s + a.length).repeat(100))",
           "try { const a = []; for (;;) a.push([1, 2, 3]) } catch { } finally { 1 }",
           "Promise.resolve().then(function grow(x) { return Promise.all([grow, grow].map(f => Promise.resolve([x, "
           "x]).then(f))) }); 0",
       }) {
    CAPTURE(code);
    const Result result = engine.Eval(std::string("{ ") + code + " }");
    CHECK(result.status == PVB_ERR_MEMORY_LIMIT);
    CHECK(engine.Eval("6 * 7").bytes == Int(42));
  }
}

TEST_CASE("the limit holds again after it was hit") {
  const Engine engine(32 * kMiB);
  for (int i = 0; i < 5; ++i) {
    CHECK(engine.Eval("{ const a = []; for (;;) a.push({ n: a.length }) }").status == PVB_ERR_MEMORY_LIMIT);
    CHECK(engine.Statistics().used_heap_bytes < 32 * kMiB);
    CHECK(engine.Statistics().heap_limit_bytes < 128 * kMiB);
  }
}

TEST_CASE("what is alive at the limit can still be let go of") {
  const Engine engine(32 * kMiB);
  CHECK(engine.Eval("globalThis.kept = []; for (;;) kept.push({ n: kept.length })").status == PVB_ERR_MEMORY_LIMIT);
  CHECK(engine.Eval("kept = null; 1").bytes == Int(1));
  CHECK(engine.Eval("Array.from({ length: 1000 }, (_, i) => i).length").bytes == Int(1000));
}

TEST_CASE("call after call that is stopped adds no more to what is alive than the limit once over") {
  const Engine engine(16 * kMiB);
  engine.Eval("globalThis.kept = []");
  Result result;
  for (int i = 0; i < 60; ++i) {
    result = engine.Eval("for (;;) kept.push({})");
    CHECK(result.status == PVB_ERR_MEMORY_LIMIT);
  }
  CHECK(result.message.find("no JavaScript runs") != std::string::npos);
  const uint64_t held = engine.Statistics().used_heap_bytes;
  CHECK(held > 32 * kMiB);
  CHECK(held < 44 * kMiB);  // one call's part more
  CHECK(engine.Eval("kept = null").status == PVB_ERR_MEMORY_LIMIT);
  CHECK(engine.Statistics().used_heap_bytes <= held);
}

TEST_CASE("V8's limit is the first one again once there is room") {
  const Engine engine(32 * kMiB);
  const uint64_t first = engine.Statistics().heap_limit_bytes;
  engine.Eval("globalThis.kept = []");
  for (int i = 0; i < 3; ++i) CHECK(engine.Eval("for (;;) kept.push({})").status == PVB_ERR_MEMORY_LIMIT);
  CHECK(engine.Statistics().heap_limit_bytes > first);
  engine.Eval("kept = null", PVB_RESULT_NONE);
  CHECK(pvb_isolate_collect_garbage(engine.isolate, 0, nullptr) == PVB_OK);
  CHECK(engine.Statistics().heap_limit_bytes == first);
}

TEST_CASE("ArrayBuffers count, and go back when they are garbage") {
  const Engine engine(32 * kMiB);
  const Result result = engine.Eval("{ const b = []; for (;;) b.push(new Uint8Array(1e6)) }");
  CHECK(result.status == PVB_ERR_JS);
  CHECK(result.message.find("RangeError") != std::string::npos);
  CHECK(engine.Eval("new ArrayBuffer(2 ** 33)").message.find("RangeError") != std::string::npos);
  CHECK(engine.Eval("{ let n = 0; for (let i = 0; i < 500; ++i) n += new Uint8Array(1e6).length; n }").bytes ==
        Int(500'000'000));
  // The smallest are never refused: V8 could not survive it.
  const Result full = engine.Eval(
      "{ const b = []; for (const size of [1e6, 1e5, 1e4, 1e3, 100, 65]) "
      "try { for (let i = 0; i < 1000; ++i) b.push(new Uint8Array(size).buffer) } catch { } "
      "for (let i = 0; i < 20; ++i) b.push(new Uint8Array(64).buffer); b.at(-1).byteLength }");
  CHECK((full.bytes == Int(64) || full.status == PVB_ERR_MEMORY_LIMIT));
  CHECK(engine.Eval("1").bytes == Int(1));
}

TEST_CASE("heap and ArrayBuffers share one limit") {
  const Engine engine(64 * kMiB);
  // 40 MiB each would fit alone.
  CHECK(engine.Eval("globalThis.held = new Uint8Array(40 * 2 ** 20); held.length").bytes == Int(40 * 1024 * 1024));
  const Result result =
      engine.Eval("{ const a = []; while (a.length < 40) a.push(new Array(2 ** 17).fill(a.length)); 1 }");
  CHECK(result.status == PVB_ERR_MEMORY_LIMIT);
  CHECK(engine.Eval("held.length").bytes == Int(40 * 1024 * 1024));
  CHECK(engine.Eval("held = null; { const a = []; while (a.length < 40) a.push(new Array(2 ** 17).fill(a.length)); 1 }")
            .bytes == Int(1));
}

TEST_CASE("values that do not fit are refused on their way in and out") {
  const Engine engine(32 * kMiB);
  CHECK(engine.Eval("'x'.repeat(2 ** 20).repeat(1)").status == PVB_OK);
  CHECK(engine.Eval("Array(64).fill('x'.repeat(2 ** 20))").status == PVB_ERR_MEMORY_LIMIT);
  CHECK(engine.Eval("'x'.repeat(2 ** 29 - 24)").status == PVB_ERR_MEMORY_LIMIT);
  engine.Eval("var size = (x) => x.length");
  CHECK(engine.Do(PVB_CALL, "size", Array({Str(std::string(100'000, 'x').c_str())})).bytes == Int(100'000));
  CHECK(engine.Do(PVB_CALL, "size", Array({Str(std::string(40'000'000, 'x').c_str())})).status == PVB_ERR_MEMORY_LIMIT);
  CHECK(engine.Eval("1").bytes == Int(1));
}

TEST_CASE("without a limit, V8's own has the same effect") {
  const Engine engine;
  CHECK(engine.Eval("{ const a = []; for (;;) a.push(new Array(2 ** 16).fill(1.5)) }").status == PVB_ERR_MEMORY_LIMIT);
  CHECK(engine.Eval("1").bytes == Int(1));
}

TEST_CASE("a limit that V8 cannot start with is refused") {
  pvb_isolate_options options{};
  options.size = sizeof(options);
  options.memory_limit = 8 * kMiB - 1;
  pvb_isolate* isolate = nullptr;
  CHECK(pvb_isolate_create(&options, &isolate, nullptr) == PVB_ERR_USAGE);
  CHECK(isolate == nullptr);
  const Engine smallest(8 * kMiB);
  CHECK(smallest.Eval("1").bytes == Int(1));
  CHECK(smallest.Eval("{ const a = []; for (;;) a.push({}) }").status == PVB_ERR_MEMORY_LIMIT);
  CHECK(smallest.Eval("1").bytes == Int(1));
}

TEST_CASE("statistics tell heap and buffers apart, and garbage can be collected") {
  const Engine engine(64 * kMiB);
  engine.Eval("globalThis.b = new Uint8Array(10 * 2 ** 20)", PVB_RESULT_NONE);
  CHECK(engine.Statistics().buffer_bytes == 10 * kMiB);
  CHECK(engine.Statistics().memory_limit_bytes == 64 * kMiB);
  engine.Eval("b = null", PVB_RESULT_NONE);
  CHECK(pvb_isolate_collect_garbage(engine.isolate, 0, nullptr) == PVB_OK);
  CHECK(pvb_isolate_collect_garbage(engine.isolate, 1, nullptr) == PVB_OK);
  CHECK(engine.Statistics().buffer_bytes == 0);
  CHECK(engine.Statistics().physical_heap_bytes > 0);
}
