// Texts and messages as C hands them in: whether they can be looked at, and the look.
#ifndef PVB_C_API_INPUTS_H_
#define PVB_C_API_INPUTS_H_

#include <string_view>

#include "pyv8bridge.h"

namespace pvb {

inline bool IsText(pvb_text text) { return text.data != nullptr || text.size == 0; }

inline bool IsMessage(const pvb_message& message) {
  return (message.bytes.data != nullptr || message.bytes.size == 0) &&
         (message.attachments != nullptr || message.attachment_count == 0);
}

inline std::string_view View(pvb_text text) {
  return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}

}  // namespace pvb

#endif  // PVB_C_API_INPUTS_H_
