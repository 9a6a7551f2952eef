#include "shape/tokens_to_message.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "msgpack/message_writer.h"
#include "transcode/leaf_to_msgpack.h"

namespace pvb::shape {
namespace {

using wire::Tag;

class Writer {
 public:
  Writer(const TokenStream& stream, const ShapeTable& shapes, const Limits& limits, ByteBuffer* message)
      : stream_(stream), shapes_(shapes), limits_(limits), out_(message) {}

  bool Run() {
    if (!stream_.items.empty() && !BeginItems()) return false;
    if (!WriteValue()) return false;
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      if (frame.remaining == 0) {
        frames_.pop_back();
        continue;
      }
      --frame.remaining;
      if (frame.next_key != nullptr) {
        out_.out()->append(frame.next_key->data(), frame.next_key->size());
        ++frame.next_key;
      } else if (frame.is_pairs && !WriteKey()) {
        return false;
      }
      if (!WriteValue()) return false;
    }
    return token_ == stream_.tokens.size() && double_ == stream_.doubles.size() && out_.position() <= limits_.max_bytes;
  }

 private:
  struct Frame {
    size_t remaining = 0;                   // values still to come
    const std::string* next_key = nullptr;  // of an object with a shape
    bool is_pairs = false;
  };

  bool Push(const Frame& frame) {
    if (frames_.size() >= limits_.max_depth) return false;
    frames_.push_back(frame);
    return true;
  }

  bool Next(int32_t* token) {
    if (token_ == stream_.tokens.size()) return false;
    *token = stream_.tokens[token_++];
    return true;
  }

  // Whether something announced, of at least one token each, can be there.
  bool IsLeft(uint64_t count) const { return count <= stream_.tokens.size() - token_; }

  bool WriteDouble() {
    if (double_ == stream_.doubles.size()) return false;
    const double value = stream_.doubles[double_++];
    out_.WriteNumber(std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : value);
    return true;
  }

  bool WriteValue() {
    int32_t token = 0;
    if (!Next(&token)) return false;
    if (IsIntToken(token)) {
      out_.WriteInt(IntOf(token));
      return true;
    }
    const uint32_t payload = PayloadOf(token);
    switch (KindOf(token)) {
      case TokenKind::kItem:
        return WriteItem();
      case TokenKind::kDouble:
        return WriteDouble();
      case TokenKind::kConstant:
        return WriteConstant(payload);
      case TokenKind::kObject: {
        if (payload >= shapes_.size()) return false;
        const std::vector<std::string>& keys = shapes_[payload].encoded_keys;
        if (!IsLeft(keys.size())) return false;
        out_.WriteMapHeader(static_cast<uint32_t>(keys.size()));
        return Push({keys.size(), keys.data(), false});
      }
      case TokenKind::kArray:
        if (!IsLeft(payload)) return false;
        out_.WriteArrayHeader(payload);
        return Push({payload, nullptr, false});
      case TokenKind::kNumbers:
        if (payload > stream_.doubles.size() - double_ || frames_.size() >= limits_.max_depth) return false;
        out_.WriteArrayHeader(payload);
        for (uint32_t i = 0; i < payload; ++i) WriteDouble();
        return true;
      case TokenKind::kPairs:
        if (!IsLeft(uint64_t{2} * payload)) return false;
        out_.WriteMapHeader(payload);
        return Push({payload, nullptr, true});
    }
    return false;
  }

  bool WriteConstant(uint32_t payload) {
    switch (static_cast<Constant>(payload)) {
      case Constant::kNull:
        out_.WriteNil();
        return true;
      case Constant::kUndefined:
        out_.WriteUndefined();
        return true;
      case Constant::kFalse:
      case Constant::kTrue:
        out_.WriteBool(payload == static_cast<uint32_t>(Constant::kTrue));
        return true;
    }
    return false;
  }

  // ---- items ----

  bool BeginItems() {
    Tag tag;
    return items_.ReadHeader() && items_.ReadTag(&tag) && tag == Tag::kBeginDenseJSArray &&
           items_.ReadVarint32(&item_count_);
  }

  bool NextItem(Tag* tag) {
    if (item_count_ == 0) return false;
    --item_count_;
    return items_.ReadValueTag(tag);
  }

  bool WriteItem() {
    Tag tag;
    bool known = false;
    if (!NextItem(&tag) || !leaf_.WritePrimitive(tag, &out_, &known)) return false;
    if (known) return true;
    switch (tag) {
      case Tag::kDate:
        return leaf_.WriteDate(&out_);
      case Tag::kRegExp:
        return leaf_.WriteRegExp(&out_);
      case Tag::kBeginJSObject:
        return WriteFlatObject();
      default:
        return false;  // no leaf, or met before
    }
  }

  // An object that holds primitives only.
  bool WriteFlatObject() {
    if (frames_.size() >= limits_.max_depth) return false;
    const size_t start = out_.BeginContainer();
    uint64_t count = 0;
    for (Tag tag; items_.ReadValueTag(&tag); ++count) {
      if (tag == Tag::kEndJSObject) {
        uint32_t counted = 0;
        out_.EndContainer(start, HeaderKind::kMap, count);
        return items_.ReadVarint32(&counted) && counted == count;
      }
      bool known = false;
      if (!WriteFlatKey(tag) || !items_.ReadValueTag(&tag) || !leaf_.WritePrimitive(tag, &out_, &known) || !known) {
        return false;
      }
    }
    return false;
  }

  bool WriteFlatKey(Tag tag) {
    int64_t index = 0;
    if (tag == Tag::kInt32) {
      int32_t value = 0;
      if (!items_.ReadZigZag32(&value)) return false;
      index = value;
    } else if (tag == Tag::kUint32) {
      uint32_t value = 0;
      if (!items_.ReadVarint32(&value)) return false;
      index = value;
    } else {
      bool well_formed = false;
      return LeafToMsgpack::IsString(tag) && leaf_.WriteString(tag, &out_, &well_formed) && well_formed;
    }
    out_.WriteStr(std::to_string(index).c_str());
    return true;
  }

  bool WriteKey() {
    int32_t token = 0;
    Tag tag;
    bool well_formed = false;
    return Next(&token) && !IsIntToken(token) && KindOf(token) == TokenKind::kItem && NextItem(&tag) &&
           LeafToMsgpack::IsString(tag) && leaf_.WriteString(tag, &out_, &well_formed) && well_formed;
  }

  const TokenStream& stream_;
  const ShapeTable& shapes_;
  const Limits& limits_;
  MessageWriter out_;
  Fault fault_;
  wire::Reader items_{stream_.items, &fault_};
  LeafToMsgpack leaf_{&items_, limits_};
  uint32_t item_count_ = 0;
  size_t token_ = 0;
  size_t double_ = 0;
  std::vector<Frame> frames_;
};

}  // namespace

bool TokensToMessage(const TokenStream& stream, const ShapeTable& shapes, const Limits& limits, ByteBuffer* message) {
  message->clear();
  return Writer(stream, shapes, limits, message).Run();
}

}  // namespace pvb::shape
