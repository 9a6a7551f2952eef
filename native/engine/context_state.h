// What V8 holds for one context. It belongs to its isolate, which alone decides when V8 may be touched; the outside
// knows it by number.
#ifndef PVB_ENGINE_CONTEXT_STATE_H_
#define PVB_ENGINE_CONTEXT_STATE_H_

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "engine/codec_choice.h"
#include "engine/global_name.h"
#include "engine/handle_table.h"
#include "engine/import_table.h"
#include "engine/live_objects.h"
#include "engine/module_table.h"
#include "engine/v8_compat.h"
#include "pyv8bridge.h"

namespace pvb {

class ShapeCodec;

struct ContextState {
  ContextState();
  ~ContextState();

  v8::Global<v8::Context> context;
  HandleTable handles;
  GlobalNames names;
  uint64_t owner = 0;  // what the embedder knows the context by
  std::unordered_map<uint64_t, v8::Global<v8::Promise::Resolver>> deferreds;
  v8::Global<v8::Function> assign;  // of target.cc, once it was needed
  ModuleTable modules;
  ImportTable imports;
  Counted<Live::kContext> counted;
  pvb_codec codec = PVB_CODEC_AUTO;
  CodecChoice choice;                       // for results, and the arguments of host functions
  CodecChoice answer_choice;                // for what host functions answer
  std::unique_ptr<ShapeCodec> shape_codec;  // once it was wanted
};

}  // namespace pvb

#endif  // PVB_ENGINE_CONTEXT_STATE_H_
