// pvb_promise_*, pvb_run_tasks
#include <memory>
#include <string>

#include "c_api/guard.h"
#include "c_api/handles.h"
#include "engine/deferred.h"
#include "engine/promise.h"

using pvb::IsMessage;
using pvb::IsText;
using pvb::Outcome;
using pvb::View;

pvb_status pvb_promise_settle(pvb_context* context, uint64_t promise, pvb_message value,
                              const pvb_settle_options* options, pvb_result* result) {
  return pvb::Guard(result, [&](Outcome* outcome) {
    pvb_settle_options read;
    if (context == nullptr) return outcome->Fail(PVB_ERR_USAGE, "no context");
    if (!pvb::ReadOptions(options, &read)) return outcome->Fail(PVB_ERR_USAGE, "the options' size is not set");
    if (!IsMessage(value)) return outcome->Fail(PVB_ERR_USAGE, "the value is NULL and has a size");
    if (!IsText(read.name) || !IsText(read.message))
      return outcome->Fail(PVB_ERR_USAGE, "a text is NULL and has a size");
    if (!pvb::InRange(read.big_ints, PVB_BIG_INTS_ERROR))
      return outcome->Fail(PVB_ERR_USAGE, "no such choice for large integers");
    const std::shared_ptr<pvb::Context> held = context->context;
    pvb::HostCall reply(nullptr, {held->owner(), promise});
    if (read.exception == 0) {
      reply.Return(value, read.big_ints, outcome);
    } else {
      reply.Throw({read.exception, std::string(View(read.name)), std::string(View(read.message))}, value, outcome);
    }
    if (outcome->status != PVB_OK) return;
    pvb::SettleDeferred(*held, {promise, {read.timeout, read.cpu_timeout}, read.token}, &reply, outcome);
  });
}

pvb_status pvb_promise_watch(pvb_context* context, uint64_t promise, uint64_t id, const pvb_watch_options* options,
                             pvb_result* result) {
  return pvb::Guard(result, [&](Outcome* outcome) {
    pvb_watch_options read;
    if (context == nullptr) return outcome->Fail(PVB_ERR_USAGE, "no context");
    if (id == 0) return outcome->Fail(PVB_ERR_USAGE, "an id is not 0");
    if (!pvb::ReadOptions(options, &read)) return outcome->Fail(PVB_ERR_USAGE, "the options' size is not set");
    if (!pvb::InRange(read.mode, PVB_RESULT_NONE)) return outcome->Fail(PVB_ERR_USAGE, "no such result mode");
    const std::shared_ptr<pvb::Context> held = context->context;
    pvb::WatchRequest request;
    request.promise = promise;
    request.id = id;
    request.result.mode = read.mode;
    request.result.attach_from = read.attach_from;
    request.result.transfer = read.transfer != 0;
    request.time = {read.timeout, read.cpu_timeout};
    request.token = read.token;
    pvb::WatchPromise(*held, request, outcome);
  });
}

pvb_status pvb_run_tasks(pvb_context* context, const pvb_watch_options* options, pvb_result* result) {
  return pvb::Guard(result, [&](Outcome* outcome) {
    pvb_watch_options read;
    if (context == nullptr) return outcome->Fail(PVB_ERR_USAGE, "no context");
    if (!pvb::ReadOptions(options, &read)) return outcome->Fail(PVB_ERR_USAGE, "the options' size is not set");
    const std::shared_ptr<pvb::Context> held = context->context;
    pvb::RunTasks(*held, {read.timeout, read.cpu_timeout}, read.token, outcome);
  });
}
