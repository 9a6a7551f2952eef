#include "shape/message_to_tokens.h"

#include <algorithm>
#include <cmath>

#include "msgpack/graph.h"
#include "wire/text.h"

namespace pvb::shape {

using msgpack_format::TokenType;

namespace {

// An int that is a JavaScript number whatever the caller wants of large ones.
bool IsSafe(const msgpack_format::Token& token, double* value) {
  constexpr auto kMax = static_cast<uint64_t>(kMaxSafeInteger);
  if (token.type == TokenType::kUint) {
    *value = static_cast<double>(token.number);
    return token.number <= kMax;
  }
  *value = static_cast<double>(token.negative());
  return token.negative() >= -static_cast<int64_t>(kMax);
}

// The head of an Array whose length is filled in when it is known: its varint takes five bytes, whatever it says.
constexpr uint8_t kRidersHead[] = {0xFF, 0x0F, static_cast<uint8_t>(wire::Tag::kBeginDenseJSArray), 0, 0, 0, 0, 0};
constexpr size_t kRidersLength = 3;
// As many as the engine reads at once.
constexpr uint32_t kMaxRiders = 60000;

bool IsIntType(TokenType type) { return type == TokenType::kUint || type == TokenType::kNegativeInt; }

bool IsPrimitive(const msgpack_format::Token& token) {
  switch (token.type) {
    case TokenType::kArray:
    case TokenType::kMap:
    case TokenType::kBin:
      return false;
    case TokenType::kExt:
      return token.IsExt(Ext::kUndefined) || token.IsExt(Ext::kString16) || token.IsExt(Ext::kBigInt);
    default:
      return true;
  }
}

std::string_view AsKey(std::span<const uint8_t> utf8) {
  return {reinterpret_cast<const char*>(utf8.data()), utf8.size()};
}

}  // namespace

bool MessageToTokens::Run(std::span<const uint8_t> message, const ToWireOptions& options, TokenSpace space,
                          uint32_t seen_often) {
  fault_ = Fault();
  reader_ = msgpack_format::Reader(message, &fault_);
  rider_writer_.emplace(message, std::span<const pvb_bytes>(), options, &riders_, &fault_);
  max_depth_ = options.limits.max_depth;
  space_ = space;
  seen_often_ = seen_often;
  ++message_;
  message_end_ = message.data() + message.size();
  token_ = double_ = most_doubles_ = shapeless_ = 0;
  rider_count_ = 0;
  frames_.clear();
  keys_.clear();
  items_.clear();
  riders_.clear();
  wanted_.clear();
  named_.clear();
  if (!ReadValue()) return false;
  uint64_t values = 0;
  while (!frames_.empty()) {
    Frame& frame = frames_.back();
    if (frame.remaining == 0) {
      if (frame.is_object && !FinishObject(frame)) return false;
      frames_.pop_back();
      continue;
    }
    --frame.remaining;
    if (frame.is_object && !ReadKey(&frame)) return false;
    if (!ReadValue()) return false;
    if (++values % ToWireOptions::kAskEvery == 0 && options.time_is_up && options.time_is_up()) return false;
  }
  if (reader_.left() != 0) return false;
  FinishRiders();
  return true;
}

bool MessageToTokens::IsSound() const {
  const TokenKind root = KindOf(space_.tokens[0]);
  const auto valid = [](const Item& item) { return item.rides || item.ascii || text::SummarizeUtf8(item.text).valid; };
  return !IsIntToken(space_.tokens[0]) && (root == TokenKind::kArray || root == TokenKind::kNumbers) &&
         std::all_of(items_.begin(), items_.end(), valid);
}

void MessageToTokens::Shrink() {
  constexpr size_t kKept = size_t{1} << 15;
  items_.clear();
  keys_.clear();
  if (items_.capacity() > kKept) items_.shrink_to_fit();
  if (keys_.capacity() > kKept) keys_.shrink_to_fit();
  constexpr size_t kKeptBytes = size_t{64} << 10;
  if (riders_.size() > kKeptBytes) riders_ = ByteBuffer();
}

bool MessageToTokens::ReadValue() {
  Token token;
  if (!reader_.Next(&token) || !HasRoom(1, 1)) return false;
  switch (token.type) {
    case TokenType::kNil:
      Put(ConstantToken(Constant::kNull));
      return true;
    case TokenType::kBool:
      Put(ConstantToken(token.number != 0 ? Constant::kTrue : Constant::kFalse));
      return true;
    case TokenType::kUint:
    case TokenType::kNegativeInt: {
      double value = 0;
      if (!IsSafe(token, &value)) return WriteRider(token);
      if (value >= static_cast<double>(kMinInt) && value <= static_cast<double>(kMaxInt)) {
        Put(IntToken(token.negative()));
        return true;
      }
      Put(MakeToken(TokenKind::kDouble, 0));
      PutDouble(value);
      return true;
    }
    case TokenType::kFloat:
      Put(MakeToken(TokenKind::kDouble, 0));
      PutDouble(token.real);
      return true;
    case TokenType::kStr:
      PutText(token.bytes, false);
      return true;
    case TokenType::kArray:
      return BeginArray(static_cast<uint32_t>(token.number));
    case TokenType::kMap:
      return BeginObject(static_cast<uint32_t>(token.number));
    case TokenType::kExt:
      return ReadExt(token);
    case TokenType::kBin:
      return WriteRider(token);
  }
  return false;
}

bool MessageToTokens::ReadExt(const Token& token) {
  switch (static_cast<Ext>(token.ext_code)) {
    case Ext::kUndefined:
      Put(ConstantToken(Constant::kUndefined));
      return token.bytes.empty();
    case Ext::kTimestamp:
    case Ext::kBigInt:
    case Ext::kString16:
    case Ext::kDate:
    case Ext::kRegExp:
    case Ext::kBoxed:
    case Ext::kView:
    case Ext::kBuffer:
    case Ext::kResizableBuffer:
      return WriteRider(token);
    default:
      return false;
  }
}

void MessageToTokens::BeginRider() {
  if (!riders_.empty()) return;
  riders_.append(kRidersHead, sizeof(kRidersHead));
  rider_writer_->TakeId();
}

void MessageToTokens::PutRider() {
  ++rider_count_;
  Item item;
  item.rides = true;
  PutItem(item);
}

bool MessageToTokens::WriteRider(const Token& token) {
  if (rider_count_ == kMaxRiders) return false;
  BeginRider();
  if (!rider_writer_->Write(token)) return false;
  PutRider();
  return true;
}

// A large object that holds primitives only rides along: V8's deserializer makes it as fast as anything does. False, with nothing read: it
// is another object. Or there is a fault.
bool MessageToTokens::WriteFlatObject(uint32_t count) {
  if (rider_count_ == kMaxRiders) return false;
  BeginRider();
  const uint64_t start = reader_.offset();
  const size_t riders = riders_.size();
  wire::Writer& writer = rider_writer_->writer();
  writer.WriteTag(wire::Tag::kBeginJSObject);
  for (uint32_t i = 0; i < count; ++i) {
    Token key;
    Token value;
    if (!reader_.Next(&key) || !reader_.Next(&value)) return false;
    if (key.type != TokenType::kStr || !IsPrimitive(value)) {
      riders_.truncate(riders);
      reader_.Seek(start);
      return false;
    }
    if (!rider_writer_->WriteString(key) || !rider_writer_->Write(value)) return false;
  }
  writer.WriteTag(wire::Tag::kEndJSObject);
  writer.WriteVarint(count);
  rider_writer_->TakeId();
  PutRider();
  return true;
}

void MessageToTokens::FinishRiders() {
  if (rider_count_ == 0) {
    riders_.clear();  // of an object that turned out not to be flat
    return;
  }
  uint8_t* length = riders_.data() + kRidersLength;
  for (uint32_t shift = 0; shift < 35; shift += 7) {
    *length++ = static_cast<uint8_t>((rider_count_ >> shift & 0x7F) | (shift < 28 ? 0x80 : 0));
  }
  rider_writer_->writer().WriteTag(wire::Tag::kEndDenseJSArray);
  rider_writer_->writer().WriteVarint(0);
  rider_writer_->writer().WriteVarint(rider_count_);
}

void MessageToTokens::PutItem(const Item& item) {
  Put(MakeToken(TokenKind::kItem, static_cast<uint32_t>(items_.size())));
  items_.push_back(item);
}

void MessageToTokens::PutText(std::span<const uint8_t> utf8, bool is_key) {
  Item item;
  item.text = utf8;
  item.is_key = is_key;
  if (utf8.size() > FirstBytes::kSize) {
    item.ascii = text::IsAscii(utf8);
    PutItem(item);
    return;
  }
  const FirstBytes first = FirstBytes::Of({utf8.data(), message_end_}, utf8.size());
  constexpr uint64_t kSpread = 0x9E3779B97F4A7C15;
  Repeat& repeat = repeats_[((first.head ^ (first.tail + utf8.size()) * kSpread) * kSpread) >> 56];
  if (repeat.message == message_ && repeat.text == first && repeat.size == utf8.size()) {
    Put(MakeToken(TokenKind::kItem, repeat.item));
    return;
  }
  item.ascii = first.IsAscii();
  repeat = {first, static_cast<uint32_t>(utf8.size()), static_cast<uint32_t>(items_.size()), message_};
  PutItem(item);
}

bool MessageToTokens::BeginArray(uint32_t count) {
  if (frames_.size() >= max_depth_ || count > kMaxPayload) return false;
  if (count != 0 && ReadNumbers(count)) return true;
  if (fault_.status != PVB_OK) return false;
  Put(MakeToken(TokenKind::kArray, count));
  Frame& frame = frames_.emplace_back();
  frame.remaining = count;
  return true;
}

// An array of numbers with a float among them is taken at once: JavaScript then makes an array of unboxed doubles in one loop.
// False, with nothing read: it is another array.
bool MessageToTokens::ReadNumbers(uint32_t count) {
  const uint64_t start = reader_.offset();
  const size_t first = double_;
  bool any_float = false;
  if (!HasRoom(1, count)) return false;
  Token token;
  for (uint32_t i = 0; i < count; ++i) {
    double value = 0;
    if (!reader_.Next(&token)) return false;
    if (token.type == TokenType::kFloat) {
      any_float = true;
      value = token.real;
    } else if (!IsIntType(token.type) || !IsSafe(token, &value)) {
      any_float = false;
      break;
    } else if (!any_float && i == 15) {
      break;  // ints, as it seems: those are better read one by one
    }
    PutDouble(value);
  }
  if (any_float) {
    Put(MakeToken(TokenKind::kNumbers, count));
    return true;
  }
  most_doubles_ = most_doubles();
  double_ = first;
  reader_.Seek(start);
  return false;
}

bool MessageToTokens::BeginObject(uint32_t count) {
  if (frames_.size() >= max_depth_ || count > kMaxPayload) return false;
  if (count > ShapeTable::kMaxKeys) {
    if (WriteFlatObject(count)) return true;
    if (fault_.status != PVB_OK) return false;
  }
  Frame& frame = frames_.emplace_back();
  frame.remaining = count;
  frame.is_object = true;
  frame.node = count <= ShapeTable::kMaxKeys ? ShapeTable::kRoot : kNone;
  frame.header = token_;
  frame.first_key = keys_.size();
  Put(MakeToken(TokenKind::kPairs, count));
  return true;
}

bool MessageToTokens::ReadKey(Frame* frame) {
  if (frame->node != kNone) {
    size_t size = 0;
    const std::span<const uint8_t> rest = reader_.rest();
    const NodeId likely = shapes_->StepIfLikely(frame->node, rest, &size);
    if (likely != kNone) {
      const size_t text = shapes_->KeySize(likely);
      keys_.push_back(rest.subspan(size - text, text));
      reader_.Seek(reader_.offset() + size);
      frame->node = likely;
      return true;
    }
  }
  Token key;
  if (!reader_.Next(&key) || key.type != TokenType::kStr) return false;
  keys_.push_back(key.bytes);
  if (frame->node != kNone) frame->node = shapes_->Step(frame->node, AsKey(key.bytes));
  return true;
}

bool MessageToTokens::FinishObject(const Frame& frame) {
  const size_t count = keys_.size() - frame.first_key;
  const ShapeId shape = frame.node == kNone ? kNone : shapes_->Sight(frame.node);
  if (shape != kNone && (*shapes_)[shape].sightings >= seen_often_) {
    space_.tokens[frame.header] = MakeToken(TokenKind::kObject, shape);
    if (shape >= named_.size()) named_.resize(shape + 1);
    if (!named_[shape]) {
      named_[shape] = true;
      wanted_.push_back(shape);
    }
  } else {
    if (!HasRoom(count, 0)) return false;
    if (shape == kNone) shapeless_ += count;
    for (size_t i = 0; i < count; ++i) PutText(keys_[frame.first_key + i], true);
  }
  keys_.resize(frame.first_key);
  return true;
}

}  // namespace pvb::shape
