#include "engine/cpu_profile.h"

#include <vector>

#include "engine/result.h"
#include "engine/text.h"
#include "msgpack/message_writer.h"

namespace pvb {
namespace {

// StopProfiling knows a profile by its title.
constexpr const char* kTitle = "pyv8bridge";

class ProfileWriter {
 public:
  ProfileWriter(v8::Isolate* isolate, ByteBuffer* message) : isolate_(isolate), message_(message), writer_(message) {}

  void Write(const v8::CpuProfile& profile) {
    writer_.WriteArrayHeader(5);
    writer_.WriteInt(profile.GetStartTime());
    writer_.WriteInt(profile.GetEndTime());
    // Deep stacks make deep trees, so no function here calls itself.
    std::vector<const v8::CpuProfileNode*> nodes{profile.GetTopDownRoot()};
    for (size_t i = 0; i < nodes.size(); ++i) {
      const v8::CpuProfileNode* const node = nodes[i];
      for (int child = 0; child < node->GetChildrenCount(); ++child) nodes.push_back(node->GetChild(child));
    }
    writer_.WriteArrayHeader(static_cast<uint32_t>(nodes.size()));
    for (const v8::CpuProfileNode* node : nodes) WriteNode(*node);
    const int samples = profile.GetSamplesCount();
    writer_.WriteArrayHeader(static_cast<uint32_t>(samples));
    for (int i = 0; i < samples; ++i) writer_.WriteUint(profile.GetSample(i)->GetNodeId());
    writer_.WriteArrayHeader(static_cast<uint32_t>(samples));
    for (int i = 0; i < samples; ++i) writer_.WriteInt(profile.GetSampleTimestamp(i));
  }

 private:
  void WriteNode(const v8::CpuProfileNode& node) {
    writer_.WriteArrayHeader(10);
    writer_.WriteUint(node.GetNodeId());
    WritePrimitive(isolate_, node.GetFunctionName(), message_);
    writer_.WriteInt(node.GetScriptId());
    WritePrimitive(isolate_, node.GetScriptResourceName(), message_);
    writer_.WriteInt(node.GetLineNumber());
    writer_.WriteInt(node.GetColumnNumber());
    writer_.WriteUint(node.GetHitCount());
    writer_.WriteArrayHeader(static_cast<uint32_t>(node.GetChildrenCount()));
    for (int child = 0; child < node.GetChildrenCount(); ++child) writer_.WriteUint(node.GetChild(child)->GetNodeId());
    std::vector<v8::CpuProfileNode::LineTick> ticks(node.GetHitLineCount());
    if (!ticks.empty() && !node.GetLineTicks(ticks.data(), static_cast<unsigned>(ticks.size()))) ticks.clear();
    writer_.WriteArrayHeader(static_cast<uint32_t>(ticks.size() * 2));
    for (const v8::CpuProfileNode::LineTick& tick : ticks) {
      writer_.WriteInt(tick.line);
      writer_.WriteUint(tick.hit_count);
    }
    const char* const bailout = node.GetBailoutReason();
    writer_.WriteStr(bailout == nullptr ? "" : bailout);
  }

  v8::Isolate* isolate_;
  ByteBuffer* message_;
  MessageWriter writer_;
};

}  // namespace

void CpuProfiling::Start(v8::Isolate* isolate, int interval, Outcome* outcome) {
  if (profiler_ != nullptr) return outcome->Fail(PVB_ERR_USAGE, "a CPU profile of the isolate is being made already");
  profiler_.reset(v8::CpuProfiler::New(isolate));
  const v8::CpuProfilingStatus status = profiler_->StartProfiling(
      Literal(isolate, kTitle),
      v8::CpuProfilingOptions(v8::kLeafNodeLineNumbers, v8::CpuProfilingOptions::kNoSampleLimit, interval));
  if (status == v8::CpuProfilingStatus::kStarted) return;
  profiler_.reset();
  outcome->Fail(PVB_ERR_ENGINE, "V8 could not start its CPU profiler");
}

void CpuProfiling::Stop(v8::Isolate* isolate, Outcome* outcome) {
  if (profiler_ == nullptr) return outcome->Fail(PVB_ERR_USAGE, "no CPU profile of the isolate is being made");
  if (const auto profile = TakeProfile(isolate); profile != nullptr) {
    ProfileWriter(isolate, &outcome->message).Write(*profile);
  } else {
    outcome->Fail(PVB_ERR_ENGINE, "V8 gave no CPU profile");
  }
  profiler_.reset();
}

void CpuProfiling::Drop(v8::Isolate* isolate) {
  if (profiler_ == nullptr) return;
  const v8::HandleScope handles(isolate);
  TakeProfile(isolate).reset();
  profiler_.reset();
}

std::unique_ptr<v8::CpuProfile, CpuProfiling::DeleteProfile> CpuProfiling::TakeProfile(v8::Isolate* isolate) {
  return std::unique_ptr<v8::CpuProfile, DeleteProfile>(profiler_->StopProfiling(Literal(isolate, kTitle)));
}

}  // namespace pvb
