// The table of contents of a graph message (docs/format.md, Graphs): where each leaf, the root and each node's body begin.
#ifndef PVB_MSGPACK_GRAPH_H_
#define PVB_MSGPACK_GRAPH_H_

#include <optional>
#include <span>
#include <vector>

#include "msgpack/reader.h"

namespace pvb::msgpack_format {

struct Graph {
  std::span<const uint8_t> kinds;      // one NodeKind a node
  std::vector<uint64_t> leaf_offsets;  // all offsets count from the start of the message
  std::vector<uint64_t> body_offsets;
  uint64_t root_offset = 0;
};

// True when the message begins as a graph does.
bool IsGraph(std::span<const uint8_t> message);

// Walks a whole graph message once. On failure the fault is filled.
std::optional<Graph> IndexGraph(std::span<const uint8_t> message, Fault* fault);

}  // namespace pvb::msgpack_format

#endif  // PVB_MSGPACK_GRAPH_H_
