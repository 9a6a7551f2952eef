// Puts a graph message together (docs/format.md, Graphs): bodies are finished inner ones first, and stand in the message by number.
#ifndef PVB_TRANSCODE_GRAPH_WRITER_H_
#define PVB_TRANSCODE_GRAPH_WRITER_H_

#include <vector>

#include "msgpack/message_writer.h"

namespace pvb {

class GraphWriter {
 public:
  GraphWriter() : leaves_writer_(&leaves_) {}

  bool empty() const { return kinds_.empty() && leaf_count_ == 0; }

  // Nodes are numbered when they begin, so that what is inside can refer to them.
  uint32_t BeginNode() {
    kinds_.push_back(0);
    bodies_.push_back({});
    return static_cast<uint32_t>(kinds_.size() - 1);
  }
  // Moves the body, everything in `out` from `start` on, here, and leaves a reference in its place.
  void EndNode(uint32_t number, NodeKind kind, size_t start, MessageWriter* out);

  // The caller writes one value to the writer, which is the leaf with the number returned.
  uint32_t BeginLeaf() { return leaf_count_++; }
  MessageWriter* leaves() { return &leaves_writer_; }

  // Replaces the root, which is all that `out` holds, by the whole message. False when it would exceed max_bytes.
  bool Assemble(uint64_t max_bytes, ByteBuffer* out);

  uint64_t size() const { return finished_.size() + leaves_.size() + kinds_.size(); }

 private:
  struct Body {
    size_t offset = 0;
    size_t size = 0;
  };

  std::vector<uint8_t> kinds_;
  std::vector<Body> bodies_;
  ByteBuffer finished_;  // bodies in the order in which they ended
  ByteBuffer leaves_;
  MessageWriter leaves_writer_;
  uint32_t leaf_count_ = 0;
};

}  // namespace pvb

#endif  // PVB_TRANSCODE_GRAPH_WRITER_H_
