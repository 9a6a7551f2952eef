// Many calls in one crossing, and small calls whose result lands in the caller's room.
#include <doctest/doctest.h>

#include <array>
#include <string>
#include <utility>

#include "engine_fixture.h"

using namespace pvb::testing;

namespace {

constexpr int64_t kMillisecond = 1'000'000;

pvb_call_options Options(std::string_view path) {
  pvb_call_options options{};
  options.size = sizeof(options);
  options.path = Text(path);
  return options;
}

// The results, and the failure.
std::pair<Result, Result> CallEach(const Engine& engine, const pvb_call_options& options, const std::string& calls,
                                   int64_t timeout = 0, int64_t cpu_timeout = 0) {
  pvb_result results{};
  pvb_result failure{};
  const pvb_bytes bytes{reinterpret_cast<const uint8_t*>(calls.data()), calls.size()};
  const pvb_status status = pvb_call_each(engine.context, &options, timeout, cpu_timeout, bytes, &results, &failure);
  return {Take(PVB_OK, &results), Take(status, &failure)};
}

std::string Results(std::initializer_list<std::string> elements) {
  std::string message = std::string("\xDC\0", 2) + static_cast<char>(elements.size());
  for (const std::string& element : elements) message += element;
  return message;
}

struct Room {
  std::array<uint8_t, 16> bytes{};
  pvb_result result{};

  int64_t Call(const Engine& engine, const pvb_call_options& options, const std::string& arguments) {
    return pvb_call_into(engine.context, &options, reinterpret_cast<const uint8_t*>(arguments.data()), arguments.size(),
                         bytes.data(), bytes.size(), &result);
  }
  std::string Text(int64_t size) const {
    return {reinterpret_cast<const char*>(bytes.data()), static_cast<size_t>(size)};
  }
};

}  // namespace

TEST_CASE("a small result is copied into the room, and nothing is left to clear") {
  const Engine engine;
  REQUIRE(engine.Eval("var calls = 0; function same(x) { ++calls; return x }").status == PVB_OK);
  Room room;
  const int64_t size = room.Call(engine, Options("same"), Array({Int(5)}));
  REQUIRE(size == 1);
  CHECK(room.Text(size) == Int(5));
  CHECK(room.result.owner == nullptr);
  const std::string fits(15, 'x');
  CHECK(room.Call(engine, Options("same"), Array({Str(fits.c_str())})) == 16);
  CHECK(room.Text(16) == Str(fits.c_str()));
  CHECK(engine.Eval("calls").bytes == Int(2));
}

TEST_CASE("a result that finds no room is owned, and was made once") {
  const Engine engine;
  REQUIRE(engine.Eval("var calls = 0; function same(x) { ++calls; return x }").status == PVB_OK);
  Room room;
  const std::string text(16, 'x');
  REQUIRE(room.Call(engine, Options("same"), Array({Str(text.c_str())})) == -1);
  CHECK(Take(PVB_OK, &room.result).bytes == Str(text.c_str()));
  CHECK(engine.Eval("calls").bytes == Int(1));
}

TEST_CASE("attachments find no room") {
  const Engine engine;
  Room room;
  pvb_call_options options = Options("Uint8Array.of");
  options.attach_from = 1;
  REQUIRE(room.Call(engine, options, Array({Int(1)})) == -1);
  CHECK(room.result.message.attachment_count == 1);
  CHECK(Take(PVB_OK, &room.result).bytes.size() == 16);
}

TEST_CASE("an error, and no room at all") {
  const Engine engine;
  REQUIRE(engine.Eval("var calls = 0; function fail() { ++calls; throw new Error('no') }").status == PVB_OK);
  Room room;
  REQUIRE(room.Call(engine, Options("fail"), Array({})) == -1);
  REQUIRE(room.result.error != nullptr);
  CHECK(Take(room.result.error->status, &room.result).message == "Error: no");
  const pvb_call_options options = Options("fail");
  CHECK(pvb_call_into(engine.context, &options, nullptr, 0, nullptr, 16, &room.result) == -1);
  REQUIRE(room.result.error != nullptr);
  CHECK(Take(room.result.error->status, &room.result).status == PVB_ERR_USAGE);
  CHECK(pvb_call_into(engine.context, &options, nullptr, 0, room.bytes.data(), 16, nullptr) == -1);
  CHECK(pvb_call_into(engine.context, &options, nullptr, 5, room.bytes.data(), 16, &room.result) == -1);
  CHECK(Take(room.result.error->status, &room.result).status == PVB_ERR_USAGE);
  CHECK(pvb_call_into(nullptr, &options, nullptr, 0, room.bytes.data(), 16, &room.result) == -1);
  CHECK(Take(room.result.error->status, &room.result).status == PVB_ERR_USAGE);
  CHECK(engine.Eval("calls").bytes == Int(1));
}

