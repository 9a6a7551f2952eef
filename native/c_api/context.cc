// pvb_context_*, pvb_eval, pvb_call and handles
#include "engine/context.h"

#include <cstring>
#include <memory>
#include <utility>

#include "c_api/guard.h"
#include "c_api/handles.h"
#include "engine/call.h"
#include "engine/call_each.h"
#include "engine/eval.h"
#include "engine/structured_clone.h"

using pvb::Outcome;

namespace {

bool IsAllocator(const pvb_bytes_allocator* allocator) {
  return allocator == nullptr || allocator->allocate != nullptr;
}

}  // namespace

using pvb::IsMessage;
using pvb::IsText;
using pvb::View;

pvb_status pvb_context_create(pvb_isolate* isolate, const pvb_context_options* options, pvb_context** context,
                              pvb_result* result) {
  return pvb::Guard(result, [&](Outcome* outcome) {
    pvb_context_options read;
    if (context == nullptr) return outcome->Fail(PVB_ERR_USAGE, "nowhere to put the context");
    *context = nullptr;
    if (isolate == nullptr) return outcome->Fail(PVB_ERR_USAGE, "no isolate");
    if (!pvb::ReadOptions(options, &read)) return outcome->Fail(PVB_ERR_USAGE, "the options' size is not set");
    if (!pvb::InRange(read.codec, PVB_CODEC_SHAPE)) return outcome->Fail(PVB_ERR_USAGE, "no such codec");
    auto handle = std::make_unique<pvb_context>();
    handle->context = pvb::Context::Create(isolate->isolate, {read.owner, read.importer, read.codec}, outcome);
    if (handle->context != nullptr) *context = handle.release();
  });
}

pvb_status pvb_context_close(pvb_context* context, pvb_result* result) {
  return pvb::Guard(result, [&](Outcome* outcome) {
    if (context == nullptr) return outcome->Fail(PVB_ERR_USAGE, "no context");
    const std::shared_ptr<pvb::Context> held = context->context;
    held->Close(outcome);
  });
}

void pvb_context_destroy(pvb_context* context) {
  pvb::GuardSilently([context] { delete context; });
}

pvb_status pvb_eval(pvb_context* context, pvb_text code, const pvb_eval_options* options, pvb_result* result) {
  return pvb::Guard(result, [&](Outcome* outcome) {
    pvb_eval_options read;
    if (context == nullptr) return outcome->Fail(PVB_ERR_USAGE, "no context");
    if (!pvb::ReadOptions(options, &read)) return outcome->Fail(PVB_ERR_USAGE, "the options' size is not set");
    if (!IsText(code) || !IsText(read.filename)) return outcome->Fail(PVB_ERR_USAGE, "a text is NULL and has a size");
    if (!pvb::InRange(read.mode, PVB_RESULT_NONE)) return outcome->Fail(PVB_ERR_USAGE, "no such result mode");
    if (!IsAllocator(read.bytes_allocator)) return outcome->Fail(PVB_ERR_USAGE, "an allocator without a function");
    const std::shared_ptr<pvb::Context> held = context->context;
    pvb::EvalRequest request;
    request.code = View(code);
    request.filename = read.filename.size == 0 ? "<eval>" : View(read.filename);
    request.line_offset = read.line_offset;
    request.result = {read.mode, read.attach_from, read.transfer != 0, read.bytes_allocator};
    request.time = {read.timeout, read.cpu_timeout};
    request.token = read.token;
    if (read.timings != nullptr) *read.timings = pvb_timings{};
    pvb_code_cache* const cache = read.code_cache;
    if (cache == nullptr) return pvb::Eval(*held, request, read.timings, outcome);
    if (!pvb::IsBytes(cache->data)) return outcome->Fail(PVB_ERR_USAGE, "the code cache is NULL and has a size");
    auto buffer = std::make_unique<pvb_buffer>();
    pvb::CodeCacheRequest caching{{cache->data.data, cache->data.size}, cache->wanted != 0, false, {}};
    cache->made = {};
    cache->owner = nullptr;
    request.code_cache = &caching;
    pvb::Eval(*held, request, read.timings, outcome);
    cache->used = caching.used ? 1 : 0;
    if (caching.made.owner == nullptr) return;
    buffer->owner = std::move(caching.made.owner);
    cache->made = {caching.made.data, caching.made.size};
    cache->owner = buffer.release();
  });
}

