#include "engine/startup_snapshot.h"

#include <memory>

#include "engine/context.h"
#include "engine/isolate.h"

namespace pvb {

void BuildStartupSnapshot(std::span<const EvalRequest> scripts, Outcome* outcome) {
  IsolateSettings settings;
  settings.creates_snapshot = true;
  const std::shared_ptr<Isolate> isolate = Isolate::Create(settings, outcome);
  if (isolate == nullptr) return;
  const std::shared_ptr<Context> context = Context::Create(isolate, {0, 0, PVB_CODEC_WIRE}, outcome);
  if (context == nullptr) return;
  for (const EvalRequest& script : scripts) {
    Eval(*context, script, nullptr, outcome);
    if (outcome->status != PVB_OK) return;
  }
  isolate->TakeSnapshot(context->id(), outcome);
}

}  // namespace pvb
