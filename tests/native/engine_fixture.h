// An isolate with a context, and results as plain values: the engine as its tests use it, through the C API.
#ifndef PVB_TESTS_ENGINE_FIXTURE_H_
#define PVB_TESTS_ENGINE_FIXTURE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "msgpack/message_writer.h"
#include "pyv8bridge.h"

namespace pvb::testing {

// A copy of what a call gave.
struct Result {
  pvb_status status = PVB_OK;
  std::string bytes;
  std::string message;
  std::string path;
  std::string filename;
  std::string source_line;
  int32_t line = 0;
  int32_t column = 0;
  int32_t end_column = 0;
  bool thrown_error = false;
};

inline Result Take(pvb_status status, pvb_result* from) {
  const auto text = [](pvb_text view) { return view.size == 0 ? std::string() : std::string(view.data, view.size); };
  Result result;
  result.status = status;
  if (from->message.bytes.size != 0) {
    result.bytes.assign(reinterpret_cast<const char*>(from->message.bytes.data), from->message.bytes.size);
  }
  if (const pvb_error* error = from->error; error != nullptr) {
    result.message = text(error->message);
    result.path = text(error->path);
    result.filename = text(error->filename);
    result.source_line = text(error->source_line);
    result.line = error->line;
    result.column = error->column;
    result.end_column = error->end_column;
    result.thrown_error = error->thrown_error != 0;
    if (error->status != status) result.status = PVB_ERR_ENGINE;
  }
  pvb_result_clear(from);
  return result;
}

inline pvb_text Text(std::string_view text) { return {text.data(), text.size()}; }

// The message that `write` writes, as a string of bytes.
inline std::string Message(const std::function<void(MessageWriter*)>& write) {
  ByteBuffer buffer;
  MessageWriter writer(&buffer);
  write(&writer);
  return std::string(reinterpret_cast<const char*>(buffer.data()), buffer.size());
}

inline std::string Int(int64_t value) {
  return Message([=](MessageWriter* writer) { writer->WriteInt(value); });
}
inline std::string Str(const char* text) {
  return Message([=](MessageWriter* writer) { writer->WriteStr(text); });
}
inline std::string Bool(bool value) { return value ? "\xC3" : "\xC2"; }
inline std::string Undefined() {
  return Message([](MessageWriter* writer) { writer->WriteUndefined(); });
}
inline std::string Handle(char kind, uint64_t id) {
  return Message([=](MessageWriter* writer) { writer->WriteHandle(static_cast<HandleKind>(kind), id); });
}

// The id in a message that is a handle of this kind; 0 when it is something else.
inline uint64_t HandleId(const std::string& message, char kind) {
  if (message.size() != 12 || message.substr(0, 3) != std::string("\xC7\x09\x0F", 3) || message[3] != kind) return 0;
  uint64_t id = 0;
  for (size_t i = 4; i < 12; ++i) id = id << 8 | static_cast<uint8_t>(message[i]);
  return id;
}

// A message of arguments from messages of single values that are trees.
inline std::string Array(std::initializer_list<std::string> elements) {
  std::string message = Message([&](MessageWriter* w) { w->WriteArrayHeader(static_cast<uint32_t>(elements.size())); });
  for (const std::string& element : elements) message += element;
  return message;
}

class Engine {
 public:
  explicit Engine(uint64_t memory_limit = 0, int64_t timeout = 0, int64_t cpu_timeout = 0) {
    pvb_isolate_options options{};
    options.size = sizeof(options);
    options.memory_limit = memory_limit;
    options.timeout = timeout;
    options.cpu_timeout = cpu_timeout;
    pvb_isolate_create(&options, &isolate, nullptr);
    pvb_context_create(isolate, nullptr, &context, nullptr);
  }
  ~Engine() {
    pvb_context_destroy(context);
    pvb_isolate_destroy(isolate);
  }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  Result Eval(std::string_view code, pvb_result_mode mode = PVB_RESULT_VALUE, std::string_view filename = {},
              int32_t line_offset = 0) const {
    pvb_eval_options options{};
    options.size = sizeof(options);
    options.mode = mode;
    options.filename = Text(filename);
    options.line_offset = line_offset;
    pvb_result result{};
    return Take(pvb_eval(context, Text(code), &options, &result), &result);
  }

  // Times in nanoseconds, as in pvb_eval_options.
  Result EvalWithin(int64_t timeout, std::string_view code, int64_t cpu_timeout = 0) const {
    pvb_eval_options options{};
    options.size = sizeof(options);
    options.timeout = timeout;
    options.cpu_timeout = cpu_timeout;
    pvb_result result{};
    return Take(pvb_eval(context, Text(code), &options, &result), &result);
  }

  Result Call(const pvb_call_options& options, const std::string& arguments = {}) const {
    pvb_message message{};
    message.bytes = {reinterpret_cast<const uint8_t*>(arguments.data()), arguments.size()};
    pvb_result result{};
    return Take(pvb_call(context, &options, message, &result), &result);
  }

  Result Do(pvb_operation operation, std::string_view path, const std::string& arguments = {},
            uint64_t base = 0) const {
    pvb_call_options options{};
    options.size = sizeof(options);
    options.operation = operation;
    options.path = Text(path);
    options.base = base;
    return Call(options, arguments);
  }

  pvb_heap_statistics Statistics() const {
    pvb_heap_statistics statistics{};
    statistics.size = sizeof(statistics);
    pvb_isolate_heap_statistics(isolate, &statistics, nullptr);
    return statistics;
  }

  pvb_isolate* isolate = nullptr;
  pvb_context* context = nullptr;
};

}  // namespace pvb::testing

#endif  // PVB_TESTS_ENGINE_FIXTURE_H_
