// pvb_import_* and pvb_module_*
#include <memory>
#include <string>

#include "c_api/guard.h"
#include "c_api/handles.h"
#include "engine/code_cache.h"
#include "engine/host_call.h"
#include "engine/import.h"
#include "engine/import_hook.h"
#include "engine/module.h"

using pvb::Outcome;

namespace {

// For functions that take a context and one or two numbers: `body(context, outcome)`.
template <typename Body>
pvb_status InContext(pvb_context* context, pvb_result* result, Body body) {
  return pvb::Guard(result, [&](Outcome* outcome) {
    if (context == nullptr) return outcome->Fail(PVB_ERR_USAGE, "no context");
    const std::shared_ptr<pvb::Context> held = context->context;
    body(*held, outcome);
  });
}

}  // namespace

void pvb_set_import_hook(pvb_import_hook hook) { pvb::ImportHook::Set(hook); }

uint32_t pvb_code_cache_tag(void) {
  uint32_t tag = 0;
  pvb::GuardSilently([&tag] { tag = pvb::CodeCacheTag(); });
  return tag;
}

pvb_status pvb_import(pvb_context* context, pvb_text specifier, const pvb_import_options* options, pvb_result* result) {
  return InContext(context, result, [&](const pvb::Context& held, Outcome* outcome) {
    pvb_import_options read;
    if (!pvb::ReadOptions(options, &read)) return outcome->Fail(PVB_ERR_USAGE, "the options' size is not set");
    if (!pvb::IsText(specifier)) return outcome->Fail(PVB_ERR_USAGE, "the specifier is NULL and has a size");
    if (read.promise != nullptr) *read.promise = 0;
    pvb::Import(held, {pvb::View(specifier), {read.timeout, read.cpu_timeout}, read.token, read.promise}, outcome);
  });
}

pvb_status pvb_import_describe(pvb_context* context, uint64_t import, pvb_result* result) {
  return InContext(context, result,
                   [=](const pvb::Context& held, Outcome* outcome) { pvb::DescribeImport(held, import, outcome); });
}

pvb_status pvb_import_settle(pvb_context* context, uint64_t import, uint64_t module, pvb_result* result) {
  return InContext(context, result, [=](const pvb::Context& held, Outcome* outcome) {
    pvb::SettleImport(held, import, module, outcome);
  });
}

pvb_status pvb_import_throw(pvb_context* context, uint64_t import, uint64_t id, pvb_text name, pvb_text message,
                            pvb_message details, pvb_result* result) {
  return InContext(context, result, [&](const pvb::Context& held, Outcome* outcome) {
    if (id == 0) return outcome->Fail(PVB_ERR_USAGE, "an id is not 0");
    if (!pvb::IsText(name) || !pvb::IsText(message))
      return outcome->Fail(PVB_ERR_USAGE, "a text is NULL and has a size");
    if (!pvb::IsMessage(details)) return outcome->Fail(PVB_ERR_USAGE, "the details are NULL and have a size");
    pvb::HostCall reply(nullptr, {held.owner(), import});
    reply.Throw({id, std::string(pvb::View(name)), std::string(pvb::View(message))}, details, outcome);
    if (outcome->status == PVB_OK) pvb::RejectImport(held, import, &reply, outcome);
  });
}

pvb_status pvb_module_create(pvb_context* context, const pvb_module_options* options, uint64_t* module,
                             pvb_result* result) {
  return InContext(context, result, [&](const pvb::Context& held, Outcome* outcome) {
    pvb_module_options read;
    if (module == nullptr) return outcome->Fail(PVB_ERR_USAGE, "nowhere to put the module");
    *module = 0;
    if (!pvb::ReadOptions(options, &read)) return outcome->Fail(PVB_ERR_USAGE, "the options' size is not set");
    if (!pvb::IsText(read.name) || !pvb::IsText(read.source) || !pvb::IsBytes(read.code_cache))
      return outcome->Fail(PVB_ERR_USAGE, "a text is NULL and has a size");
    if (!pvb::IsMessage(read.values)) return outcome->Fail(PVB_ERR_USAGE, "the values are NULL and have a size");
    if (!pvb::InRange(read.kind, PVB_MODULE_VALUES)) return outcome->Fail(PVB_ERR_USAGE, "no such kind of module");
    if (!pvb::InRange(read.big_ints, PVB_BIG_INTS_ERROR))
      return outcome->Fail(PVB_ERR_USAGE, "no such choice for large integers");
    const pvb::ModuleSource source{pvb::View(read.name),
                                   read.kind,
                                   pvb::View(read.source),
                                   read.big_ints,
                                   {read.code_cache.data, read.code_cache.size},
                                   read.wants_code_cache != 0};
    bool used = false;
    pvb::CreateModule(held, source, read.values, module, &used, outcome);
    if (read.code_cache_used != nullptr) *read.code_cache_used = used ? 1 : 0;
  });
}

pvb_status pvb_module_link(pvb_context* context, uint64_t module, const uint64_t* targets, size_t count,
                           pvb_result* result) {
  return InContext(context, result, [=](const pvb::Context& held, Outcome* outcome) {
    if (targets == nullptr && count != 0) return outcome->Fail(PVB_ERR_USAGE, "the targets are NULL and have a size");
    pvb::LinkModule(held, module, {targets, count}, outcome);
  });
}

pvb_status pvb_module_evaluated(pvb_context* context, uint64_t module, int32_t* evaluated, pvb_result* result) {
  return InContext(context, result, [=](const pvb::Context& held, Outcome* outcome) {
    if (evaluated == nullptr) return outcome->Fail(PVB_ERR_USAGE, "nowhere to put the answer");
    pvb::Evaluation answer = pvb::Evaluation::kUnfinished;
    pvb::EvaluationOfModule(held, module, &answer, outcome);
    *evaluated = answer == pvb::Evaluation::kDone ? 1 : answer == pvb::Evaluation::kStopped ? -1 : 0;
  });
}

pvb_status pvb_module_code_cache(pvb_context* context, uint64_t module, pvb_result* result) {
  return InContext(context, result,
                   [=](const pvb::Context& held, Outcome* outcome) { pvb::ModuleCodeCache(held, module, outcome); });
}

pvb_status pvb_module_remove(pvb_context* context, uint64_t module, pvb_result* result) {
  return InContext(context, result,
                   [=](const pvb::Context& held, Outcome* outcome) { pvb::RemoveModule(held, module, outcome); });
}
