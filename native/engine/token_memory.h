// Memory for the tokens and doubles of one message at a time, which JavaScript sees as typed arrays. It is address space, reserved once and
// never moved, so that compiled code has its address as a constant; pages come as they are touched.
#ifndef PVB_ENGINE_TOKEN_MEMORY_H_
#define PVB_ENGINE_TOKEN_MEMORY_H_

#include <cstddef>
#include <cstdint>

#include "engine/v8_compat.h"
#include "shape/token.h"

namespace pvb {

class TokenMemory {
 public:
  // Check reserved() after it: there may be a limit on address space.
  TokenMemory();
  ~TokenMemory();
  TokenMemory(const TokenMemory&) = delete;
  TokenMemory& operator=(const TokenMemory&) = delete;

  bool reserved() const { return base_ != nullptr; }
  shape::TokenSpace space() const;

  // Views on the memory for a script of ours. Nobody else may get hold of them, as they do not keep the memory.
  v8::Local<v8::Int32Array> TokenView(v8::Isolate* isolate) const;
  v8::Local<v8::Float64Array> DoubleView(v8::Isolate* isolate) const;

  // Gives back pages that a message of this size has touched, but for those that an ordinary one needs. The size may be that of one which
  // did not fit.
  void Trim(size_t tokens, size_t doubles);

 private:
  void* base_ = nullptr;
};

}  // namespace pvb

#endif  // PVB_ENGINE_TOKEN_MEMORY_H_
