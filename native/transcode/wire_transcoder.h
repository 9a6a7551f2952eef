// Wire -> message: the state of one transcoding, shared by the files that read arrays, errors, and buffers.
// wire_transcoder.cc has the loop and all that is neither.
//
// Only a reference shows that a value is met twice, and it comes after the value. So the first pass takes every value for unshared and
// notes what references point to; if there were any, a second pass makes those values nodes and leaves. Trees, the usual case,
// pay nothing for it. One loop over a stack of frames: depth costs no C++ stack.
#ifndef PVB_TRANSCODE_WIRE_TRANSCODER_H_
#define PVB_TRANSCODE_WIRE_TRANSCODER_H_

#include <string_view>
#include <vector>

#include "transcode/graph_writer.h"
#include "transcode/key_set.h"
#include "transcode/leaf_to_msgpack.h"
#include "transcode/wire_to_msgpack.h"
#include "wire/value_path.h"

namespace pvb {

class WireTranscoder {
 public:
  WireTranscoder(std::span<const uint8_t> wire, const ToMessageOptions& options, ByteBuffer* message, Fault* fault)
      : wire_(wire),
        options_(options),
        fault_(fault),
        reader_(wire, fault),
        leaf_(&reader_, options.limits),
        out_(message) {}

  // `shared` has an entry for each object id that something refers to: read in the second pass, filled in the first.
  bool Run(bool v13_view_flags, bool second_pass, std::vector<bool>* shared);

  bool saw_v13() const { return reader_.version() < wire::kViewFlagsVersion; }
  bool saw_references() const { return saw_references_; }

 private:
  using Tag = wire::Tag;

  static constexpr uint32_t kNone = UINT32_MAX;

  // What an object id stands for.
  struct Object {
    enum class Type : uint8_t { kNode, kLeaf, kBuffer };
    Type type = Type::kNode;
    uint32_t number = kNone;  // of its node or leaf, in the second pass
  };

  struct Buffer {
    uint32_t id = 0;
    std::span<const uint8_t> bytes;
    bool resizable = false;
    uint64_t max_size = 0;
  };

  enum class FrameKind : uint8_t { kDenseArray, kPairArray, kObject, kMap, kSet, kError };

  struct Frame {
    FrameKind kind;
    Tag end_tag = Tag::kPadding;
    bool key_read = false;     // a value comes next
    bool flat = false;         // an object with a key that is no str
    uint32_t node = kNone;     // its number when it is one already
    size_t start = 0;          // where it begins in the output
    uint64_t begun = 0;        // values begun (keys of a Map counted, keys of objects not)
    uint64_t length = 0;       // of an array
    uint64_t holes = 0;        // of a dense array
    uint64_t dense_pairs = 0;  // entries that came from a dense array's elements: its end counts only the others
    size_t first_entry = 0;    // of a pair array, in entries_
    size_t first_extent = 0;   // of a dense array, in extents_
    size_t key_position = 0;   // of an object's last key, in the output
  };

  // An element or property of an array that is read as keys and values.
  struct Entry {
    bool is_index;
    uint32_t index;
    uint64_t offset;  // of the key in the wire bytes
    size_t position;  // of the value (an element) or of key and value (a property) in the output
    size_t end = 0;
  };

  // Where a container inside a dense array stands in the output.
  struct Extent {
    size_t begin;
    size_t end;
  };

  // What an error frame has read so far.
  struct ErrorParts {
    const char* name = "Error";
    bool has_message = false;
    bool has_stack = false;
    bool has_cause = false;
    bool cause_open = false;  // the cause stands at the end of the output
    ByteBuffer message;
    ByteBuffer stack;
    ByteBuffer cause;
  };

  bool Fail(uint64_t offset, std::string message) { return reader_.Fail(offset, std::move(message)); }

  bool Transcode();

  // ---- objects and their ids ----

  uint32_t NewObject(Object::Type type);
  bool IsShared(uint32_t id) const { return second_pass_ && id < shared_->size() && (*shared_)[id]; }

  // The writer for an object without children: among the leaves when something refers to it.
  MessageWriter* BeginLeaf();
  void NoteReference(uint32_t id);
  bool ReadReference(uint64_t at);

  // ---- frames ----

  Frame* Push(FrameKind kind, Tag end_tag, uint64_t at, bool always_node);
  void Pop(NodeKind kind, bool must_be_node);
  bool Continue();

