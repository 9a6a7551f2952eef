#include "engine/call_each.h"

#include <utility>

#include "msgpack/message_writer.h"
#include "msgpack/reader.h"

namespace pvb {
namespace {

// Results of this size go out before there are more: the caller can use them, or run out of memory itself.
constexpr size_t kEnough = size_t{1} << 20;

// What is left of the limits that hold for all calls together.
class TimeLeft {
 public:
  explicit TimeLeft(const TimeLimits& together) {
    if (together.wall > 0) wall_at_ = Later(Now(), together.wall);
    if (together.cpu > 0) cpu_at_ = Later(ReadClock(CLOCK_THREAD_CPUTIME_ID), together.cpu);
  }

  // Tightens the limits of a call that begins now. False: no time is left, and the outcome is filled.
  bool Tighten(TimeLimits* limits, Outcome* outcome) const {
    if (wall_at_ != kNever && !AtMost(wall_at_ - Now(), &limits->wall)) {
      outcome->Fail(PVB_ERR_TIMEOUT, "the timeout of all calls together was over before this one");
      return false;
    }
    if (cpu_at_ != kNever && !AtMost(cpu_at_ - ReadClock(CLOCK_THREAD_CPUTIME_ID), &limits->cpu)) {
      outcome->Fail(PVB_ERR_TIMEOUT, "the CPU time of all calls together was used up before this one");
      return false;
    }
    return true;
  }

 private:
  static bool AtMost(Nanoseconds left, Nanoseconds* limit) {
    if (*limit <= 0 || *limit > left) *limit = left;
    return left > 0;
  }

  Nanoseconds wall_at_ = kNever;
  Nanoseconds cpu_at_ = kNever;
};

}  // namespace

void RunCalls(const Context& context, const CallRequest& request, const TimeLimits& together,
              std::span<const uint8_t> calls, pvb_timings* timings, ByteBuffer* results, Outcome* outcome) {
  MessageWriter writer(results);
  const size_t header = writer.BeginContainer();
  uint64_t done = 0;
  Fault fault;
  msgpack_format::Reader reader(calls, &fault);
  msgpack_format::Token token;
  bool readable = reader.Next(&token);
  if (readable && token.type != msgpack_format::TokenType::kArray) {
    readable = reader.Fail(token.offset, "the calls are not an array");
  }
  const TimeLeft left(together);
  const uint64_t count = token.number;
  for (; readable && done < count && results->size() < kEnough; ++done) {
    CallRequest item = request;
    const uint64_t at = reader.offset();
    readable = reader.Skip();
    if (!readable || !left.Tighten(&item.time, outcome)) break;
    const std::span<const uint8_t> arguments = calls.subspan(at, reader.offset() - at);
    Outcome result;
    RunCall(context, item, {{arguments.data(), arguments.size()}, nullptr, 0}, timings, &result);
    if (result.status != PVB_OK) {
      *outcome = std::move(result);
      break;
    }
    if (result.message.empty()) {
      writer.WriteNil();
    } else {
      results->append(result.message.data(), result.message.size());
    }
  }
  if (readable && done == count && reader.left() != 0) {
    readable = reader.Fail(reader.offset(), "bytes after the message");
  }
  if (!readable) outcome->Fail(std::move(fault), PVB_ERR_ENCODE);
  writer.EndContainer(header, HeaderKind::kArray, done);
}

}  // namespace pvb
