// pvb_context_*, pvb_eval, pvb_call and handles
#include "engine/context.h"

#include <memory>
#include <string_view>

#include "c_api/guard.h"
#include "c_api/handles.h"
#include "c_api/inputs.h"
#include "engine/call.h"
#include "engine/eval.h"

using pvb::IsMessage;
using pvb::IsText;
using pvb::Outcome;
using pvb::View;

pvb_status pvb_context_create(pvb_isolate* isolate, const pvb_context_options* options, pvb_context** context,
                              pvb_result* result) {
  return pvb::Guard(result, [&](Outcome* outcome) {
    pvb_context_options read;
    if (context == nullptr) return outcome->Fail(PVB_ERR_USAGE, "nowhere to put the context");
    *context = nullptr;
    if (isolate == nullptr) return outcome->Fail(PVB_ERR_USAGE, "no isolate");
    if (!pvb::ReadOptions(options, &read)) return outcome->Fail(PVB_ERR_USAGE, "the options' size is not set");
    auto handle = std::make_unique<pvb_context>();
    handle->context = pvb::Context::Create(isolate->isolate, read.owner, outcome);
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
    const std::shared_ptr<pvb::Context> held = context->context;
    pvb::EvalRequest request;
    request.code = View(code);
    request.filename = read.filename.size == 0 ? "<eval>" : View(read.filename);
    request.line_offset = read.line_offset;
    request.result = {read.mode, read.attach_from, read.transfer != 0};
    request.time = {read.timeout, read.cpu_timeout};
    request.token = read.token;
    if (read.timings != nullptr) *read.timings = pvb_timings{};
    pvb::Eval(*held, request, read.timings, outcome);
  });
}

pvb_status pvb_call(pvb_context* context, const pvb_call_options* options, pvb_message args, pvb_result* result) {
  return pvb::Guard(result, [&](Outcome* outcome) {
    pvb_call_options read;
    if (context == nullptr) return outcome->Fail(PVB_ERR_USAGE, "no context");
    if (!pvb::ReadOptions(options, &read)) return outcome->Fail(PVB_ERR_USAGE, "the options' size is not set");
    if (!IsText(read.path)) return outcome->Fail(PVB_ERR_USAGE, "the path is NULL and has a size");
    if (!IsMessage(args)) return outcome->Fail(PVB_ERR_USAGE, "the arguments are NULL and have a size");
    if (!pvb::InRange(read.operation, PVB_KEYS)) return outcome->Fail(PVB_ERR_USAGE, "no such operation");
    if (!pvb::InRange(read.mode, PVB_RESULT_NONE)) return outcome->Fail(PVB_ERR_USAGE, "no such result mode");
    if (!pvb::InRange(read.big_ints, PVB_BIG_INTS_ERROR))
      return outcome->Fail(PVB_ERR_USAGE, "no such choice for large integers");
    const std::shared_ptr<pvb::Context> held = context->context;
    pvb::CallRequest request;
    request.operation = read.operation;
    request.base = read.base;
    request.path = View(read.path);
    request.path_is_name = read.path_is_name != 0;
    request.has_this = read.has_this != 0;
    request.result = {read.mode, read.attach_from, read.transfer != 0};
    request.time = {read.timeout, read.cpu_timeout};
    request.token = read.token;
    request.big_ints = read.big_ints;
    request.unique_keys = read.unique_keys != 0;
    if (read.timings != nullptr) *read.timings = pvb_timings{};
    pvb::RunCall(*held, request, args, read.timings, outcome);
  });
}

void pvb_handle_release(pvb_context* context, uint64_t handle) {
  if (context == nullptr) return;
  pvb::GuardSilently([=] { context->context->ReleaseHandle(handle); });
}