  // For the path when the input ends between two values: to the member or key that would come next, or to the object itself.
  static void BeginMissing(Frame* frame);
  bool Finish(Frame* frame);

  // ---- values ----

  bool ReadValue();
  bool ReadObject(Tag tag, uint64_t at);
  bool ReadDelegated(Tag tag, uint64_t at);

  // ---- objects ----

  // Reads a property key and writes it as a string; `str` tells whether it became a str.
  bool ReadKey(bool* str);
  bool ReadObjectKey(Frame* frame);

  // What was written from `position` on. As keys are always written the same way, equal keys are equal bytes.
  std::string_view Written(size_t position);

  // ---- arrays ----

  bool BeginDenseArray(uint64_t at);
  bool ContinueDenseArray(Frame* frame);

  // Goes on with a dense array as keys and values: it has properties, or is mostly holes.
  bool ConvertToPairs(Frame* frame);
  bool BeginSparseArray(uint64_t at);
  void CloseEntry(const Frame& frame);
  bool ReadArrayKey(Frame* frame);
  bool CheckLength(Frame* frame);
  bool FinishPairArray(Frame* frame);

  // Holes between keys take no bytes on the wire, and three each in a message: a stream of kilobytes could ask for gigabytes.
  bool CountHoles(uint64_t holes);

  using EntryIterator = std::vector<Entry>::const_iterator;
  void Rebuild(NodeKind kind, uint64_t length, EntryIterator first, EntryIterator first_property, size_t start);

  // ---- errors ----

  bool ContinueError(Frame* frame);
  bool ReadErrorString(ByteBuffer* part);
  void FinishError();

  // ---- buffers and views ----

  const Buffer* FindBuffer(uint32_t id) const;
  bool ReadBuffer(Tag tag);
  bool ReadBufferBytes(Tag tag, Buffer* buffer);
  void NewBuffer(Buffer* buffer, bool viewed);

  // After every ArrayBuffer a view on it may follow, which is then the value.
  bool AddBuffer(Buffer buffer);

  // A view that the hook read: it took its object id before its buffer, which may also be known already.
  bool ReadViewOnBuffer(const DelegatedValue& view, uint64_t at);
  bool ReadBufferOfView(Buffer* buffer, bool* again);
  bool Attaches(std::span<const uint8_t> bytes) const;
  uint32_t Attach(uint8_t use, std::span<const uint8_t> bytes);
  void WriteFixedBuffer(std::span<const uint8_t> bytes, MessageWriter* out);
  void WriteBuffer(const Buffer& buffer, MessageWriter* out);

  // `again`: the buffer was met before.
  bool ReadView(const Buffer& buffer, bool again);
  bool AddView(const Buffer& buffer, uint64_t at, uint8_t kind, uint32_t offset, uint32_t length, uint32_t flags,
               uint32_t id, bool again);

  // A view whose buffer nothing else shows: its own bytes.
  void WriteView(uint8_t kind, std::span<const uint8_t> bytes, uint32_t id);
  void WriteViewNode(uint32_t node, uint32_t leaf, uint8_t kind, uint64_t offset, const uint64_t* length);

  // ---- errors of ours ----

  std::string Path() const;
  void AppendEntry(const Frame& frame, ValuePath* path) const;
  void AppendKey(size_t position, ValuePath* path) const;

  static constexpr char kTooLarge[] = "a message of more than 4 GiB";

  std::span<const uint8_t> wire_;
  const ToMessageOptions& options_;
  Fault* fault_;
  wire::Reader reader_;
  LeafToMsgpack leaf_;
  MessageWriter out_;
  GraphWriter graph_;
  bool v13_view_flags_ = false;
  bool second_pass_ = false;
  bool saw_references_ = false;
  uint64_t implied_holes_ = 0;
  std::vector<bool>* shared_ = nullptr;
  std::vector<Object> objects_;
  std::vector<Buffer> buffers_;  // by ascending id
  std::vector<Frame> frames_;
  std::vector<Entry> entries_;      // of the pair arrays in frames_
  std::vector<Extent> extents_;     // of the dense arrays in frames_
  std::vector<ErrorParts> errors_;  // of the errors in frames_
  KeySet keys_;
};

}  // namespace pvb

#endif  // PVB_TRANSCODE_WIRE_TRANSCODER_H_
