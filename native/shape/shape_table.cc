#include "shape/shape_table.h"

#include <algorithm>

#include "msgpack/message_writer.h"
#include "wire/text.h"

namespace pvb::shape {

ShapeTable::ShapeTable() { nodes_.emplace_back(); }

NodeId ShapeTable::FindOrAdd(NodeId from, std::string_view key) {
  for (NodeId child = nodes_[from].first_child; child != kNone; child = nodes_[child].next_sibling) {
    if (nodes_[child].key == key) return nodes_[from].last_child = child;
  }
  if (nodes_.size() >= kMaxNodes || nodes_[from].children >= kMaxChildren) return kNone;
  if (key.size() > kMaxKey || key_bytes_ + key.size() > kMaxKeyBytes) return kNone;
  uint32_t index = 0;
  if (text::ParseArrayIndex(key, &index)) return kNone;
  const std::span<const uint8_t> utf8(reinterpret_cast<const uint8_t*>(key.data()), key.size());
  if (!text::SummarizeUtf8(utf8).valid) return kNone;

  const auto child = static_cast<NodeId>(nodes_.size());
  Node& node = nodes_.emplace_back();
  ByteBuffer encoded;
  MessageWriter(&encoded).WriteStr(utf8);
  node.encoded.assign(reinterpret_cast<const char*>(encoded.data()), encoded.size());
  node.first = FirstBytes::Of(encoded.span(), encoded.size());
  node.key = key;
  key_bytes_ += key.size();
  node.parent = from;
  node.next_sibling = nodes_[from].first_child;
  nodes_[from].first_child = child;
  ++nodes_[from].children;
  return nodes_[from].last_child = child;
}

ShapeId ShapeTable::AddShape(NodeId node) {
  size_t bytes = 0;
  for (NodeId at = node; at != kRoot; at = nodes_[at].parent) bytes += nodes_[at].key.size();
  if (shapes_.size() >= kMaxShapes || shape_key_bytes_ + bytes > kMaxShapeKeyBytes) return kNone;
  shape_key_bytes_ += bytes;
  const auto id = static_cast<ShapeId>(shapes_.size());
  Shape& shape = shapes_.emplace_back();
  for (NodeId at = node; at != kRoot; at = nodes_[at].parent) {
    shape.keys.push_back(nodes_[at].key);
    shape.encoded_keys.push_back(nodes_[at].encoded);
  }
  std::reverse(shape.keys.begin(), shape.keys.end());
  std::reverse(shape.encoded_keys.begin(), shape.encoded_keys.end());
  return nodes_[node].shape = id;
}

}  // namespace pvb::shape
