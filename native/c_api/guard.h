// The edge: runs the C++ behind one function of the C API, lets no exception out, and fills the caller's pvb_result.
#ifndef PVB_C_API_GUARD_H_
#define PVB_C_API_GUARD_H_

#include <cstring>
#include <exception>
#include <new>
#include <string_view>
#include <utility>

#include "engine/outcome.h"
#include "pyv8bridge.h"

namespace pvb {

// Moves the outcome into `result`, which may be null. Returns the status. Never throws: without memory the result is a
// constant.
pvb_status Publish(Outcome outcome, pvb_result* result) noexcept;

// A result that needs no memory.
pvb_status PublishNoMemory(pvb_result* result) noexcept;

// `body` fills an Outcome.
template <typename Body>
pvb_status Guard(pvb_result* result, Body body) noexcept {
  try {
    Outcome outcome;
    try {
      body(&outcome);
    } catch (const std::bad_alloc&) {
      return PublishNoMemory(result);
    } catch (const std::exception& error) {
      outcome.Fail(PVB_ERR_ENGINE, error.what());
    } catch (...) {
      outcome.Fail(PVB_ERR_ENGINE, "an unknown C++ exception");
    }
    return Publish(std::move(outcome), result);
  } catch (...) {
    return PublishNoMemory(result);
  }
}

// For functions that report nothing.
template <typename Body>
void GuardSilently(Body body) noexcept {
  try {
    body();
  } catch (...) {
    // Nothing was promised but to try.
  }
}

// An option struct as the caller's version of the header has it, the rest zero. False when its size makes no sense.
template <typename Options>
bool ReadOptions(const Options* given, Options* options) {
  *options = Options();
  if (given == nullptr) return true;
  if (given->size < sizeof(given->size)) return false;
  std::memcpy(options, given, given->size < sizeof(Options) ? given->size : sizeof(Options));
  return true;
}

// Borrowed inputs: NULL is fine when nothing is to be read from it.
inline bool IsText(pvb_text text) { return text.data != nullptr || text.size == 0; }
inline bool IsBytes(pvb_bytes bytes) { return bytes.data != nullptr || bytes.size == 0; }
inline bool IsMessage(const pvb_message& message) {
  return IsBytes(message.bytes) && (message.attachments != nullptr || message.attachment_count == 0);
}
inline std::string_view View(pvb_text text) {
  return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}

// Whether an enum that C filled in holds one of its values, which count up from 0. In C++ even loading another is undefined.
template <typename Enum>
bool InRange(const Enum& value, Enum last) {
  unsigned raw;
  static_assert(sizeof(raw) == sizeof(value));
  std::memcpy(&raw, &value, sizeof(raw));
  return raw <= static_cast<unsigned>(last);
}

}  // namespace pvb

#endif  // PVB_C_API_GUARD_H_
