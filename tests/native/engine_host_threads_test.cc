// Host functions and promises from many threads at once, with terminates in between: what `make test-tsan` looks at, besides the counts.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine_fixture.h"
#include "pyv8bridge.h"

using namespace pvb::testing;
using namespace std::chrono_literals;

namespace {

pvb_message View(const std::string& bytes) {
  pvb_message message{};
  message.bytes = {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
  return message;
}

// Host functions, by the id they were made with.
enum Function : uint64_t { kEcho = 1, kNested, kThrow, kLater };

// One host for the whole process, as it has to be. The hooks run on whichever thread is inside.
struct Host {
  std::atomic<uint64_t> next_id{100};
  std::atomic<int> released{0};
  std::atomic<int> rejected{0};
  std::atomic<int> settled{0};
  std::mutex lock;
  std::vector<std::pair<pvb_context*, uint64_t>> deferred;  // what nobody has settled yet
};

Host host;
thread_local const Engine* inside = nullptr;

void OnCall(uint64_t, uint64_t function, pvb_host_call* call, pvb_result* arguments, const pvb_argument_handle*,
            size_t) {
  const std::string bytes = Take(PVB_OK, arguments).bytes;
  switch (function) {
    case kEcho:
      pvb_host_return(call, View(bytes), PVB_BIG_INTS_BIGINT, nullptr);
      break;
    case kNested:
      inside->EvalWithin(1'000'000, "for (;;);");
      break;
    case kThrow:
      pvb_host_throw(call, ++host.next_id, Text("Odd"), Text("no"), {}, nullptr);
      break;
    case kLater: {
      const uint64_t id = ++host.next_id;
      pvb_host_defer(call, id);
      const std::lock_guard<std::mutex> hold(host.lock);
      host.deferred.emplace_back(inside->context, id);
      break;
    }
    default:
      break;
  }
}

void OnRelease(const pvb_host_reference*, size_t count) { host.released += static_cast<int>(count); }

void OnSettle(uint64_t, uint64_t, pvb_status status, pvb_result* result) {
  Take(status, result);
  ++host.settled;
}

void OnReject(uint64_t, pvb_status status, pvb_result* result) {
  Take(status, result);
  ++host.rejected;
}

void SetHooks() {
  pvb_host_hooks hooks{};
  hooks.size = sizeof(hooks);
  hooks.call = &OnCall;
  hooks.release = &OnRelease;
  hooks.settle = &OnSettle;
  hooks.reject = &OnReject;
  pvb_set_host_hooks(&hooks);
}

void Expose(const Engine& engine, const char* name, uint64_t id) {
  pvb_result result{};
  const Result made = Take(pvb_function_create(engine.context, id, nullptr, &result), &result);
  const uint64_t handle = HandleId(made.bytes, 'f');
  REQUIRE(handle != 0);
  REQUIRE(engine.Do(PVB_SET, name, Array({made.bytes})).status == PVB_OK);
  pvb_handle_release(engine.context, handle);
}

// Settles what is deferred, from a thread of its own, until told to end and nothing is left.
void SettleUntil(const std::atomic<bool>& done) {
  for (;;) {
    const bool last = done;
    std::vector<std::pair<pvb_context*, uint64_t>> batch;
    {
      const std::lock_guard<std::mutex> hold(host.lock);
      batch.swap(host.deferred);
    }
    for (const auto& [context, id] : batch) pvb_promise_settle(context, id, View(Array({Int(1)})), nullptr, nullptr);
    if (last && batch.empty()) return;
    std::this_thread::sleep_for(1ms);
  }
}

// Wrong answers, of which a thread of a test may not speak itself.
int UseHost(const Engine& engine, int turns) {
  inside = &engine;
  int wrong = 0;
  const auto stopped = [](const Result& result) { return result.status == PVB_ERR_TERMINATED; };
  for (int i = 0; i < turns; ++i) {
    const Result echo = engine.Eval("echo('abc')");
    wrong += !stopped(echo) && echo.bytes != Str("abc");
    const Result caught = engine.Eval("try { odd() } catch (e) { e.name }");
    wrong += !stopped(caught) && caught.bytes != Str("Odd");
    const Result nested = engine.Eval("nested(); 5");
    wrong += !stopped(nested) && nested.bytes != Int(5);
    const Result rejection = engine.Eval("Promise.reject(1); 1");
    wrong += !stopped(rejection) && rejection.bytes != Int(1);
    const Result promise = engine.Eval("later().then((n) => n + 1)");
    if (const uint64_t handle = HandleId(promise.bytes, 'p'); handle != 0) {
      pvb_promise_watch(engine.context, handle, ++host.next_id, nullptr, nullptr);
      pvb_handle_release(engine.context, handle);
    } else {
      wrong += !stopped(promise);
    }
  }
  inside = nullptr;
  return wrong;
}

}  // namespace

TEST_CASE("host functions, exceptions, promises and terminates, from several threads in two isolates") {
  SetHooks();
  {
    const std::array<Engine, 2> engines;
    for (const Engine& engine : engines) {
      Expose(engine, "echo", kEcho);
      Expose(engine, "nested", kNested);
      Expose(engine, "odd", kThrow);
      Expose(engine, "later", kLater);
    }
    std::atomic<bool> done{false};
    std::atomic<int> wrong{0};
    std::vector<std::thread> users;
    for (int i = 0; i < 6; ++i) {
      users.emplace_back([&, i] { wrong += UseHost(engines[static_cast<size_t>(i % 2)], 40); });
    }
    std::thread settler([&] { SettleUntil(done); });
    std::thread terminator([&] {
      while (!done) {
        pvb_isolate_terminate(engines[0].isolate);
        pvb_isolate_collect_garbage(engines[1].isolate, 0, nullptr);
        std::this_thread::sleep_for(3ms);
      }
    });
    for (std::thread& user : users) user.join();
    done = true;
    settler.join();
    terminator.join();
    CHECK(wrong.load() == 0);
    CHECK(host.settled.load() > 0);
    CHECK(host.rejected.load() > 0);
    for (const Engine& engine : engines) CHECK(engine.Eval("echo(6 * 7)").status == PVB_OK);
  }
  CHECK(host.released.load() > 8);  // the functions, and the exceptions
  pvb_set_host_hooks(nullptr);
}
