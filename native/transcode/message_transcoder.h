// Message -> wire: the state of one transcoding. message_transcoder.cc has the loop over frames, message_nodes.cc the nodes of a graph,
// which are written where they are first met and referred to by their object id from then on. Depth costs no C++ stack.
#ifndef PVB_TRANSCODE_MESSAGE_TRANSCODER_H_
#define PVB_TRANSCODE_MESSAGE_TRANSCODER_H_

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "msgpack/graph.h"
#include "transcode/key_set.h"
#include "transcode/leaf_to_wire.h"
#include "transcode/msgpack_to_wire.h"
#include "wire/value_path.h"

namespace pvb {

class MessageTranscoder {
 public:
  MessageTranscoder(std::span<const uint8_t> message, std::span<const pvb_bytes> attachments,
                    const ToWireOptions& options, ByteBuffer* wire, Fault* fault)
      : message_(message),
        options_(options),
        fault_(fault),
        reader_(message, fault),
        leaf_(message, attachments, options, wire, fault),
        look_at_(std::min(ToWireOptions::kAskEveryBytes, options.limits.max_bytes + 1)) {}

  bool Run();

 private:
  using Graph = msgpack_format::Graph;
  using Token = msgpack_format::Token;

  static constexpr uint64_t kNowhere = UINT64_MAX;
  static constexpr uint32_t kNoId = UINT32_MAX;

  enum class FrameKind : uint8_t {
    kArray,            // elements of an Array without properties
    kArrayElements,    // elements of an Array whose properties follow
    kArrayProperties,  // those properties
    kObject,           // keys and values, from a map or from a flat array
    kSparseArray,
    kMap,
    kSet,
    kError,  // only the cause is read through a frame
  };

  struct Frame {
    FrameKind kind;
    bool key_read = false;           // of a keyed container: a value comes next
    bool has_keys = false;           // it has pushed a key set
    bool str_keys = false;           // read from a map, whose keys must be str
    uint64_t remaining = 0;          // values still to be read, keys counted too
    uint64_t begun = 0;              // values begun, keys not counted (in a Map they are)
    uint64_t length = 0;             // of an Array
    uint64_t key_offset = kNowhere;  // of the last key's token
    uint64_t resume = kNowhere;      // where to read on after the body of a node
  };

  // The state of one node or leaf.
  struct Placed {
    uint32_t id = kNoId;     // its object id once it has one
    bool referable = false;  // V8 could resolve a reference to it by now
  };

  // A key as text: what keys are compared by, and shown as.
  static std::string KeyText(const Token& key);

  wire::Writer& writer() { return leaf_.writer(); }
  bool Fail(uint64_t offset, std::string message) { return reader_.Fail(offset, std::move(message)); }

  bool Transcode();
  // At every step: one comparison, until there is something to look at.
  bool CheckSize() { return leaf_.writer().out()->size() < look_at_ || LookAtLimits(); }
  bool LookAtLimits();

  // ---- frames ----

  bool Push(FrameKind kind, uint64_t at, uint64_t remaining, uint64_t length = 0);
  void BeginKeys();
  bool ReadItem();
  bool Finish();

  // ---- values ----

  bool ReadElement();
  bool ReadValue();
  void WriteReference(uint32_t id);

  // ---- keys ----

  bool ReadKey(Frame* frame);
  bool NewKey(Frame* frame, const Token& key);
  bool BeginProperties(Frame* frame);

  // ---- graphs ----

  bool ReadLeaf(const Token& reference);
  bool LeafToken(const Token& reference, Token* token);
  Placed* FindPlaced(const Token& reference, std::vector<Placed>* all, const char* what);
  bool ReadNode(const Token& reference);
  // Reads the beginning of a body, writes the beginning of the value, and pushes its frame.
  bool BeginNode(NodeKind kind, Placed* node);
  bool BeginArrayNode(const Token& body, Placed* node);
  bool BeginSparseArray(const Token& body, Placed* node);
  bool BeginError(const Token& body, Placed* node);
  // Takes the next key of an error's body if it is `name`.
  bool ReadErrorKey(std::string_view name, uint64_t* fields);
  bool ReadViewNode(Placed* node);

  // ---- errors of ours ----

  std::string Path() const;
  void AppendKey(uint64_t offset, ValuePath* path) const;

  std::span<const uint8_t> message_;
  const ToWireOptions& options_;
  Fault* fault_;
  msgpack_format::Reader reader_;
  LeafToWire leaf_;
  std::optional<Graph> graph_;
  std::vector<Placed> nodes_;
  std::vector<Placed> leaves_;
  std::vector<uint32_t> open_nodes_;  // those whose body is being read, outermost first
  std::vector<Frame> frames_;
  KeySet keys_;
  uint64_t sparse_slots_ = 0;
  uint64_t look_at_;  // when there are so many wire bytes
};

}  // namespace pvb

#endif  // PVB_TRANSCODE_MESSAGE_TRANSCODER_H_
