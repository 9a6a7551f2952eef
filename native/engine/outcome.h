// What one operation of the engine gives: a message, or what went wrong. The C API turns it into a pvb_result.
#ifndef PVB_ENGINE_OUTCOME_H_
#define PVB_ENGINE_OUTCOME_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pyv8bridge.h"
#include "wire/byte_buffer.h"
#include "wire/fault.h"

namespace pvb {

// Bytes beside a message, and what keeps them: any thread may drop it, also after the isolate is gone.
struct Attachment {
  std::shared_ptr<const void> owner;
  uint8_t* data = nullptr;
  size_t size = 0;
};

struct Outcome {
  pvb_status status = PVB_OK;
  // The value, or the thrown value. Inside the isolate it may still be V8's wire bytes, which the engine turns into a
  // message after it has left.
  ByteBuffer message;
  bool message_is_wire = false;
  uint64_t attach_from = UINT64_MAX;  // for that
  uint64_t handle = 0;                // the one that the message is, if it is one
  std::vector<Attachment> attachments;

  // As in pvb_error.
  std::string text;
  std::string path;
  uint64_t offset = 0;
  std::string filename;
  std::string source_line;
  int32_t line = 0;
  int32_t column = 0;
  int32_t end_column = 0;
  bool thrown_error = false;
  // The embedder's exception that the thrown Error stands for, or that is its cause's cause … so many steps down.
  uint64_t exception = 0;
  uint32_t exception_depth = 0;

  // Replaces everything by an error without a value.
  void Fail(pvb_status code, std::string sentence, std::string where = {}) {
    *this = Outcome();
    status = code;
    text = std::move(sentence);
    path = std::move(where);
  }

  // Takes a transcoder's fault over. `code` replaces the fault's status unless it is PVB_OK.
  void Fail(Fault fault, pvb_status code = PVB_OK) {
    Fail(code == PVB_OK ? fault.status : code, std::move(fault.message), std::move(fault.path));
    offset = fault.offset;
  }
};

}  // namespace pvb

#endif  // PVB_ENGINE_OUTCOME_H_