namespace {

// The request that the caller's options make; false: the outcome is filled.
bool ReadRequest(const pvb_call_options* options, pvb_call_options* read, pvb::CallRequest* request, Outcome* outcome) {
  const auto refuse = [outcome](const char* sentence) {
    outcome->Fail(PVB_ERR_USAGE, sentence);
    return false;
  };
  if (!pvb::ReadOptions(options, read)) return refuse("the options' size is not set");
  if (!IsText(read->path)) return refuse("the path is NULL and has a size");
  if (!pvb::InRange(read->operation, PVB_KEYS)) return refuse("no such operation");
  if (!pvb::InRange(read->mode, PVB_RESULT_NONE)) return refuse("no such result mode");
  if (!pvb::InRange(read->big_ints, PVB_BIG_INTS_ERROR)) return refuse("no such choice for large integers");
  if (!IsAllocator(read->bytes_allocator)) return refuse("an allocator without a function");
  request->operation = read->operation;
  request->base = read->base;
  request->path = View(read->path);
  request->path_is_name = read->path_is_name != 0;
  request->has_this = read->has_this != 0;
  request->result = {read->mode, read->attach_from, read->transfer != 0, read->bytes_allocator};
  request->time = {read->timeout, read->cpu_timeout};
  request->token = read->token;
  request->big_ints = read->big_ints;
  request->unique_keys = read->unique_keys != 0;
  if (read->timings != nullptr) *read->timings = pvb_timings{};
  return true;
}

void Call(pvb_context* context, const pvb_call_options* options, const pvb_message& args, Outcome* outcome) {
  pvb_call_options read;
  pvb::CallRequest request;
  if (context == nullptr) return outcome->Fail(PVB_ERR_USAGE, "no context");
  if (!IsMessage(args)) return outcome->Fail(PVB_ERR_USAGE, "the arguments are NULL and have a size");
  if (!ReadRequest(options, &read, &request, outcome)) return;
  const std::shared_ptr<pvb::Context> held = context->context;
  pvb::RunCall(*held, request, args, read.timings, outcome);
}

}  // namespace

pvb_status pvb_call(pvb_context* context, const pvb_call_options* options, pvb_message args, pvb_result* result) {
  return pvb::Guard(result, [&](Outcome* outcome) { Call(context, options, args, outcome); });
}

int64_t pvb_call_into(pvb_context* context, const pvb_call_options* options, const uint8_t* args, size_t args_size,
                      uint8_t* room, size_t room_size, pvb_result* result) {
  int64_t written = -1;
  pvb::Guard(result, [&](Outcome* outcome) {
    if (room == nullptr || result == nullptr) return outcome->Fail(PVB_ERR_USAGE, "nowhere to put the result");
    Call(context, options, {{args, args_size}, nullptr, 0}, outcome);
    const pvb::ByteBuffer& message = outcome->message;
    if (outcome->status != PVB_OK || message.size() > room_size || !outcome->attachments.empty()) return;
    if (!message.empty()) std::memcpy(room, message.data(), message.size());
    written = static_cast<int64_t>(message.size());
    outcome->message = pvb::ByteBuffer();
  });
  return written;
}

pvb_status pvb_call_each(pvb_context* context, const pvb_call_options* options, int64_t timeout, int64_t cpu_timeout,
                         pvb_bytes calls, pvb_result* results, pvb_result* failure) {
  Outcome done;
  pvb_status status = pvb::Guard(failure, [&](Outcome* outcome) {
    pvb_call_options read;
    pvb::CallRequest request;
    if (context == nullptr) return outcome->Fail(PVB_ERR_USAGE, "no context");
    if (results == nullptr) return outcome->Fail(PVB_ERR_USAGE, "nowhere to put the results");
    if (calls.data == nullptr && calls.size != 0)
      return outcome->Fail(PVB_ERR_USAGE, "the calls are NULL and have a size");
    if (!ReadRequest(options, &read, &request, outcome)) return;
    if (read.transfer != 0) return outcome->Fail(PVB_ERR_USAGE, "buffers cannot be transferred out of many calls");
    request.result.attach_from = 0;
    const std::shared_ptr<pvb::Context> held = context->context;
    pvb::RunCalls(*held, request, {timeout, cpu_timeout}, {calls.data, calls.size}, read.timings, &done.message,
                  outcome);
  });
  if (results != nullptr) {
    const pvb_status kept = pvb::Publish(std::move(done), results);
    if (status == PVB_OK) status = kept;
  }
  return status;
}

pvb_status pvb_structured_clone(pvb_context* context, pvb_result* result) {
  return pvb::Guard(result, [=](Outcome* outcome) {
    if (context == nullptr) return outcome->Fail(PVB_ERR_USAGE, "no context");
    const std::shared_ptr<pvb::Context> held = context->context;
    pvb::MakeStructuredClone(*held, outcome);
  });
}

void pvb_handle_release(pvb_context* context, uint64_t handle) {
  if (context == nullptr) return;
  pvb::GuardSilently([=] { context->context->ReleaseHandle(handle); });
}
