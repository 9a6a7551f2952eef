// Host functions and promises through the C API: the hooks, what they answer, nested deadlines, and what is let go of.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "engine_fixture.h"
#include "pyv8bridge.h"

namespace {

using pvb::testing::Array;
using pvb::testing::Engine;
using pvb::testing::HandleId;
using pvb::testing::Int;
using pvb::testing::Result;
using pvb::testing::Str;
using pvb::testing::Take;
using pvb::testing::Text;
using pvb::testing::Undefined;

pvb_message View(const std::string& bytes) {
  pvb_message message{};
  message.bytes = {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
  return message;
}

// What the hooks of the process do: one host for all tests.
struct Host {
  std::function<void(pvb_host_call*, const std::string&, const std::vector<pvb_argument_handle>&)> called;
  std::vector<uint64_t> released;
  std::vector<Result> settled;
  std::vector<Result> rejected;
};

Host* host = nullptr;

void OnCall(uint64_t, uint64_t, pvb_host_call* call, pvb_result* arguments, const pvb_argument_handle* handles,
            size_t count) {
  const Result taken = Take(PVB_OK, arguments);
  if (host != nullptr && host->called) host->called(call, taken.bytes, {handles, handles + count});
}

void OnRelease(const pvb_host_reference* references, size_t count) {
  for (size_t i = 0; host != nullptr && i < count; ++i) host->released.push_back(references[i].id);
}

void OnSettle(uint64_t, uint64_t, pvb_status status, pvb_result* result) {
  Result taken = Take(status, result);
  if (host != nullptr) host->settled.push_back(taken);
}

void OnReject(uint64_t, pvb_status status, pvb_result* result) {
  Result taken = Take(status, result);
  if (host != nullptr) host->rejected.push_back(taken);
}

class Hosted : public Engine {
 public:
  Hosted() {
    host = &state;
    pvb_host_hooks hooks{};
    hooks.size = sizeof(hooks);
    hooks.call = &OnCall;
    hooks.release = &OnRelease;
    hooks.settle = &OnSettle;
    hooks.reject = &OnReject;
    pvb_set_host_hooks(&hooks);
  }
  ~Hosted() { host = nullptr; }

  // Makes `name` a global that calls the host.
  uint64_t Expose(const char* name, const pvb_function_options* options = nullptr) {
    static uint64_t next = 1;
    const uint64_t id = next++;
    pvb_result result{};
    const Result made = Take(pvb_function_create(context, id, options, &result), &result);
    const uint64_t handle = pvb::testing::HandleId(made.bytes, 'f');
    REQUIRE(handle != 0);
    CHECK(Do(PVB_SET, name, Array({made.bytes})).status == PVB_OK);
    pvb_handle_release(context, handle);
    return id;
  }

  Result EvalWithin(std::string_view code, int64_t milliseconds) const {
    pvb_eval_options options{};
    options.size = sizeof(options);
    options.timeout = milliseconds * 1'000'000;
    pvb_result result{};
    return Take(pvb_eval(context, Text(code), &options, &result), &result);
  }

  void Collect() const { pvb_isolate_collect_garbage(isolate, 0, nullptr); }

  Host state;
};

TEST_CASE("arguments come as one message, and the answer goes back") {
  Hosted engine;
  std::string seen;
  engine.state.called = [&](pvb_host_call* call, const std::string& arguments, const auto& handles) {
    seen = arguments;
    CHECK(handles.empty());
    CHECK(pvb_host_return(call, View(Array({Str("back")})), PVB_BIG_INTS_BIGINT, nullptr) == PVB_OK);
  };
  engine.Expose("f");
  CHECK(engine.Eval("f(1, 'a')").bytes == Str("back"));
  CHECK(seen == Array({Int(1), Str("a")}));
}

TEST_CASE("a thread is inside of the isolate whose call has called its hook") {
  Hosted engine;
  const Engine other;
  std::vector<int32_t> inside;
  engine.state.called = [&](pvb_host_call*, const std::string&, const auto&) {
    inside = {pvb_isolate_entered(engine.isolate), pvb_isolate_entered(other.isolate)};
    std::thread([&] { inside.push_back(pvb_isolate_entered(engine.isolate)); }).join();
  };
  engine.Expose("f");
  CHECK(engine.Eval("f(); 1").bytes == Int(1));
  CHECK(inside == std::vector<int32_t>{1, 0, 0});
  CHECK(pvb_isolate_entered(engine.isolate) == 0);
  CHECK(pvb_isolate_entered(nullptr) == 0);
}

TEST_CASE("a rejected promise that carries an exception is not kept by the handle that it was watched by") {
  Hosted engine;
  engine.state.called = [&](pvb_host_call* call, const std::string&, const auto&) {
    CHECK(pvb_host_throw(call, 900001, Text("E"), Text("no"), {}, nullptr) == PVB_OK);
  };
  engine.Expose("f");
  const Result made = engine.Eval("(async () => f())()");
  const uint64_t promise = HandleId(made.bytes, 'p');
  REQUIRE(promise != 0);
  CHECK(pvb_promise_watch(engine.context, promise, 900002, nullptr, nullptr) == PVB_OK);
  CHECK(engine.state.settled.size() == 1);
  engine.Collect();
  engine.Collect();
  CHECK(engine.Eval("1").status == PVB_OK);
  CHECK(std::count(engine.state.released.begin(), engine.state.released.end(), uint64_t{900001}) == 1);
  pvb_handle_release(engine.context, promise);
}

TEST_CASE("an answer in bytes, and one that is no message") {
  Hosted engine;
  std::vector<pvb_status> answers;
  const std::string good = Array({Str("back")});
  const std::string bad = Array({"\xC1"});
  engine.state.called = [&](pvb_host_call* call, const std::string&, const auto&) {
    for (const std::string* message : {&bad, &good}) {
      const auto* const data = reinterpret_cast<const uint8_t*>(message->data());
      answers.push_back(pvb_host_return_bytes(call, data, message->size(), PVB_BIG_INTS_BIGINT));
    }
    answers.push_back(pvb_host_return_bytes(call, nullptr, 1, PVB_BIG_INTS_BIGINT));
  };
  engine.Expose("f");
  CHECK(engine.Eval("f()").bytes == Str("back"));
  CHECK(answers == std::vector<pvb_status>{PVB_ERR_ENCODE, PVB_OK, PVB_ERR_USAGE});
}

TEST_CASE("structuredClone is a function for scripts") {
  const Engine engine;
  pvb_result result{};
  const Result made = Take(pvb_structured_clone(engine.context, &result), &result);
  REQUIRE(HandleId(made.bytes, 'f') != 0);
  CHECK(engine.Do(PVB_SET, "clone", Array({made.bytes})).status == PVB_OK);
  pvb_handle_release(engine.context, HandleId(made.bytes, 'f'));
  CHECK(engine.Eval("var a = { n: [1n] }; var b = clone(a, []); String([b !== a, b.n[0]])").bytes == Str("true,1"));
  CHECK(engine.Eval("var m = new ArrayBuffer(3); var c = clone([m], [m]); String([m.byteLength, c[0].byteLength])")
            .bytes == Str("0,3"));
  CHECK(engine.Eval("clone()").status == PVB_OK);
  CHECK(engine.Eval("clone(() => 1)").status == PVB_ERR_JS);
  CHECK(engine.Eval("clone(1, [new Proxy([], {})])").status == PVB_ERR_JS);
  CHECK(engine.Eval("new clone(1)").status == PVB_ERR_JS);
  CHECK(pvb_structured_clone(nullptr, nullptr) == PVB_ERR_USAGE);
}

TEST_CASE("no answer is undefined, and no argument an empty message") {
  Hosted engine;
  engine.state.called = [](pvb_host_call*, const std::string& arguments, const auto&) { CHECK(arguments.empty()); };
  engine.Expose("f");
  CHECK(engine.Eval("f()").bytes == Undefined());
}

TEST_CASE("what is no data is a handle, with nil in its place") {
  Hosted engine;
  engine.state.called = [&](pvb_host_call*, const std::string& arguments, const auto& handles) {
    CHECK(arguments == Array({Int(7), "\xC0"}));
    REQUIRE(handles.size() == 1);
    CHECK(handles[0].index == 1);
    CHECK(handles[0].kind == 'f');
    CHECK(engine.Do(PVB_CALL, "", Array({Int(4)}), handles[0].handle).bytes == Int(8));
    pvb_handle_release(engine.context, handles[0].handle);
  };
  engine.Expose("f");
  CHECK(engine.Eval("f(7, (n) => n * 2)").status == PVB_OK);
  CHECK(engine.Statistics().handles == 0);
}

TEST_CASE("a message that is none is refused while the host can still answer") {
  Hosted engine;
  engine.state.called = [](pvb_host_call* call, const std::string&, const auto&) {
    CHECK(pvb_host_return(call, View("\xC1"), PVB_BIG_INTS_BIGINT, nullptr) == PVB_ERR_ENCODE);
    CHECK(pvb_host_return(call, View(Array({Int(3)})), static_cast<pvb_big_ints>(2), nullptr) == PVB_OK);
  };
  engine.Expose("f");
  CHECK(engine.Eval("f()").bytes == Int(3));
}

// As many answers of this size as make the codec of shapes worth its while, and more.
constexpr int kManyAnswers = 1000;

TEST_CASE("answers by shape: what is no message is refused while the host can still answer") {
  Hosted engine;
  const std::string record = Array({Array({Str("id"), Int(7), Str("a longer text, to be sure")})});
  const std::vector<std::string> bad = {Array({Array({Str("id"), Str("\xC3(")})}), record.substr(0, record.size() - 1),
                                        record + "\xC0"};
  size_t refused = 0;
  engine.state.called = [&](pvb_host_call* call, const std::string&, const auto&) {
    for (const std::string& message : bad) {
      if (pvb_host_return(call, View(message), PVB_BIG_INTS_BIGINT, nullptr) == PVB_ERR_ENCODE) ++refused;
    }
    CHECK(pvb_host_return(call, View(record), PVB_BIG_INTS_BIGINT, nullptr) == PVB_OK);
  };
  engine.Expose("f");
  const std::string many = "for (let i = 0; i < " + std::to_string(kManyAnswers) + "; i++) f();";
  CHECK(engine.Eval(many + "String(f())").bytes == Str("id,7,a longer text, to be sure"));
  CHECK(refused == bad.size() * (kManyAnswers + 1));
}

TEST_CASE("answers by shape: another message may cross before the answer is read") {
  Hosted engine;
  engine.Eval("var rows = (n) => Array.from({length: 20}, (_, i) => ({ id: n * i, name: 'row ' + i })); 0");
  const std::string asked = engine.Eval("rows(1)").bytes;
  int calls = 0;
  engine.state.called = [&](pvb_host_call* call, const std::string&, const auto&) {
    if (++calls % 3 == 0) {
      CHECK(pvb_host_return(call, View(Array({Str("not this one")})), PVB_BIG_INTS_BIGINT, nullptr) == PVB_OK);
    }
    CHECK(pvb_host_return(call, View(Array({asked})), PVB_BIG_INTS_BIGINT, nullptr) == PVB_OK);
    if (calls % 2 == 0) engine.Eval("rows(5)");
  };
  engine.Expose("f");
  CHECK(engine
            .Eval("var all = 0; for (let i = 0; i < " + std::to_string(kManyAnswers) +
                  "; i++) { if (JSON.stringify(f()) === JSON.stringify(rows(1))) all++ } all")
            .bytes == Int(kManyAnswers));
}

TEST_CASE("an exception comes out by its number, itself or as a cause, and is let go of") {
  Hosted engine;
  uint64_t thrown = 1'000'000;
  engine.state.called = [&](pvb_host_call* call, const std::string&, const auto&) {
    CHECK(pvb_host_throw(call, ++thrown, Text("Odd"), Text("no"), {}, nullptr) == PVB_OK);
  };
  engine.Expose("f");
  const auto number_of = [&](std::string_view code, uint32_t* depth) {
    pvb_result result{};
    CHECK(pvb_eval(engine.context, Text(code), nullptr, &result) == PVB_ERR_JS);
    const uint64_t number = result.error->exception;
    *depth = result.error->exception_depth;
    pvb_result_clear(&result);
    return number;
  };
  uint32_t depth = 0;
  CHECK(number_of("f()", &depth) == thrown);
  CHECK(depth == 0);
  CHECK(engine.Eval("try { f() } catch (e) { `${e.name}: ${e.message}` }").bytes == Str("Odd: no"));
  CHECK(number_of("try { f() } catch (e) { throw new Error('x', { cause: new Error('y', { cause: e }) }) }", &depth) ==
        thrown);
  CHECK(depth == 2);
  CHECK(number_of("throw new Error('mine')", &depth) == 0);
  engine.Collect();
  CHECK(engine.state.released.size() == 3);
}

TEST_CASE("a stop ends all levels, and no catch sees it") {
  Hosted engine;
  engine.state.called = [](pvb_host_call* call, const std::string&, const auto&) { pvb_host_stop(call); };
  engine.Expose("f");
  CHECK(engine.Eval("var on = 0; try { f() } catch (e) { on = 1 } finally { on = 2 } on = 3").status ==
        PVB_ERR_INTERRUPTED);
  CHECK(engine.Eval("on").bytes == Int(0));
}

TEST_CASE("an inner deadline ends the inner call only; an outer one all") {
  Hosted engine;
  pvb_status inner = PVB_OK;
  int64_t limit = 20;
  engine.state.called = [&](pvb_host_call*, const std::string&, const auto&) {
    inner = engine.EvalWithin("for (;;);", limit).status;
  };
  engine.Expose("f");
  CHECK(engine.EvalWithin("f(); 'on'", 20'000).bytes == Str("on"));
  CHECK(inner == PVB_ERR_TIMEOUT);
  CHECK(engine.EvalWithin("f(); for (;;);", 60).status == PVB_ERR_TIMEOUT);
  limit = 20'000;
  CHECK(engine.EvalWithin("try { f() } catch (e) {} for (;;);", 40).status == PVB_ERR_TIMEOUT);
  CHECK(inner == PVB_ERR_TIMEOUT);
  CHECK(engine.Eval("1").bytes == Int(1));
}

TEST_CASE("a cancel hits the call with its token, and no other") {
  Hosted engine;
  engine.state.called = [&](pvb_host_call*, const std::string&, const auto&) {
    CHECK(pvb_isolate_cancel(engine.isolate, 5) == PVB_OK);
  };
  engine.Expose("f");
  const auto run = [&](uint64_t token) {
    pvb_eval_options options{};
    options.size = sizeof(options);
    options.token = token;
    pvb_result result{};
    return Take(pvb_eval(engine.context, Text("f(); 1"), &options, &result), &result).status;
  };
  CHECK(run(4) == PVB_OK);
  CHECK(run(5) == PVB_ERR_TERMINATED);
  CHECK(run(0) == PVB_OK);
}

TEST_CASE("a removed function throws; one that is garbage is let go of, and not found") {
  Hosted engine;
  const uint64_t kept = engine.Expose("kept");
  const uint64_t gone = engine.Expose("gone");
  pvb_result result{};
  CHECK(Take(pvb_function_find(engine.context, kept, &result), &result).status == PVB_OK);
  CHECK(pvb_function_remove(engine.context, kept, nullptr) == PVB_OK);
  CHECK(engine.Eval("kept()").message == "Error: this host function was removed");
  engine.Eval("delete globalThis.gone; 1");
  engine.Collect();
  CHECK(engine.state.released == std::vector<uint64_t>{gone});
  CHECK(pvb_function_find(engine.context, gone, nullptr) == PVB_ERR_NOT_FOUND);
}

TEST_CASE("a promise of the host's is settled later, and one of JavaScript's is watched") {
  Hosted engine;
  engine.state.called = [](pvb_host_call* call, const std::string&, const auto&) { pvb_host_defer(call, 77); };
  engine.Expose("f");
  const uint64_t promise = pvb::testing::HandleId(engine.Eval("f().then((n) => n + 1)").bytes, 'p');
  REQUIRE(promise != 0);
  CHECK(pvb_promise_watch(engine.context, promise, 2'000'001, nullptr, nullptr) == PVB_OK);
  CHECK(engine.state.settled.empty());
  CHECK(pvb_promise_settle(engine.context, 77, View(Array({Int(41)})), nullptr, nullptr) == PVB_OK);
  REQUIRE(engine.state.settled.size() == 1);
  CHECK(engine.state.settled[0].bytes == Int(42));
  CHECK(pvb_promise_settle(engine.context, 77, View(Array({Int(41)})), nullptr, nullptr) == PVB_ERR_NOT_FOUND);
}

TEST_CASE("a rejection without a handler is reported at the end of the call") {
  Hosted engine;
  engine.Eval("Promise.reject(1).catch(() => 0); 1");
  engine.Eval("var late = Promise.reject(2); Promise.resolve().then(() => late.catch(() => 0)); 1");
  CHECK(engine.state.rejected.empty());
  engine.Eval("Promise.reject(3); 1");
  REQUIRE(engine.state.rejected.size() == 1);
  CHECK(engine.state.rejected[0].bytes == Int(3));
}

}  // namespace
