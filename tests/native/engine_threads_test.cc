// Threads, termination, closing, forking: whoever is inside, nothing hangs and nothing reaches the wrong call.
#include <doctest/doctest.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "engine_fixture.h"

using namespace pvb::testing;
using namespace std::chrono_literals;

namespace {

// Exit code of a child process that runs `body`; -1 when it died of a signal.
template <typename Body>
int InChild(Body body) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    _exit(body());
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Terminates whatever runs, again and again, until `done`.
void TerminateUntil(const std::atomic<bool>& done, const Engine& engine) {
  while (!done) {
    pvb_isolate_terminate(engine.isolate);
    std::this_thread::sleep_for(1ms);
  }
}

Result EvalTerminated(const Engine& engine, const char* code) {
  std::atomic<bool> done{false};
  std::thread killer([&] {
    std::this_thread::sleep_for(20ms);
    TerminateUntil(done, engine);
  });
  Result result = engine.Eval(code);
  done = true;
  killer.join();
  return result;
}

template <typename Body>
void OnStackOf(size_t bytes, Body body) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  REQUIRE(pthread_attr_setstacksize(&attributes, bytes) == 0);
  pthread_t thread;
  const auto run = [](void* pointer) -> void* {
    (*static_cast<Body*>(pointer))();
    return nullptr;
  };
  REQUIRE(pthread_create(&thread, &attributes, run, &body) == 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

}  // namespace

// The first case of the file: V8 must not have been started in this process.
TEST_CASE("fork before the first use works") {
  CHECK(InChild([] {
          const Engine engine;
          return engine.Eval("40 + 2").bytes == Int(42) ? 0 : 1;
        }) == 0);
}

TEST_CASE("fork after use is a clear error in the child, and harmless in the parent") {
  const Engine engine;
  CHECK(engine.Eval("1").bytes == Int(1));
  CHECK(InChild([&engine] {
          if (engine.Eval("1").status != PVB_ERR_FORK) return 1;
          if (engine.Do(PVB_GET, "x").status != PVB_ERR_FORK) return 2;
          pvb_isolate* fresh = nullptr;
          if (pvb_isolate_create(nullptr, &fresh, nullptr) != PVB_ERR_FORK || fresh != nullptr) return 3;
          if (pvb_isolate_terminate(engine.isolate) != PVB_ERR_FORK) return 4;
          if (pvb_isolate_close(engine.isolate, nullptr) != PVB_ERR_FORK) return 5;
          pvb_handle_release(engine.context, 1);
          pvb_context_destroy(engine.context);
          pvb_isolate_destroy(engine.isolate);
          return 0;
        }) == 0);
  CHECK(engine.Eval("2").bytes == Int(2));
}

TEST_CASE("terminate ends what runs, wherever it is, and the isolate works on") {
  const Engine engine;
  for (const char* code : {
           "for (;;) {}",
           "for (;;) { try { for (;;) {} } catch (e) {} finally { for (;;) {} } }",
           "/(a+)+$/.test('a'.repeat(40) + 'b')",
           "({get a() { for (;;) {} }})",
           "(function f() { Promise.resolve().then(f) })(); 1",
           "Promise.resolve().then(() => { for (;;) {} }); throw 1",
           "new Error('x', {cause: {get a() { for (;;) {} }}})",
           "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
           "var many = []; for (let i = 0; i < 1e9; ++i) many.push({i})",
       }) {
    CAPTURE(code);
    const Result result = EvalTerminated(engine, code);
    CHECK(result.status == PVB_ERR_TERMINATED);
    CHECK(result.bytes.empty());
    CHECK(engine.Eval("many = null; 1 + 1").bytes == Int(2));
    CHECK(engine.Eval("'' + new Error('fine').message").bytes == Str("fine"));
  }
}

TEST_CASE("microtasks of a terminated call do not run in the next one") {
  const Engine engine;
  engine.Eval("var late = 0");
  CHECK(EvalTerminated(engine,
                       "for (let i = 0; i < 3; ++i) Promise.resolve().then(() => { ++late; for (;;) {} }); for (;;) {}")
            .status == PVB_ERR_TERMINATED);
  CHECK(engine.Eval("late").bytes == Int(0));
  CHECK(engine.Eval("late").bytes == Int(0));
  CHECK(engine.Eval("Promise.resolve().then(() => late = 5); 1").bytes == Int(1));
  CHECK(engine.Eval("late").bytes == Int(5));
}

TEST_CASE("a terminate with nothing running does nothing") {
  const Engine engine;
  for (int i = 0; i < 100; ++i) {
    CHECK(pvb_isolate_terminate(engine.isolate) == PVB_OK);
    CHECK(engine.Eval("1").bytes == Int(1));
  }
}

TEST_CASE("a terminate around a call's end hits that call or none") {
  const Engine engine;
  engine.Eval("function f(x) { return {x} }");
  std::atomic<bool> done{false};
  std::atomic<int> calls{0};
  // One terminate for each call that is over or nearly so; the call after it must not feel it.
  std::thread killer([&] {
    while (!done) pvb_isolate_terminate(engine.isolate);
  });
  int terminated = 0;
  int other = 0;
  // On a busy machine the killer may get its turn late.
  for (int i = 0; i < 3000 || (terminated == 0 && i < 3000000); ++i) {
    const Result result = engine.Do(PVB_CALL, "f", Array({Int(1)}));
    if (result.status == PVB_ERR_TERMINATED) {
      ++terminated;
    } else if (result.status != PVB_OK) {
      ++other;
    }
  }
  done = true;
  killer.join();
  CHECK(other == 0);
  CHECK(terminated > 0);
  for (int i = 0; i < 100; ++i) CHECK(engine.Do(PVB_CALL, "f", Array({Int(1)})).status == PVB_OK);
}

TEST_CASE("many threads, one isolate") {
  const Engine engine;
  engine.Eval("var n = 0; function add(x) { const was = n; for (let i = 0; i < 50; ++i); n = was + x; return [n] }");
  std::vector<std::thread> threads;
  std::atomic<int> failures{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        if (engine.Do(PVB_CALL, "add", Array({Int(1)})).status != PVB_OK) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failures == 0);
  CHECK(engine.Eval("n").bytes == Int(2000));
}

TEST_CASE("close while others run and wait: they are terminated or find it closed") {
  for (int round = 0; round < 5; ++round) {
    const Engine engine;
    std::vector<std::thread> threads;
    std::atomic<int> wrong{0};
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        const pvb_status status = engine.Eval("for (;;) {}").status;
        if (status != PVB_ERR_TERMINATED && status != PVB_ERR_CLOSED) ++wrong;
        if (engine.Eval("1").status != PVB_ERR_CLOSED) ++wrong;
        pvb_isolate_terminate(engine.isolate);
      });
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(round * 3));
    CHECK(pvb_isolate_close(engine.isolate, nullptr) == PVB_OK);
    CHECK(pvb_isolate_close(engine.isolate, nullptr) == PVB_OK);
    CHECK(pvb_context_close(engine.context, nullptr) == PVB_OK);
    for (std::thread& thread : threads) thread.join();
    CHECK(wrong == 0);
    pvb_handle_release(engine.context, 1);
    CHECK(engine.Statistics().contexts == 0);
    pvb_context* late = nullptr;
    CHECK(pvb_context_create(engine.isolate, nullptr, &late, nullptr) == PVB_ERR_CLOSED);
  }
}

