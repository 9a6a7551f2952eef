/* The C API from C: makes an isolate, evaluates, calls with an argument, goes through wire bytes, closes. Exits with 0
 * when everything is as it should be, and else says what is not. */
#include <stdio.h>
#include <string.h>

#include "pyv8bridge.h"

#define CHECK(condition)                                              \
  do {                                                                \
    if (!(condition)) {                                               \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      return 1;                                                       \
    }                                                                 \
  } while (0)

static pvb_text text(const char* string) {
  pvb_text view;
  view.data = string;
  view.size = strlen(string);
  return view;
}

static int has_bytes(const pvb_result* result, const char* bytes, size_t size) {
  return result->message.bytes.size == size && memcmp(result->message.bytes.data, bytes, size) == 0;
}

static int versions(void) {
  CHECK(strcmp(pvb_version(), PVB_VERSION) == 0);
  CHECK(strchr(pvb_v8_version(), '.') != NULL);
  return 0;
}

static int eval_and_call(pvb_context* context) {
  pvb_result result;
  pvb_call_options options;
  pvb_message arguments;
  const unsigned char list[] = {0x92, 0x02, 0xA2, 'h', 'i'}; /* [2, "hi"] */

  CHECK(pvb_eval(context, text("function twice(n, s) { return s.repeat(n) }"), NULL, &result) == PVB_OK);
  CHECK(result.error == NULL);
  CHECK(has_bytes(&result, "\xC7\x00\x01", 3)); /* undefined */
  pvb_result_clear(&result);
  pvb_result_clear(&result);

  memset(&options, 0, sizeof(options));
  options.size = sizeof(options);
  options.path = text("twice");
  memset(&arguments, 0, sizeof(arguments));
  arguments.bytes.data = list;
  arguments.bytes.size = sizeof(list);
  CHECK(pvb_call(context, &options, arguments, &result) == PVB_OK);
  CHECK(has_bytes(&result, "\xA4hihi", 5));
  pvb_result_clear(&result);

  CHECK(pvb_eval(context, text("throw new TypeError('no')"), NULL, &result) == PVB_ERR_JS);
  CHECK(result.error != NULL && result.error->status == PVB_ERR_JS);
  CHECK(result.error->thrown_error == 1 && result.message.bytes.size > 0);
  CHECK(result.error->message.size == strlen("TypeError: no"));
  CHECK(memcmp(result.error->message.data, "TypeError: no", result.error->message.size) == 0);
  pvb_result_clear(&result);
  return 0;
}

static int wire(void) {
  const unsigned char message_bytes[] = {0x91, 0x05}; /* [5] */
  pvb_message message;
  pvb_result wire_bytes;
  pvb_result back;
  pvb_bytes malformed;

  memset(&message, 0, sizeof(message));
  message.bytes.data = message_bytes;
  message.bytes.size = sizeof(message_bytes);
  CHECK(pvb_message_to_wire(message, NULL, &wire_bytes) == PVB_OK);
  CHECK(wire_bytes.message.bytes.size > 2 && wire_bytes.message.bytes.data[0] == 0xFF);
  CHECK(pvb_wire_to_message(wire_bytes.message.bytes, NULL, &back) == PVB_OK);
  CHECK(has_bytes(&back, "\x91\x05", 2));
  pvb_result_clear(&back);

  malformed = wire_bytes.message.bytes;
  --malformed.size;
  CHECK(pvb_wire_to_message(malformed, NULL, &back) == PVB_ERR_DECODE);
  CHECK(back.error != NULL && back.error->message.size > 0);
  pvb_result_clear(&back);
  pvb_result_clear(&wire_bytes);
  return 0;
}

static int wrong_use(pvb_context* context) {
  pvb_result result;
  pvb_eval_options eval_options;
  pvb_call_options call_options;
  pvb_message nothing;
  pvb_text broken;
  size_t only_size;

  memset(&nothing, 0, sizeof(nothing));
  memset(&eval_options, 0, sizeof(eval_options));
  memset(&call_options, 0, sizeof(call_options));
  CHECK(pvb_eval(NULL, text("1"), NULL, &result) == PVB_ERR_USAGE);
  CHECK(result.error->status == PVB_ERR_USAGE && result.error->message.size > 0);
  pvb_result_clear(&result);
  CHECK(pvb_eval(context, text("1"), &eval_options, NULL) == PVB_ERR_USAGE); /* no size */
  eval_options.size = sizeof(eval_options);
  eval_options.mode = (pvb_result_mode)9;
  CHECK(pvb_eval(context, text("1"), &eval_options, NULL) == PVB_ERR_USAGE);
  broken.data = NULL;
  broken.size = 3;
  CHECK(pvb_eval(context, broken, NULL, NULL) == PVB_ERR_USAGE);
  call_options.size = sizeof(call_options);
  call_options.operation = (pvb_operation)77;
  CHECK(pvb_call(context, &call_options, nothing, NULL) == PVB_ERR_USAGE);
  CHECK(pvb_isolate_create(NULL, NULL, NULL) == PVB_ERR_USAGE);
  CHECK(pvb_isolate_terminate(NULL) == PVB_ERR_USAGE);
  /* A caller of an older header gives a shorter struct. */
  only_size = sizeof(only_size);
  CHECK(pvb_eval(context, text("1"), (const pvb_eval_options*)(const void*)&only_size, &result) == PVB_OK);
  pvb_result_clear(&result);
  memset(&result, 0, sizeof(result));
  pvb_result_clear(&result);
  pvb_result_clear(NULL);
  pvb_isolate_destroy(NULL);
  pvb_context_destroy(NULL);
  pvb_handle_release(NULL, 1);
  return 0;
}

int main(void) {
  pvb_isolate* isolate = NULL;
  pvb_context* context = NULL;
  pvb_heap_statistics statistics;

  CHECK(versions() == 0);
  CHECK(wire() == 0); /* before any isolate exists */
  CHECK(pvb_isolate_create(NULL, &isolate, NULL) == PVB_OK && isolate != NULL);
  CHECK(pvb_context_create(isolate, NULL, &context, NULL) == PVB_OK && context != NULL);
  CHECK(eval_and_call(context) == 0);
  CHECK(wrong_use(context) == 0);
  memset(&statistics, 0, sizeof(statistics));
  statistics.size = sizeof(statistics);
  CHECK(pvb_isolate_heap_statistics(isolate, &statistics, NULL) == PVB_OK);
  CHECK(statistics.contexts == 1 && statistics.used_heap_bytes > 0 && statistics.heap_limit_bytes > 0);
  CHECK(pvb_isolate_close(isolate, NULL) == PVB_OK);
  CHECK(pvb_eval(context, text("1"), NULL, NULL) == PVB_ERR_CLOSED);
  pvb_isolate_destroy(isolate);
  pvb_context_destroy(context);
  return 0;
}
