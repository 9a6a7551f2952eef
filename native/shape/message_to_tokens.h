// Message -> tokens, the way in: one pass over MessagePack that finds the shape of every object and lays out what the codec's JavaScript
// then builds. Bytes to words: no isolate, and every input is untrusted.
#ifndef PVB_SHAPE_MESSAGE_TO_TOKENS_H_
#define PVB_SHAPE_MESSAGE_TO_TOKENS_H_

#include <optional>
#include <span>
#include <vector>

#include "msgpack/reader.h"
#include "shape/shape_table.h"
#include "shape/token.h"
#include "transcode/leaf_to_wire.h"

namespace pvb::shape {

// A value that C++ makes and JavaScript only puts in its place.
struct Item {
  std::span<const uint8_t> text;  // of the message. Should be UTF-8, which is looked at only where it is no ascii
  bool ascii = false;
  bool is_key = false;  // V8 wants to have keys only once
  bool rides = false;   // no text: the next one of the values that ride along
};

class MessageToTokens {
 public:
  explicit MessageToTokens(ShapeTable* shapes) : shapes_(shapes) {}

  // False for a message that is malformed, or does not fit into `space`, or holds what has no token (graphs, holes, handles, attachments): the
  // wire codec says what is wrong with the one, and takes the other. Objects whose shape has `seen_often` or more sightings, this one
  // included, become kObject, others kPairs.
  bool Run(std::span<const uint8_t> message, const ToWireOptions& options, TokenSpace space, uint32_t seen_often);

  // Whether nothing about the bytes will be refused any more: the root is an array, and every text is UTF-8.
  bool IsSound() const;

  const std::vector<Item>& items() const { return items_; }
  size_t tokens() const { return token_; }
  size_t doubles() const { return double_; }
  // As many as were there at any time: what began as an array of numbers may turn out to be another.
  size_t most_doubles() const { return most_doubles_ > double_ ? most_doubles_ : double_; }
  // Gives back the memory that only a large message needs. The tokens' items are gone then.
  void Shrink();
  // Whether most of it are objects that can have no shape, at which the wire codec is better.
  bool mostly_shapeless() const { return 4 * shapeless_ > token_; }
  // Leaves that have no token of their own (dates, bigints, binary data, ...) ride along as wire bytes: one Array of them. Empty without any.
  std::span<const uint8_t> riders() const { return riders_.span(); }
  // Shapes that a kObject names for the first time.
  const std::vector<ShapeId>& wanted() const { return wanted_; }

 private:
  using Token = msgpack_format::Token;

  struct Frame {
    uint32_t remaining = 0;  // values still to come
    bool is_object = false;
    NodeId node = kNone;   // of an object: where its keys have led
    size_t header = 0;     // the token of the object itself
    size_t first_key = 0;  // in keys_
  };
  // Short texts that a message repeats become one item.
  struct Repeat {
    FirstBytes text;
    uint32_t size = 0;
    uint32_t item = 0;
    uint64_t message = 0;  // which one it was met in
  };
  static constexpr size_t kRepeats = 256;

  void Put(int32_t token) { space_.tokens[token_++] = token; }
  void PutDouble(double value) { space_.doubles[double_++] = value; }
  bool ReadValue();
  bool ReadKey(Frame* frame);
  bool ReadExt(const Token& token);
  void PutText(std::span<const uint8_t> utf8, bool is_key);
  bool HasRoom(size_t tokens, size_t doubles) const {
    return tokens <= space_.tokens.size() - token_ && doubles <= space_.doubles.size() - double_;
  }
  void BeginRider();
  void PutRider();
  bool WriteRider(const Token& token);
  bool WriteFlatObject(uint32_t count);
  void PutItem(const Item& item);
  void FinishRiders();
  bool BeginArray(uint32_t count);
  bool ReadNumbers(uint32_t count);
  bool BeginObject(uint32_t count);
  bool FinishObject(const Frame& frame);

  ShapeTable* shapes_;
  Fault fault_;
  msgpack_format::Reader reader_{{}, &fault_};
  TokenSpace space_;
  uint32_t seen_often_ = 0;
  size_t token_ = 0;
  size_t double_ = 0;
  size_t most_doubles_ = 0;
  size_t shapeless_ = 0;  // keys
  std::vector<Frame> frames_;
  std::vector<std::span<const uint8_t>> keys_;  // of the objects that are open
  std::vector<Item> items_;
  std::vector<Repeat> repeats_ = std::vector<Repeat>(kRepeats);
  uint64_t message_ = 0;
  const uint8_t* message_end_ = nullptr;
  ByteBuffer riders_;
  uint32_t rider_count_ = 0;
  std::optional<LeafToWire> rider_writer_;
  uint32_t max_depth_ = 0;
  std::vector<ShapeId> wanted_;
  std::vector<bool> named_;  // by shape: a kObject has named it before
};

}  // namespace pvb::shape

#endif  // PVB_SHAPE_MESSAGE_TO_TOKENS_H_