TEST_CASE("destroying while another thread is inside never waits and never hurts it") {
  auto* engine = new Engine;
  pvb_context* other = nullptr;
  REQUIRE(pvb_context_create(engine->isolate, nullptr, &other, nullptr) == PVB_OK);
  std::atomic<bool> entered{false};
  std::thread runner([&] {
    entered = true;
    CHECK(engine->Eval("const end = Date.now() + 100; while (Date.now() < end); 7").bytes == Int(7));
  });
  while (!entered) std::this_thread::yield();
  std::this_thread::sleep_for(20ms);
  const auto before = std::chrono::steady_clock::now();
  pvb_context_destroy(other);
  CHECK(std::chrono::steady_clock::now() - before < 50ms);
  runner.join();
  CHECK(engine->Statistics().contexts == 1);
  // A context keeps its isolate alive.
  pvb_isolate_destroy(engine->isolate);
  engine->isolate = nullptr;
  CHECK(engine->Eval("8").bytes == Int(8));
  delete engine;
}

TEST_CASE("closing a context leaves its isolate and the others") {
  const Engine engine;
  pvb_context* other = nullptr;
  REQUIRE(pvb_context_create(engine.isolate, nullptr, &other, nullptr) == PVB_OK);
  CHECK(pvb_context_close(other, nullptr) == PVB_OK);
  CHECK(pvb_context_close(other, nullptr) == PVB_OK);
  CHECK(pvb_eval(other, Text("1"), nullptr, nullptr) == PVB_ERR_CLOSED);
  CHECK(engine.Eval("1").bytes == Int(1));
  pvb_context_destroy(other);
}

TEST_CASE("1,000 contexts come and go") {
  const Engine engine;
  for (int i = 0; i < 1000; ++i) {
    pvb_context* context = nullptr;
    REQUIRE(pvb_context_create(engine.isolate, nullptr, &context, nullptr) == PVB_OK);
    CHECK(pvb_eval(context, Text("var x = [1, 2, 3]; x"), nullptr, nullptr) == PVB_OK);
    pvb_context_destroy(context);
  }
  CHECK(engine.Statistics().contexts == 1);
}

TEST_CASE("small stacks: recursion is a RangeError, and too small ones are refused") {
  const Engine engine;
  // The smaller one first: glibc gives used stacks again, also larger ones than were asked for.
  OnStackOf(128 * 1024, [&engine] {
    const Result result = engine.Eval("1");
    CHECK(result.status == PVB_ERR_ENGINE);
    CHECK(result.message.find("KiB") != std::string::npos);
    pvb_isolate* isolate = nullptr;
    CHECK(pvb_isolate_create(nullptr, &isolate, nullptr) == PVB_ERR_ENGINE);
  });
  OnStackOf(256 * 1024, [&engine] {
    CHECK(engine.Eval("(function f() { f() })()").message == "RangeError: Maximum call stack size exceeded");
    CHECK(engine.Eval("JSON.stringify(JSON.parse('['.repeat(5000)))").status == PVB_ERR_JS);
    CHECK(engine.Eval("let d = []; for (let i = 0; i < 1e4; ++i) d = [d]; d").status == PVB_ERR_CLONE);
  });
  CHECK(engine.Eval("1").bytes == Int(1));
}
