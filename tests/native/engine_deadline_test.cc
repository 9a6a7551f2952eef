// Deadlines: whatever a script does, the call ends in time, says why, and leaves the context as it was.
#include <doctest/doctest.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "engine_fixture.h"

using namespace pvb::testing;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int64_t kMillisecond = 1'000'000;

int64_t MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start).count();
}

// Generous, for machines that do other things too: what is tested is that the call ends because of its deadline.
constexpr int64_t kInTime = 5000;

}  // namespace

TEST_CASE("a deadline ends whatever runs, and the context works on") {
  const Engine engine;
  for (const char* code : {
           "while (true);",
           "for (;;) try { for (;;); } catch { } finally { }",
           "/(a+)+$/.test('a'.repeat(40) + 'b')",
           "Promise.resolve().then(function again() { return Promise.resolve().then(again) }); 0",
           "(function flood() { Promise.resolve().then(flood) })(); 0",
           "({ get a() { while (true); } })",
           "({ get a() { try { while (true); } finally { return 1 } } })",
           "new Proxy({}, { get() { while (true); } }).x",
           "[3, 2, 1].sort(() => { while (true); })",
           "let e = new Error('x'); Object.defineProperty(e, 'name', { get() { while (true); } }); throw e",
           "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
           "let many = []; for (;;) many.push(JSON.stringify(many.slice(-10)))",
           "10n ** 100000n; for (;;) BigInt('9'.repeat(1000))",
       }) {
    CAPTURE(code);
    const auto start = Clock::now();
    const Result result = engine.EvalWithin(30 * kMillisecond, std::string("{ ") + code + " }");
    CHECK(result.status == PVB_ERR_TIMEOUT);
    CHECK(result.bytes.empty());
    CHECK(MillisecondsSince(start) >= 29);
    CHECK(MillisecondsSince(start) < kInTime);
    CHECK(engine.Eval("6 * 7").bytes == Int(42));
  }
}

