// Attachments in and out through the C API, as any language would use them.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "engine_fixture.h"

using namespace pvb::testing;

namespace {

// The result of a script with attachments of 16 bytes or more.
pvb_result Run(const Engine& engine, std::string_view code, bool transfer = false, pvb_status expected = PVB_OK) {
  pvb_eval_options options{};
  options.size = sizeof(options);
  options.attach_from = 16;
  options.transfer = transfer;
  pvb_result result{};
  CHECK(pvb_eval(engine.context, Text(code), &options, &result) == expected);
  return result;
}

std::string Bytes(const pvb_bytes& bytes) { return std::string(reinterpret_cast<const char*>(bytes.data), bytes.size); }

}  // namespace

TEST_CASE("results have attachments when they are asked for") {
  const Engine engine;
  engine.Eval("var bytes = new Uint8Array(20).fill(65)");
  CHECK(engine.Eval("bytes").bytes.size() == 22);  // bin 8
  pvb_result result = Run(engine, "[bytes, new Uint8Array(15)]");
  REQUIRE(result.message.attachment_count == 1);
  CHECK(Bytes(result.message.attachments[0]) == std::string(20, 'A'));
  pvb_result_clear(&result);
  pvb_result_clear(&result);
}

TEST_CASE("an attachment that is taken outlives result and isolate") {
  for (const bool transfer : {false, true}) {
    pvb_bytes bytes{};
    pvb_buffer* buffer = nullptr;
    {
      const Engine engine;
      pvb_result result = Run(engine, "new Uint8Array(100000).fill(66)", transfer);
      REQUIRE(result.message.attachment_count == 1);
      bytes = result.message.attachments[0];
      buffer = pvb_result_take_attachment(&result, 0);
      CHECK(buffer != nullptr);
      CHECK(pvb_result_take_attachment(&result, 0) == nullptr);
      CHECK(pvb_result_take_attachment(&result, 1) == nullptr);
      pvb_result_clear(&result);
      CHECK(pvb_result_take_attachment(&result, 0) == nullptr);
      pvb_isolate_close(engine.isolate, nullptr);
    }
    CHECK(Bytes(bytes) == std::string(100000, 'B'));
    const_cast<uint8_t*>(bytes.data)[0] = 'C';
    pvb_buffer_destroy(buffer);
  }
  pvb_buffer_destroy(nullptr);
  CHECK(pvb_result_take_attachment(nullptr, 0) == nullptr);
}

TEST_CASE("transfer detaches, and Uint8Arrays stay typed arrays") {
  const Engine engine;
  pvb_result result = Run(engine, "var small = new Uint8Array([7]); small", true);
  REQUIRE(result.message.attachment_count == 1);
  CHECK(Bytes(result.message.attachments[0]) == "\7");
  CHECK(Bytes(result.message.bytes).substr(0, 4) ==
        "\xC7\x0D\x0B"
        "B");
  pvb_result_clear(&result);
  CHECK(engine.Eval("small.length").bytes == Int(0));
  result = Run(engine, "[small]", true, PVB_ERR_CLONE);
  CHECK(std::string(result.error->path.data, result.error->path.size) == "$[0]");
  pvb_result_clear(&result);
}

TEST_CASE("arguments' attachments become ArrayBuffers of the script's own") {
  const Engine engine;
  engine.Eval("const f = (a, b) => { a[0] = 1; return a.length * 1000 + b.byteLength + b.constructor.name }");
  std::string data(300, 'x');
  const std::vector<pvb_bytes> attachments{{reinterpret_cast<const uint8_t*>(data.data()), data.size()}, {nullptr, 0}};
  const std::string arguments = Message([&](pvb::MessageWriter* writer) {
    writer->WriteArrayHeader(2);
    writer->WriteAttachment('x', 0, 300);
    writer->WriteAttachment('A', 1, 0);
  });
  pvb_call_options options{};
  options.size = sizeof(options);
  options.path = Text("f");
  pvb_message message{};
  message.bytes = {reinterpret_cast<const uint8_t*>(arguments.data()), arguments.size()};
  message.attachments = attachments.data();
  message.attachment_count = attachments.size();
  pvb_result result{};
  CHECK(Take(pvb_call(engine.context, &options, message, &result), &result).bytes == Str("300000ArrayBuffer"));
  CHECK(data == std::string(300, 'x'));
}

TEST_CASE("options of a caller that knows no attachments mean none") {
  const Engine engine;
  pvb_eval_options options{};
  options.size = offsetof(pvb_eval_options, attach_from);
  options.attach_from = 1;
  options.transfer = 1;
  pvb_result result{};
  CHECK(Take(pvb_eval(engine.context, Text("new Uint8Array(3)"), &options, &result), &result).bytes ==
        std::string("\xC4\x03\0\0\0", 5));
}

TEST_CASE("the bytes of Uint8Arrays go where the caller's allocator says") {
  const Engine engine;
  struct Caller {
    std::vector<std::string> made;
    size_t most = 3;
  } caller;
  pvb_bytes_allocator allocator{};
  allocator.context = &caller;
  allocator.allocate = [](void* context, size_t size) -> uint8_t* {
    auto* const self = static_cast<Caller*>(context);
    if (self->made.size() == self->most) return nullptr;
    if (self->made.empty()) self->made.reserve(self->most);  // what was given stays where it is
    return reinterpret_cast<uint8_t*>(self->made.emplace_back(size, ' ').data());
  };
  pvb_eval_options options{};
  options.size = sizeof(options);
  options.attach_from = 16;
  options.bytes_allocator = &allocator;
  const auto eval = [&](std::string_view code, pvb_result* result) {
    return pvb_eval(engine.context, Text(code), &options, result);
  };
  pvb_result result{};
  REQUIRE(eval("[new Uint8Array(20).fill(65), new Int8Array(20), new Uint8Array(64).fill(66).subarray(32)]", &result) ==
          PVB_OK);
  CHECK(caller.made == std::vector<std::string>{std::string(20, 'A'), std::string(32, 'B')});
  REQUIRE(result.message.attachment_count == 3);
  CHECK(static_cast<const void*>(result.message.attachments[0].data) == caller.made[0].data());
  CHECK(pvb_result_take_attachment(&result, 0) == nullptr);
  pvb_buffer* const other = pvb_result_take_attachment(&result, 1);
  CHECK(other != nullptr);
  pvb_buffer_destroy(other);
  pvb_result_clear(&result);

  // No memory: nothing is given, and the context lives on.
  CHECK(eval("const two = [new Uint8Array(20), new Uint8Array(20)]; two", &result) == PVB_ERR_NO_MEMORY);
  pvb_result_clear(&result);
  // With transfer they are views, and their memory V8's.
  options.transfer = 1;
  caller.made.clear();
  REQUIRE(eval("two", &result) == PVB_OK);
  CHECK(caller.made.empty());
  pvb_result_clear(&result);
  // A size without a function is a mistake.
  allocator.allocate = nullptr;
  CHECK(eval("1", &result) == PVB_ERR_USAGE);
  pvb_result_clear(&result);
}
