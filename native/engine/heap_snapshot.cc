#include "engine/heap_snapshot.h"

#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

#include "engine/call_slot.h"
#include "engine/deadline.h"
#include "engine/poll_hook.h"

namespace pvb {
namespace {

constexpr int kChunk = 1 << 16;

// Asks the poll hook as often as a call does.
class Poll {
 public:
  bool Ends() {
    if (ended_ || !PollHook::WantedHere() || Now() < next_) return ended_;
    ended_ = PollHook::Call();
    next_ = Later(Now(), CallSlot::kPollEvery);
    return ended_;
  }
  bool ended() const { return ended_; }

 private:
  bool ended_ = false;
  Nanoseconds next_ = Later(Now(), CallSlot::kPollEvery);
};

class Progress final : public v8::ActivityControl {
 public:
  explicit Progress(Poll* poll) : poll_(poll) {}
  ControlOption ReportProgressValue(uint32_t, uint32_t) override { return poll_->Ends() ? kAbort : kContinue; }

 private:
  Poll* poll_;
};

class FileStream final : public v8::OutputStream {
 public:
  FileStream(int file, Poll* poll) : file_(file), poll_(poll) {}

  int error() const { return error_; }

  void EndOfStream() override {}
  int GetChunkSize() override { return kChunk; }
  WriteResult WriteAsciiChunk(char* data, int size) override {
    auto left = static_cast<size_t>(size);
    while (left != 0) {
      if (poll_->Ends()) return kAbort;
      const ssize_t written = write(file_, data, left);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) {
        error_ = written == 0 ? EIO : errno;
        return kAbort;
      }
      data += written;
      left -= static_cast<size_t>(written);
    }
    return kContinue;
  }

 private:
  int file_;
  Poll* poll_;
  int error_ = 0;
};

struct DeleteSnapshot {
  void operator()(const v8::HeapSnapshot* snapshot) const { const_cast<v8::HeapSnapshot*>(snapshot)->Delete(); }
};

}  // namespace

void WriteHeapSnapshot(v8::Isolate* isolate, int file, Outcome* outcome) {
  Poll poll;
  Progress progress(&poll);
  const std::unique_ptr<const v8::HeapSnapshot, DeleteSnapshot> snapshot(
      isolate->GetHeapProfiler()->TakeHeapSnapshot(&progress));
  if (snapshot != nullptr) {
    FileStream stream(file, &poll);
    snapshot->Serialize(&stream, v8::HeapSnapshot::kJSON);
    if (stream.error() != 0) {
      return outcome->Fail(
          PVB_ERR_ENGINE, "the heap snapshot could not be written: " + std::generic_category().message(stream.error()));
    }
  }
  if (poll.ended()) return outcome->Fail(PVB_ERR_INTERRUPTED, "the poll hook ended the heap snapshot");
  if (snapshot == nullptr) outcome->Fail(PVB_ERR_ENGINE, "V8 gave no heap snapshot");
}

}  // namespace pvb
