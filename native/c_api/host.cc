// pvb_function_*, pvb_host_*: host functions, and the hooks by which the engine asks its embedder.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "c_api/guard.h"
#include "c_api/handles.h"
#include "c_api/host_call.h"
#include "engine/host_function.h"
#include "engine/host_hooks.h"

using pvb::IsMessage;
using pvb::IsText;
using pvb::Outcome;
using pvb::View;

namespace {

// Written once, before any engine runs.
pvb_host_hooks given;

void OnCall(pvb::HostCall* call, Outcome arguments) {
  pvb_result result{};
  pvb_host_call handle{call};
  if (pvb::Publish(std::move(arguments), &result) != PVB_OK) return;
  given.call(call->function().owner, call->function().id, &handle, &result, call->handles.data(), call->handles.size());
}

void OnRelease(const std::vector<pvb::HostReference>& references) {
  std::vector<pvb_host_reference> released;
  released.reserve(references.size());
  for (const pvb::HostReference& reference : references) released.push_back({reference.owner, reference.id});
  given.release(released.data(), released.size());
}

void OnSettle(const pvb::HostReference& watch, Outcome outcome) {
  pvb_result result{};
  const pvb_status status = pvb::Publish(std::move(outcome), &result);
  given.settle(watch.owner, watch.id, status, &result);
}

void OnReject(uint64_t owner, Outcome outcome) {
  pvb_result result{};
  const pvb_status status = pvb::Publish(std::move(outcome), &result);
  given.reject(owner, status, &result);
}

}  // namespace

pvb_status pvb_set_host_hooks(const pvb_host_hooks* hooks) {
  static pvb::HostHooks::Hooks installed;
  pvb_host_hooks read;
  if (hooks == nullptr || !pvb::ReadOptions(hooks, &read)) return PVB_ERR_USAGE;
  pvb::HostHooks::Set(nullptr);
  given = read;
  installed.call = read.call != nullptr ? &OnCall : nullptr;
  installed.release = read.release != nullptr ? &OnRelease : nullptr;
  installed.settle = read.settle != nullptr ? &OnSettle : nullptr;
  installed.reject = read.reject != nullptr ? &OnReject : nullptr;
  pvb::HostHooks::Set(&installed);
  return PVB_OK;
}

pvb_status pvb_function_create(pvb_context* context, uint64_t id, const pvb_function_options* options,
                               pvb_result* result) {
  return pvb::Guard(result, [&](Outcome* outcome) {
    pvb_function_options read;
    if (context == nullptr) return outcome->Fail(PVB_ERR_USAGE, "no context");
    if (id == 0) return outcome->Fail(PVB_ERR_USAGE, "an id is not 0");
    if (!pvb::ReadOptions(options, &read)) return outcome->Fail(PVB_ERR_USAGE, "the options' size is not set");
    if (!IsText(read.name)) return outcome->Fail(PVB_ERR_USAGE, "the name is NULL and has a size");
    const std::shared_ptr<pvb::Context> held = context->context;
    pvb::HostFunctionSettings settings;
    settings.pass_this = read.pass_this != 0;
    settings.handles = read.handles != 0;
    if (read.max_arguments != 0) settings.max_arguments = static_cast<uint32_t>(std::max(read.max_arguments, 0));
    pvb::CreateHostFunction(*held, id, View(read.name), settings, outcome);
  });
}

pvb_status pvb_function_find(pvb_context* context, uint64_t id, pvb_result* result) {
  return pvb::Guard(result, [&](Outcome* outcome) {
    if (context == nullptr) return outcome->Fail(PVB_ERR_USAGE, "no context");
    const std::shared_ptr<pvb::Context> held = context->context;
    pvb::FindHostFunction(*held, id, outcome);
  });
}

pvb_status pvb_function_remove(pvb_context* context, uint64_t id, pvb_result* result) {
  return pvb::Guard(result, [&](Outcome* outcome) {
    if (context == nullptr) return outcome->Fail(PVB_ERR_USAGE, "no context");
    const std::shared_ptr<pvb::Context> held = context->context;
    pvb::RemoveHostFunction(*held, id, outcome);
  });
}

pvb_status pvb_host_return(pvb_host_call* call, pvb_message value, pvb_big_ints big_ints, pvb_result* result) {
  return pvb::Guard(result, [&](Outcome* outcome) {
    if (call == nullptr) return outcome->Fail(PVB_ERR_USAGE, "no call");
    if (!IsMessage(value)) return outcome->Fail(PVB_ERR_USAGE, "the value is NULL and has a size");
    if (!pvb::InRange(big_ints, PVB_BIG_INTS_ERROR))
      return outcome->Fail(PVB_ERR_USAGE, "no such choice for large integers");
    call->call->Return(value, big_ints, outcome);
  });
}

pvb_status pvb_host_return_bytes(pvb_host_call* call, const uint8_t* value, size_t size, pvb_big_ints big_ints) {
  return pvb_host_return(call, {{value, size}, nullptr, 0}, big_ints, nullptr);
}

pvb_status pvb_host_throw(pvb_host_call* call, uint64_t id, pvb_text name, pvb_text message, pvb_message details,
                          pvb_result* result) {
  return pvb::Guard(result, [&](Outcome* outcome) {
    if (call == nullptr) return outcome->Fail(PVB_ERR_USAGE, "no call");
    if (id == 0) return outcome->Fail(PVB_ERR_USAGE, "an id is not 0");
    if (!IsText(name) || !IsText(message)) return outcome->Fail(PVB_ERR_USAGE, "a text is NULL and has a size");
    if (!IsMessage(details)) return outcome->Fail(PVB_ERR_USAGE, "the details are NULL and have a size");
    call->call->Throw({id, std::string(View(name)), std::string(View(message))}, details, outcome);
  });
}

void pvb_host_stop(pvb_host_call* call) {
  if (call != nullptr) call->call->Stop();
}

int32_t pvb_host_interrupt(void) { return pvb::Entry::StopHere(pvb::StopReason::kHost) ? 1 : 0; }

uint32_t pvb_host_depth(void) { return pvb::HostCall::depth(); }

void pvb_host_defer(pvb_host_call* call, uint64_t promise) {
  if (call != nullptr) call->call->Defer(promise);
}
