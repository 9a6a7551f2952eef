// pvb_result and what owns its bytes.
#include <utility>

#include "c_api/guard.h"
#include "c_api/handles.h"
#include "engine/live_objects.h"

namespace pvb {
namespace {

struct ResultOwner {
  explicit ResultOwner(Outcome from) : outcome(std::move(from)) {}

  Outcome outcome;
  pvb_error error{};
  std::vector<pvb_bytes> attachments;
  Counted<Live::kResult> counted;
};

pvb_text View(const std::string& text) { return {text.data(), text.size()}; }

constexpr char kNoMemorySentence[] = "out of memory";

constexpr pvb_error kNoMemory = [] {
  pvb_error error{};
  error.status = PVB_ERR_NO_MEMORY;
  error.message = {kNoMemorySentence, sizeof(kNoMemorySentence) - 1};
  return error;
}();

}  // namespace

pvb_status PublishNoMemory(pvb_result* result) noexcept {
  if (result != nullptr) {
    *result = pvb_result{};
    result->error = &kNoMemory;
  }
  return PVB_ERR_NO_MEMORY;
}

pvb_status Publish(Outcome outcome, pvb_result* result) noexcept {
  const pvb_status status = outcome.status;
  if (result == nullptr) return status;
  *result = pvb_result{};
  if (status == PVB_OK && outcome.message.empty()) return status;

  auto* owner = new (std::nothrow) ResultOwner(std::move(outcome));
  if (owner == nullptr) return PublishNoMemory(result);
  const Outcome& kept = owner->outcome;
  result->owner = owner;
  result->message.bytes = {kept.message.data(), kept.message.size()};
  try {
    for (const Attachment& attachment : kept.attachments)
      owner->attachments.push_back({attachment.data, attachment.size});
  } catch (...) {
    delete owner;
    return PublishNoMemory(result);
  }
  result->message.attachments = owner->attachments.data();
  result->message.attachment_count = owner->attachments.size();
  if (status == PVB_OK) return status;

  pvb_error& error = owner->error;
  error.status = status;
  error.message = View(kept.text);
  error.path = View(kept.path);
  error.offset = kept.offset;
  error.filename = View(kept.filename);
  error.source_line = View(kept.source_line);
  error.line = kept.line;
  error.column = kept.column;
  error.end_column = kept.end_column;
  error.exception = kept.exception;
  error.exception_depth = kept.exception_depth;
  error.thrown_error = kept.thrown_error ? 1 : 0;
  result->error = &error;
  return status;
}

}  // namespace pvb

pvb_buffer* pvb_result_take_attachment(pvb_result* result, size_t index) {
  if (result == nullptr || result->owner == nullptr) return nullptr;
  auto& attachments = static_cast<pvb::ResultOwner*>(result->owner)->outcome.attachments;
  if (index >= attachments.size() || attachments[index].owner == nullptr) return nullptr;
  auto* buffer = new (std::nothrow) pvb_buffer;
  if (buffer != nullptr) buffer->owner = std::move(attachments[index].owner);
  return buffer;
}

void pvb_buffer_destroy(pvb_buffer* buffer) { delete buffer; }

void pvb_result_clear(pvb_result* result) {
  if (result == nullptr) return;
  delete static_cast<pvb::ResultOwner*>(result->owner);
  *result = pvb_result{};
}