TEST_CASE("a call has its isolate's deadline, its own, or none") {
  const Engine engine(0, 30 * kMillisecond);
  const char* const spin = "for (const end = Date.now() + 150; Date.now() < end;); 1";
  CHECK(engine.EvalWithin(0, spin).status == PVB_ERR_TIMEOUT);
  CHECK(engine.EvalWithin(-1, spin).bytes == Int(1));
  CHECK(engine.EvalWithin(60'000 * kMillisecond, spin).bytes == Int(1));
  CHECK(engine.Eval(spin).status == PVB_ERR_TIMEOUT);
  engine.Eval("function spin() { while (true); }", PVB_RESULT_NONE);
  CHECK(engine.Do(PVB_CALL, "spin").status == PVB_ERR_TIMEOUT);
  pvb_call_options options{};
  options.size = sizeof(options);
  options.path = Text("spin");
  options.timeout = -1;
  options.cpu_timeout = 20 * kMillisecond;
  CHECK(engine.Call(options).status == PVB_ERR_TIMEOUT);
}

TEST_CASE("CPU time counts only what the thread uses") {
  const Engine engine;
  // Half a second of sleep takes no CPU time to speak of.
  CHECK(engine
            .EvalWithin(0, "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)",
                        /*cpu_timeout=*/400 * kMillisecond)
            .bytes == Str("timed-out"));
  const Result result = engine.EvalWithin(0, "while (true);", 50 * kMillisecond);
  CHECK(result.status == PVB_ERR_TIMEOUT);
  CHECK(result.message.find("CPU") != std::string::npos);
}

TEST_CASE("V8 reading arguments and writing results is within the deadline") {
  const Engine engine;
  engine.Eval("var big = Array.from({ length: 300000 }, (_, i) => ({ i, s: 'text ' + i })); var id = x => x");
  const auto start = Clock::now();
  CHECK(engine.EvalWithin(1, "big").status == PVB_ERR_TIMEOUT);
  CHECK(MillisecondsSince(start) < kInTime);
  const Result big = engine.Eval("big");
  REQUIRE(big.status == PVB_OK);
  pvb_call_options options{};
  options.size = sizeof(options);
  options.path = Text("id");
  options.timeout = 1;
  CHECK(engine.Call(options, Array({big.bytes})).status == PVB_ERR_TIMEOUT);
  options.timeout = 0;
  CHECK(engine.Call(options, Array({big.bytes})).status == PVB_OK);
}

TEST_CASE("the wait for another thread's call is within the deadline") {
  const Engine engine;
  std::atomic<bool> began{false};
  std::thread other([&] {
    began = true;
    engine.EvalWithin(500 * kMillisecond, "while (true);");
  });
  while (!began) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const auto start = Clock::now();
  const Result result = engine.EvalWithin(50 * kMillisecond, "1");
  CHECK(result.status == PVB_ERR_TIMEOUT);
  CHECK(result.message.find("another thread") != std::string::npos);
  CHECK(MillisecondsSince(start) < 400);
  other.join();
  CHECK(engine.Eval("1").bytes == Int(1));
}

TEST_CASE("a handle that a stopped call made is let go") {
  const Engine engine;
  uint64_t returned = 0;
  int stopped = 0;
  // Some of the stops come when the function has its handle already.
  for (int i = 0; i < 200; ++i) {
    const Result result = engine.EvalWithin(1 + i * 5'000, "for (let i = 0; i < 1000; ++i) Math.sin(i); () => 1");
    if (result.status == PVB_OK) ++returned;
    if (result.status == PVB_ERR_TIMEOUT) ++stopped;
  }
  CHECK(stopped > 0);
  CHECK(engine.Statistics().handles == returned);
}

TEST_CASE("a deadline that comes as the call ends never reaches the next call") {
  const Engine engine;
  engine.Eval("function spin(n) { let x = 0; for (let i = 0; i < n; ++i) x += i; return x }", PVB_RESULT_NONE);
  int stopped = 0;
  int64_t timeout = 200'000;
  for (int i = 0; i < 10'000; ++i) {
    const Result limited = engine.EvalWithin(timeout, "spin(200000)");
    if (limited.status == PVB_ERR_TIMEOUT) {
      ++stopped;
      timeout += timeout / 50;
    } else {
      REQUIRE(limited.status == PVB_OK);
      timeout -= timeout / 50;
    }
    const Result next = engine.EvalWithin(-1, "1");
    REQUIRE(next.status == PVB_OK);
  }
  MESSAGE(stopped, " of 10000 calls were stopped");
  CHECK(stopped > 100);
  CHECK(stopped < 9900);
}

namespace {

std::atomic<int> polls{0};
std::atomic<int> end_at{0};
pvb_context* reentered = nullptr;
std::atomic<int> reentered_status{-1};

int CountPoll() {
  if (reentered != nullptr) {
    pvb_result result{};
    reentered_status = pvb_eval(reentered, Text("1"), nullptr, &result);
    pvb_result_clear(&result);
  }
  return ++polls == end_at ? 1 : 0;
}

// Polls this thread until the end of the scope; the poll of that number ends the call.
class Polled {
 public:
  explicit Polled(int end) {
    polls = 0;
    end_at = end;
    pvb_set_poll_hook(&CountPoll, static_cast<uint64_t>(pthread_self()));
  }
  ~Polled() {
    pvb_set_poll_hook(nullptr, 0);
    reentered = nullptr;
  }
  Polled(const Polled&) = delete;
  Polled& operator=(const Polled&) = delete;
};

}  // namespace

TEST_CASE("the poll hook is called every 50 ms while its thread is in a call, and may end it") {
  const Engine engine;
  const Polled polled(3);
  const auto start = Clock::now();
  CHECK(engine.Eval("while (true);").status == PVB_ERR_INTERRUPTED);
  CHECK(polls == 3);
  CHECK(MillisecondsSince(start) >= 140);
  CHECK(MillisecondsSince(start) < kInTime);
  CHECK(engine.Eval("1").bytes == Int(1));
}

TEST_CASE("a poll that does not end the call leaves it alone") {
  const Engine engine;
  const Polled polled(-1);
  CHECK(engine.Eval("for (const end = Date.now() + 300; Date.now() < end;); 1").bytes == Int(1));
}

TEST_CASE("other threads' calls are not polled") {
  const Engine engine;
  const Polled polled(1);
  std::thread([&] {
    CHECK(engine.Eval("for (const end = Date.now() + 200; Date.now() < end;); 1").bytes == Int(1));
  }).join();
  CHECK(polls == 0);
}

TEST_CASE("the isolate that runs cannot be used from inside the poll hook, others can") {
  const Engine engine;
  const Engine other;
  const Polled polled(2);
  reentered = engine.context;
  CHECK(engine.Eval("while (true);").status == PVB_ERR_INTERRUPTED);
  CHECK(reentered_status == PVB_ERR_USAGE);
  polls = 0;
  reentered = other.context;
  CHECK(engine.Eval("while (true);").status == PVB_ERR_INTERRUPTED);
  CHECK(reentered_status == PVB_OK);
}

TEST_CASE("the poll hook is also called while its thread waits for another's call") {
  const Engine engine;
  std::atomic<bool> began{false};
  std::thread other([&] {
    began = true;
    engine.EvalWithin(1000 * kMillisecond, "while (true);");
  });
  while (!began) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  {
    const Polled polled(2);
    CHECK(engine.Eval("1").status == PVB_ERR_INTERRUPTED);
  }
  other.join();
}
