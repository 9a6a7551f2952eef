// pvb_isolate_*
#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "c_api/guard.h"
#include "c_api/handles.h"
#include "engine/platform.h"
#include "engine/startup_snapshot.h"

using pvb::Outcome;

pvb_status pvb_isolate_create(const pvb_isolate_options* options, pvb_isolate** isolate, pvb_result* result) {
  return pvb::Guard(result, [&](Outcome* outcome) {
    pvb_isolate_options read;
    if (isolate == nullptr) return outcome->Fail(PVB_ERR_USAGE, "nowhere to put the isolate");
    *isolate = nullptr;
    if (!pvb::ReadOptions(options, &read)) return outcome->Fail(PVB_ERR_USAGE, "the options' size is not set");
    auto handle = std::make_unique<pvb_isolate>();
    if (!pvb::IsBytes(read.snapshot)) return outcome->Fail(PVB_ERR_USAGE, "the snapshot is NULL and has a size");
    pvb::IsolateSettings settings;
    settings.memory_limit = read.memory_limit;
    settings.time = {read.timeout, read.cpu_timeout};
    if (read.snapshot.size != 0) {
      settings.snapshot =
          std::make_shared<const std::string>(reinterpret_cast<const char*>(read.snapshot.data), read.snapshot.size);
    }
    handle->isolate = pvb::Isolate::Create(settings, outcome);
    if (handle->isolate != nullptr) *isolate = handle.release();
  });
}

pvb_status pvb_isolate_close(pvb_isolate* isolate, pvb_result* result) {
  return pvb::Guard(result, [&](Outcome* outcome) {
    if (isolate == nullptr) return outcome->Fail(PVB_ERR_USAGE, "no isolate");
    const std::shared_ptr<pvb::Isolate> held = isolate->isolate;
    held->Close(outcome);
  });
}

void pvb_isolate_destroy(pvb_isolate* isolate) {
  pvb::GuardSilently([isolate] { delete isolate; });
}

pvb_status pvb_isolate_terminate(pvb_isolate* isolate) {
  if (isolate == nullptr) return PVB_ERR_USAGE;
  if (pvb::ForkedAfterStart()) return PVB_ERR_FORK;
  return pvb::Guard(nullptr, [isolate](Outcome*) {
    const std::shared_ptr<pvb::Isolate> held = isolate->isolate;
    held->Stop(pvb::StopReason::kCancel);
  });
}

int32_t pvb_isolate_entered(const pvb_isolate* isolate) {
  return isolate != nullptr && isolate->isolate->EnteredHere() ? 1 : 0;
}

pvb_status pvb_isolate_cancel(pvb_isolate* isolate, uint64_t token) {
  if (isolate == nullptr || token == 0) return PVB_ERR_USAGE;
  if (pvb::ForkedAfterStart()) return PVB_ERR_FORK;
  return pvb::Guard(nullptr, [=](Outcome*) {
    const std::shared_ptr<pvb::Isolate> held = isolate->isolate;
    held->Cancel(token);
  });
}

pvb_status pvb_isolate_heap_statistics(pvb_isolate* isolate, pvb_heap_statistics* out, pvb_result* result) {
  return pvb::Guard(result, [&](Outcome* outcome) {
    if (isolate == nullptr || out == nullptr)
      return outcome->Fail(PVB_ERR_USAGE, "no isolate, or nowhere to put its statistics");
    const size_t size = out->size;
    if (size < sizeof(size)) return outcome->Fail(PVB_ERR_USAGE, "the statistics' size is not set");
    const std::shared_ptr<pvb::Isolate> held = isolate->isolate;
    pvb_heap_statistics statistics{};
    held->HeapStatistics(&statistics, outcome);
    // No more than the caller's struct has room for, and its size as it was.
    statistics.size = size;
    std::memcpy(out, &statistics, std::min(size, sizeof(statistics)));
  });
}

pvb_status pvb_isolate_collect_garbage(pvb_isolate* isolate, int32_t hard, pvb_result* result) {
  return pvb::Guard(result, [&](Outcome* outcome) {
    if (isolate == nullptr) return outcome->Fail(PVB_ERR_USAGE, "no isolate");
    const std::shared_ptr<pvb::Isolate> held = isolate->isolate;
    held->CollectGarbage(hard != 0, outcome);
  });
}

pvb_status pvb_isolate_heap_snapshot(pvb_isolate* isolate, int32_t file, pvb_result* result) {
  return pvb::Guard(result, [&](Outcome* outcome) {
    if (isolate == nullptr) return outcome->Fail(PVB_ERR_USAGE, "no isolate");
    const std::shared_ptr<pvb::Isolate> held = isolate->isolate;
    held->WriteHeapSnapshot(file, outcome);
  });
}

pvb_status pvb_isolate_cpu_profile_start(pvb_isolate* isolate, int32_t interval, pvb_result* result) {
  return pvb::Guard(result, [&](Outcome* outcome) {
    if (isolate == nullptr) return outcome->Fail(PVB_ERR_USAGE, "no isolate");
    if (interval <= 0) return outcome->Fail(PVB_ERR_USAGE, "the sampling interval is above 0");
    const std::shared_ptr<pvb::Isolate> held = isolate->isolate;
    held->StartCpuProfile(interval, outcome);
  });
}

pvb_status pvb_isolate_cpu_profile_stop(pvb_isolate* isolate, pvb_result* result) {
  return pvb::Guard(result, [&](Outcome* outcome) {
    if (isolate == nullptr) return outcome->Fail(PVB_ERR_USAGE, "no isolate");
    const std::shared_ptr<pvb::Isolate> held = isolate->isolate;
    held->StopCpuProfile(outcome);
  });
}

pvb_status pvb_snapshot_build(const pvb_script* scripts, size_t count, const pvb_snapshot_options* options,
                              pvb_result* result) {
  return pvb::Guard(result, [&](Outcome* outcome) {
    pvb_snapshot_options read;
    if (!pvb::ReadOptions(options, &read)) return outcome->Fail(PVB_ERR_USAGE, "the options' size is not set");
    if (scripts == nullptr && count != 0) return outcome->Fail(PVB_ERR_USAGE, "the scripts are NULL and have a size");
    std::vector<pvb::EvalRequest> requests;
    for (size_t i = 0; i < count; ++i) {
      if (!pvb::IsText(scripts[i].code) || !pvb::IsText(scripts[i].filename))
        return outcome->Fail(PVB_ERR_USAGE, "a text is NULL and has a size");
      pvb::EvalRequest request;
      request.code = pvb::View(scripts[i].code);
      request.filename = scripts[i].filename.size == 0 ? "<eval>" : pvb::View(scripts[i].filename);
      request.result.mode = PVB_RESULT_NONE;
      request.time = {read.timeout, read.cpu_timeout};
      requests.push_back(request);
    }
    pvb::BuildStartupSnapshot(requests, outcome);
  });
}
