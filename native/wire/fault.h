// What is wrong with bytes: the one error type of the reader, the writer and both transcoders.
#ifndef PVB_WIRE_FAULT_H_
#define PVB_WIRE_FAULT_H_

#include <cstdint>
#include <string>

#include "pyv8bridge.h"

namespace pvb {

struct Fault {
  pvb_status status = PVB_OK;
  uint64_t offset = 0;  // into the input
  std::string message;  // one sentence, without the offset and the path
  std::string path;     // "$.rows[3].when" where it is known
};

}  // namespace pvb

#endif  // PVB_WIRE_FAULT_H_