TEST_CASE("each call is made, in order, and each result is a message of its own") {
  const Engine engine;
  REQUIRE(engine.Eval("var seen = ''; function f(a, b) { seen += a; return b }").status == PVB_OK);
  const auto [results, failure] = CallEach(
      engine, Options("f"), Array({Array({Int(1), Str("x")}), Array({Int(2)}), Array({Int(3), Array({Int(4)})})}));
  CHECK(failure.status == PVB_OK);
  CHECK(results.bytes == Results({Str("x"), Undefined(), Array({Int(4)})}));
  CHECK(engine.Eval("seen").bytes == Str("123"));
  CHECK(CallEach(engine, Options("f"), Array({})).first.bytes == Results({}));
}

TEST_CASE("microtasks of one call run before the next") {
  const Engine engine;
  REQUIRE(engine.Eval("var n = 0; function f() { Promise.resolve().then(() => ++n); return n }").status == PVB_OK);
  CHECK(CallEach(engine, Options("f"), Array({Array({}), Array({})})).first.bytes == Results({Int(0), Int(1)}));
}

TEST_CASE("calls end at the first that fails") {
  const Engine engine;
  REQUIRE(engine.Eval("var calls = 0; function f(x) { ++calls; if (x > 1) throw new Error('no'); return x }").status ==
          PVB_OK);
  const auto [results, failure] =
      CallEach(engine, Options("f"), Array({Array({Int(0)}), Array({Int(1)}), Array({Int(2)}), Array({Int(3)})}));
  CHECK(failure.status == PVB_ERR_JS);
  CHECK(failure.message == "Error: no");
  CHECK(results.bytes == Results({Int(0), Int(1)}));
  CHECK(engine.Eval("calls").bytes == Int(3));
  // An argument that cannot enter: the calls before it have run.
  const auto [before, refused] =
      CallEach(engine, Options("f"), Array({Array({Int(0)}), Array({Array({std::string("\xD4\x63\0", 3)})})}));
  CHECK(refused.status == PVB_ERR_ENCODE);
  CHECK(refused.path == "$[0][0]");
  CHECK(before.bytes == Results({Int(0)}));
}

TEST_CASE("calls that are malformed") {
  const Engine engine;
  REQUIRE(engine.Eval("function f(x) { return x }").status == PVB_OK);
  for (const std::string& calls :
       {std::string(), std::string("\x01"), std::string("\x91"), std::string("\x91\x91"), std::string("\x90\x90"),
        std::string("\x91\x01"), std::string("\xDD\xFF\xFF\xFF\xFF")}) {
    CAPTURE(calls);
    const auto [results, failure] = CallEach(engine, Options("f"), calls);
    CHECK(failure.status == PVB_ERR_ENCODE);
    CHECK(results.bytes == Results({}));
  }
  pvb_call_options options = Options("f");
  options.transfer = 1;
  CHECK(CallEach(engine, options, Array({})).second.status == PVB_ERR_USAGE);
  CHECK(pvb_call_each(engine.context, &options, 0, 0, {}, nullptr, nullptr) == PVB_ERR_USAGE);
}

TEST_CASE("large results come in parts") {
  const Engine engine;
  REQUIRE(engine.Eval("var calls = 0; function f() { ++calls; return 'x'.repeat(700000) }").status == PVB_OK);
  const auto [results, failure] = CallEach(engine, Options("f"), Array({Array({}), Array({}), Array({}), Array({})}));
  CHECK(failure.status == PVB_OK);
  CHECK(results.bytes.substr(0, 3) == std::string("\xDC\0\x02", 3));
  CHECK(engine.Eval("calls").bytes == Int(2));
}

TEST_CASE("time for each call, and for all together") {
  const Engine engine;
  REQUIRE(
      engine.Eval("function wait(ms) { const end = Date.now() + ms; while (Date.now() < end); return ms }").status ==
      PVB_OK);
  pvb_call_options options = Options("wait");
  options.timeout = 2'000 * kMillisecond;
  const std::string calls = Array({Array({Int(60)}), Array({Int(61)}), Array({Int(62)}), Array({Int(63)})});
  CHECK(CallEach(engine, options, calls).second.status == PVB_OK);
  CHECK(CallEach(engine, options, Array({Array({Int(1)}), Array({Int(60'000)})})).second.status == PVB_ERR_TIMEOUT);
  const auto [results, failure] = CallEach(engine, options, calls, 150 * kMillisecond);
  CHECK(failure.status == PVB_ERR_TIMEOUT);
  CHECK(results.bytes.size() < 7);
  // Their time by the wall clock says nothing about how much of the processor they had.
  options.timeout = 0;
  const std::string long_calls = Array({Array({Int(60)}), Array({Int(60'000)})});
  CHECK(CallEach(engine, options, long_calls, 0, 150 * kMillisecond).second.status == PVB_ERR_TIMEOUT);
  CHECK(CallEach(engine, options, calls, 1).first.bytes == Results({}));
}
