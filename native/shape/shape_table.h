// The shapes that a context has met: sequences of property keys, each with a number. A trie leads from keys, one after the other, to the
// shape, so that a reader knows an object's shape at its last key without having kept the others.
#ifndef PVB_SHAPE_SHAPE_TABLE_H_
#define PVB_SHAPE_SHAPE_TABLE_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shape/first_bytes.h"

namespace pvb::shape {

using NodeId = uint32_t;
using ShapeId = uint32_t;

inline constexpr uint32_t kNone = UINT32_MAX;

struct Shape {
  std::vector<std::string> keys;          // UTF-8
  std::vector<std::string> encoded_keys;  // as MessagePack writes them
  uint32_t sightings = 0;
};

class ShapeTable {
 public:
  // Objects with more keys are maps rather than records: they have no shape.
  static constexpr uint32_t kMaxKeys = 64;

  ShapeTable();

  // The trie: from the root, a step for each key. kNone when the key can have no place: an array index (its property would not stand
  // where it was written), ill-formed UTF-8, a long one, or there is no room. Data with ever new keys fills the table, so it is limited, per node too.
  static constexpr NodeId kRoot = 0;
  NodeId Step(NodeId from, std::string_view key) {
    const NodeId likely = nodes_[from].last_child;
    if (likely != kNone && nodes_[likely].key == key) return likely;
    return FindOrAdd(from, key);
  }
  // The same for the key that `message` begins with, if it is the one that was wanted last: a string as MessagePack writes it most
  // shortly. kNone for any other. `taken` receives the key's size, header included.
  NodeId StepIfLikely(NodeId from, std::span<const uint8_t> message, size_t* taken) const {
    const NodeId likely = nodes_[from].last_child;
    if (likely == kNone) return kNone;
    const Node& node = nodes_[likely];
    const size_t size = node.encoded.size();
    if (message.size() < size || FirstBytes::Of(message, size) != node.first) return kNone;
    if (size > FirstBytes::kSize && std::memcmp(message.data(), node.encoded.data(), size) != 0) return kNone;
    *taken = size;
    return likely;
  }
  size_t KeySize(NodeId node) const { return nodes_[node].key.size(); }

  // The shape whose last key the node is, which is made when there was none; kNone without room. Counts sightings.
  ShapeId Sight(NodeId node, uint32_t sightings = 1) {
    ShapeId shape = nodes_[node].shape;
    if (shape == kNone && (shape = AddShape(node)) == kNone) return kNone;
    shapes_[shape].sightings += sightings;
    return shape;
  }

  size_t size() const { return shapes_.size(); }
  const Shape& operator[](ShapeId shape) const { return shapes_[shape]; }
  void CountSightings(ShapeId shape, uint32_t sightings) { shapes_[shape].sightings += sightings; }

 private:
  static constexpr size_t kMaxNodes = 8192;
  static constexpr size_t kMaxShapes = 1024;
  static constexpr uint32_t kMaxChildren = 64;
  // Bytes. Keys are kept as long as the context lives, several times over, and compiled.
  static constexpr size_t kMaxKey = 256;
  static constexpr size_t kMaxKeyBytes = size_t{512} << 10;
  static constexpr size_t kMaxShapeKeyBytes = size_t{1} << 20;

  struct Node {
    FirstBytes first;     // of `encoded`
    std::string encoded;  // `key` as MessagePack
    std::string key;
    NodeId parent = kNone;
    NodeId last_child = kNone;   // the child that was wanted last
    NodeId first_child = kNone;  // of a list
    NodeId next_sibling = kNone;
    ShapeId shape = kNone;
    uint32_t children = 0;
  };

  NodeId FindOrAdd(NodeId from, std::string_view key);
  ShapeId AddShape(NodeId node);

  std::vector<Node> nodes_;
  std::vector<Shape> shapes_;
  size_t key_bytes_ = 0;        // of the nodes
  size_t shape_key_bytes_ = 0;  // of the shapes
};

}  // namespace pvb::shape

#endif  // PVB_SHAPE_SHAPE_TABLE_H_
