#include "two_spellings.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "transcode/leaf_to_msgpack.h"
#include "wire/text.h"
#include "wire/writer.h"

namespace pvb::fuzz {
namespace {

using wire::ErrorTag;
using wire::Tag;
using Units = std::u16string;

constexpr uint32_t kDeepest = 12;
constexpr uint32_t kMostValues = 600;

bool IsLatin1(const Units& units) {
  return std::all_of(units.begin(), units.end(), [](char16_t unit) { return unit < 0x100; });
}

std::string LittleEndian(const Units& units) {
  std::string bytes;
  for (const char16_t unit : units) {
    bytes.push_back(static_cast<char>(unit & 0xFF));
    bytes.push_back(static_cast<char>(unit >> 8));
  }
  return bytes;
}

std::span<const uint8_t> AsBytes(std::string_view text) {
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

Units FromAscii(std::string_view text) { return {text.begin(), text.end()}; }

class Speller {
 public:
  Speller(ByteSource* source, const SpellingOptions& options)
      : source_(*source), options_(options), plain_(&spellings_.plain), varied_(&spellings_.varied) {}

  TwoSpellings Run() {
    plain_.WriteHeader();
    varied_.WriteByte(wire::kHeaderByte);
    version_ = wire::kMaxVersion - source_.Below(3);
    Varint(version_);
    Value();
    return std::move(spellings_);
  }

 private:
  // ---- the varied spelling of small things ----

  void Varint(uint32_t value) {
    uint32_t bytes = 1;
    for (uint32_t rest = value >> 7; rest != 0; rest >>= 7) ++bytes;
    // Longer than needed, by groups of zeros.
    const uint32_t wanted = std::max(bytes, source_.OneIn(8) ? 1 + source_.Below(5) : 1);
    for (uint32_t i = 1; i < wanted; ++i) {
      varied_.WriteByte(static_cast<uint8_t>(value | 0x80));
      value >>= 7;
    }
    varied_.WriteByte(static_cast<uint8_t>(value & 0x7F));
  }

  void Padding() {
    if (!source_.OneIn(8)) return;
    for (uint32_t i = source_.Below(4); i != 0; --i) varied_.WriteTag(Tag::kPadding);
  }

  void VariedTag(Tag tag) {
    Padding();
    varied_.WriteTag(tag);
  }

  // Where a value, a key or a tagged string stands, any number of object counts may stand before it.
  void VariedValueTag(Tag tag) {
    while (source_.OneIn(24)) {
      VariedTag(Tag::kVerifyObjectCount);
      Varint(source_.Byte());
    }
    VariedTag(tag);
  }

  void BothValueTags(Tag tag) {
    plain_.WriteTag(tag);
    VariedValueTag(tag);
  }

  void BothEnds(Tag tag, uint32_t plain_count, uint32_t varied_count) {
    plain_.WriteTag(tag);
    plain_.WriteVarint(plain_count);
    VariedTag(tag);
    Varint(varied_count);
  }

  void VariedNumber(double number) {
    const bool integral = number == std::trunc(number) && !(number == 0 && std::signbit(number));
    const bool int32 = integral && number >= -2147483648.0 && number <= 2147483647.0;
    const bool uint32 = integral && number >= 0 && number <= 4294967295.0;
    const uint32_t choice = source_.Below(3);
    if (int32 && choice != 1 && !(uint32 && choice == 2)) {
      const auto value = static_cast<int32_t>(number);
      VariedValueTag(Tag::kInt32);
      Varint((static_cast<uint32_t>(value) << 1) ^ static_cast<uint32_t>(value >> 31));
    } else if (uint32 && choice == 2) {
      VariedValueTag(Tag::kUint32);
      Varint(static_cast<uint32_t>(number));
    } else {
      VariedValueTag(Tag::kDouble);
      VariedDouble(number);
    }
  }

  // Any NaN will do for the one that is meant.
  void VariedDouble(double number) {
    uint64_t bits;
    if (std::isnan(number)) {
      bits = 0x7FF8000000000000 | (source_.Word(8) & 0x8007FFFFFFFFFFFF);
    } else {
      std::memcpy(&bits, &number, sizeof bits);
    }
    uint8_t bytes[8];
    std::memcpy(bytes, &bits, sizeof bits);
    varied_.WriteRaw(bytes);
  }

  // ---- strings and keys ----

  Units RandomUnits() {
    static constexpr char16_t kInteresting[] = {'a',   'b',   '0',   '"',    0,      0x7F,   0x80,   0xE9,  0xFF,
                                                0x100, 0x7FF, 0x800, 0xFFFD, 0xD83D, 0xDE00, 0xD800, 0xDC00};
    Units units;
    for (uint32_t i = source_.Below(source_.OneIn(32) ? 80 : 6); i != 0; --i) {
      units.push_back(kInteresting[source_.Below(std::size(kInteresting))]);
    }
    return units;
  }

  void PlainString(const Units& units) {
    if (IsLatin1(units)) {
      const std::string latin1(units.begin(), units.end());
      plain_.WriteOneByteString(AsBytes(latin1));
    } else {
      plain_.BeginTwoByteString(2 * units.size());
      plain_.WriteRaw(AsBytes(LittleEndian(units)));
    }
  }

  void VariedString(const Units& units) {
    const std::string two_byte = LittleEndian(units);
    const uint32_t choice = source_.Below(3);
    uint64_t utf8_size = 0;
    if (choice == 2 && text::Utf16Utf8Size(AsBytes(two_byte), &utf8_size)) {
      std::string utf8(utf8_size, '\0');
      text::Utf16ToUtf8(AsBytes(two_byte), reinterpret_cast<uint8_t*>(utf8.data()));
      VariedValueTag(Tag::kUtf8String);
      VariedCounted(utf8);
    } else if (choice != 1 && IsLatin1(units)) {
      VariedValueTag(Tag::kOneByteString);
      VariedCounted(std::string(units.begin(), units.end()));
    } else {
      VariedValueTag(Tag::kTwoByteString);
      VariedCounted(two_byte);
    }
  }

  void VariedCounted(const std::string& bytes) {
    Varint(static_cast<uint32_t>(bytes.size()));
    varied_.WriteRaw(AsBytes(bytes));
  }

  void BothStrings(const Units& units) {
    PlainString(units);
    VariedString(units);
  }

  // A property key: its text, and the number that spells it, when there is one.
  struct Key {
    Units text;
    bool is_number = false;
    double number = 0;
  };

  Key RandomKey() {
    Key key;
    key.is_number = source_.Coin();
    if (key.is_number) {
      key.number = source_.Number();
      key.text = FromAscii(text::NumberToString(key.number));
    } else {
      key.text = RandomUnits();
    }
    return key;
  }

  static bool IsIndex(const Key& key) {
    return key.is_number && key.number >= 0 && key.number < 4294967295.0 && key.number == std::trunc(key.number);
  }

  void VariedKey(const Key& key) {
    if (key.is_number && source_.Coin()) {
      VariedNumber(key.number);
    } else {
      VariedString(key.text);
    }
  }

  void VariedIndex(uint32_t index) { VariedKey({FromAscii(std::to_string(index)), true, static_cast<double>(index)}); }

  // ---- values ----

  void Value() {
    ++values_;
    if (depth_ < kDeepest && values_ < kMostValues && !source_.empty() && source_.Coin()) {
      ++depth_;
      Container();
      --depth_;
    } else {
      Childless();
    }
  }

  void Childless() {
    switch (source_.Below(8)) {
      case 0:
        return Date();
      case 1:
        return RegExp();
      case 2:
        return Boxed();
      case 3:
        return Buffer();
      case 4:
        return Reference();
      default:
        return Primitive();
    }
  }

  void Primitive() {
    static constexpr Tag kConstants[] = {Tag::kUndefined, Tag::kNull, Tag::kTrue, Tag::kFalse};
    switch (source_.Below(4)) {
      case 0:
        return BothValueTags(kConstants[source_.Below(4)]);
      case 1:
        return BigInt(Tag::kBigInt);
      case 2:
        return BothStrings(RandomUnits());
      default: {
        const double number = source_.Number();
        plain_.WriteNumber(number);
        VariedNumber(number);
      }
    }
  }

  void BigInt(Tag tag) {
    std::string digits;
    for (uint32_t i = source_.Below(20); i != 0; --i) digits.push_back(static_cast<char>(source_.Byte()));
    while (!digits.empty() && digits.back() == 0) digits.pop_back();
    const bool negative = source_.Coin();
    plain_.WriteTag(tag);
    plain_.WriteBigIntDigits(negative, AsBytes(digits));
    // Any number of digits, and a sign even of zero, as long as there are digits.
    digits.append(source_.Below(10), '\0');
    VariedValueTag(tag);
    Varint((static_cast<uint32_t>(digits.size()) << 1) | (negative && !digits.empty() ? 1u : 0u));
    varied_.WriteRaw(AsBytes(digits));
  }

  uint32_t TakeId(bool buffer = false) {
    is_buffer_.push_back(buffer);
    return static_cast<uint32_t>(is_buffer_.size() - 1);
  }

  void WriteReference(uint32_t id) {
    BothValueTags(Tag::kObjectReference);
    plain_.WriteVarint(id);
    Varint(id);
  }

  void Reference() {
    if (is_buffer_.empty()) return Primitive();
    const uint32_t id = source_.Below(static_cast<uint32_t>(std::min<size_t>(is_buffer_.size(), 256)));
    if (!options_.self_cause && std::find(open_errors_.begin(), open_errors_.end(), id) != open_errors_.end()) {
      return Primitive();
    }
    WriteReference(id);
  }

  void Date() {
    TakeId();
    const double time = source_.Number();
    BothValueTags(Tag::kDate);
    plain_.WriteDouble(TimeClip(time));
    VariedDouble(time);
  }

  void RegExp() {
    static constexpr const char* kSources[] = {"a", "(?:)", "[\\d]+", "\\/", "(?<n>b)\\k<n>", "\\n"};
    TakeId();
    BothValueTags(Tag::kRegExp);
    BothStrings(FromAscii(kSources[source_.Below(std::size(kSources))]));
    uint32_t flags = source_.Byte() & 0xBF;  // not 'linear'
    if (options_.regexp_v_flag && (flags & 0x10) == 0 && source_.Coin()) flags |= 0x100;
    plain_.WriteVarint(flags);
    Varint(flags);
  }

  void Boxed() {
    TakeId();
    switch (source_.Below(5)) {
      case 0:
        return BothValueTags(Tag::kTrueObject);
      case 1:
        return BothValueTags(Tag::kFalseObject);
      case 2:
        return BigInt(Tag::kBigIntObject);
      case 3:
        BothValueTags(Tag::kStringObject);
        return BothStrings(RandomUnits());
      default: {
        const double number = source_.Number();
        BothValueTags(Tag::kNumberObject);
        plain_.WriteDouble(number);
        VariedDouble(number);
      }
    }
  }

  // An ArrayBuffer, perhaps with views on it: the first takes its place, the others are values of an array.
  void Buffer() {
    const uint32_t id = TakeId(true);
    const bool resizable = options_.resizable_buffers && source_.OneIn(4);
    const Tag tag = resizable ? Tag::kResizableArrayBuffer : Tag::kArrayBuffer;
    std::string bytes(source_.Below(25), '\0');
    for (char& byte : bytes) byte = static_cast<char>(source_.Byte());
    const auto size = static_cast<uint32_t>(bytes.size());
    BothValueTags(tag);
    plain_.WriteVarint(size);
    Varint(size);
    if (resizable) {
      const uint32_t most = size + source_.Byte();
      plain_.WriteVarint(most);
      Varint(most);
    }
    plain_.WriteRaw(AsBytes(bytes));
    varied_.WriteRaw(AsBytes(bytes));
    buffers_.push_back({id, size, resizable});
    if (source_.Coin()) View(buffers_.back());
  }

  struct BufferOfId {
    uint32_t id;
    uint32_t size;
    bool resizable;
  };

  bool CanView(const BufferOfId& buffer) const { return !(buffer.resizable && version_ < wire::kViewFlagsVersion); }

  void View(const BufferOfId& buffer) {
    static constexpr std::string_view kKinds = "bBCwWdDfFqQ?h";
    if (!CanView(buffer)) return;
    TakeId();
    const char kind = kKinds[source_.Below(options_.float16_array ? 13 : 12)];
    const uint32_t element = wire::ElementSize(static_cast<uint8_t>(kind));
    const uint32_t slots = buffer.size / element;
    const uint32_t first = source_.Below(slots + 1);
    uint32_t length = source_.Below(slots - first + 1) * element;
    uint32_t flags = buffer.resizable ? wire::kViewBufferResizable : 0;
    const bool tracking = buffer.resizable && source_.Coin();
    if (tracking) {
      flags |= wire::kViewLengthTracking;
      length = 0;
    }
    plain_.WriteTag(Tag::kArrayBufferView);
    plain_.WriteByte(static_cast<uint8_t>(kind));
    plain_.WriteVarint(first * element);
    plain_.WriteVarint(length);
    plain_.WriteVarint(flags);
    VariedTag(Tag::kArrayBufferView);
    varied_.WriteByte(static_cast<uint8_t>(kind));
    Varint(first * element);
    Varint(tracking ? source_.Byte() : length);  // no one looks at it
    if (version_ < wire::kViewFlagsVersion) return;
    if (source_.OneIn(4)) flags |= static_cast<uint32_t>(source_.Word(4)) & ~3u;
    Varint(flags);
  }

  void AnotherView() {
    if (buffers_.empty()) return Buffer();
    const BufferOfId buffer = buffers_[source_.Below(static_cast<uint32_t>(std::min<size_t>(buffers_.size(), 256)))];
    WriteReference(buffer.id);
    View(buffer);
  }

  // ---- containers ----

  void Container() {
    switch (source_.Below(8)) {
      case 0:
        return Object();
      case 1:
        return Map();
      case 2:
        return Set();
      case 3:
        return Error();
      case 4:
        return AnotherView();
      default:
        return Array();
    }
  }

  // Writes keys and values to both; `used` has the keys that are taken. Returns their number.
  uint32_t Properties(std::vector<Units>* used, bool indexes) {
    uint32_t count = 0;
    for (uint32_t i = source_.Below(6); i != 0; --i) {
      const Key key = RandomKey();
      if (!indexes && (IsIndex(key) || key.text == u"length" || key.text == u"0")) continue;
      if (std::find(used->begin(), used->end(), key.text) != used->end()) continue;
      used->push_back(key.text);
      PlainString(key.text);
      VariedKey(key);
      Value();
      ++count;
    }
    return count;
  }

  void Object() {
    TakeId();
    BothValueTags(Tag::kBeginJSObject);
    std::vector<Units> used;
    const uint32_t count = Properties(&used, true);
    BothEnds(Tag::kEndJSObject, count, count);
  }

  void Map() {
    TakeId();
    BothValueTags(Tag::kBeginJSMap);
    const uint32_t count = 2 * source_.Below(4);
    for (uint32_t i = 0; i < count; ++i) Value();
    BothEnds(Tag::kEndJSMap, count, count);
  }

  void Set() {
    TakeId();
    BothValueTags(Tag::kBeginJSSet);
    const uint32_t count = source_.Below(6);
    for (uint32_t i = 0; i < count; ++i) Value();
    BothEnds(Tag::kEndJSSet, count, count);
  }

  // Elements may come late, as properties, or all be pairs; only those without object ids may change places.
  void Array() {
    TakeId();
    const bool sparse = source_.Coin();
    const uint32_t length = source_.OneIn(16) ? 1020 + source_.Below(10) : source_.Below(8);
    const uint32_t present = length > 8 ? source_.Below(8) : length;
    BothValueTags(Tag::kBeginDenseJSArray);
    plain_.WriteVarint(length);
    // Patched in place: what an array grows by is known at its end.
    if (sparse) spellings_.varied.data()[spellings_.varied.size() - 1] = static_cast<uint8_t>(Tag::kBeginSparseJSArray);
    const bool grows = sparse && present == length && length != 0 && source_.Coin();
    const uint32_t varied_length = grows ? source_.Below(length) : length;
    Varint(varied_length);

    uint32_t varied_pairs = 0;
    ByteBuffer late;
    for (uint32_t index = 0; index < length; ++index) {
      const bool hole = index >= present || (!grows && source_.OneIn(8));
      if (hole) {
        plain_.WriteTag(Tag::kTheHole);
        if (!sparse) VariedTag(Tag::kTheHole);
      } else if (source_.OneIn(6)) {
        if (!sparse) VariedTag(Tag::kTheHole);
        std::swap(spellings_.varied, late);
        VariedIndex(index);
        Primitive();
        std::swap(spellings_.varied, late);
        ++varied_pairs;
      } else {
        if (sparse) {
          VariedIndex(index);
          ++varied_pairs;
        }
        Value();
      }
    }
    spellings_.varied.append(late.data(), late.size());
    std::vector<Units> used;
    const uint32_t properties = Properties(&used, false);
    plain_.WriteTag(Tag::kEndDenseJSArray);
    plain_.WriteVarint(properties);
    plain_.WriteVarint(length);
    VariedTag(sparse ? Tag::kEndSparseJSArray : Tag::kEndDenseJSArray);
    Varint(varied_pairs + properties);
    Varint(varied_length);
  }

  void ErrorItem(ErrorTag tag) {
    const auto byte = static_cast<uint8_t>(tag);
    if (source_.OneIn(16)) {
      varied_.WriteByte(byte | 0x80);  // two bytes of a varint
      varied_.WriteByte(0);
    } else {
      varied_.WriteByte(byte);
    }
  }

  // Items in any order, with earlier ones of the same kind that do not count.
  void Error() {
    const uint32_t id = TakeId();
    BothValueTags(Tag::kError);
    open_errors_.push_back(id);
    static constexpr char kTypes[] = {0, 'E', 'R', 'F', 'S', 'T', 'U'};
    const char type = kTypes[source_.Below(sizeof kTypes)];
    const bool has_message = source_.Coin();
    const bool has_stack = source_.Coin();
    const bool has_cause = source_.Coin();
    const Units message = has_message ? RandomUnits() : Units();
    const Units stack = has_stack ? RandomUnits() : Units();
    if (type != 0) plain_.WriteByte(static_cast<uint8_t>(type));
    if (has_message) {
      plain_.WriteByte(static_cast<uint8_t>(ErrorTag::kMessage));
      PlainString(message);
    }
    if (has_stack) {
      plain_.WriteByte(static_cast<uint8_t>(ErrorTag::kStack));
      PlainString(stack);
    }
    std::array<char, 4> order = {'t', 'm', 's', 'c'};
    std::rotate(order.begin(), order.begin() + source_.Below(4), order.end());
    if (source_.Coin()) std::swap(order[1], order[2]);
    for (const char item : order) {
      if (item == 't' && type != 0) {
        if (source_.OneIn(8)) ErrorItem(ErrorTag::kRangeError);
        ErrorItem(static_cast<ErrorTag>(type));
      } else if (item == 'm' && has_message) {
        RepeatedText(ErrorTag::kMessage, message);
      } else if (item == 's' && has_stack) {
        RepeatedText(ErrorTag::kStack, stack);
      } else if (item == 'c' && has_cause) {
        if (source_.OneIn(8)) {
          ErrorItem(ErrorTag::kCause);
          VariedNumber(source_.Number());
        }
        plain_.WriteByte(static_cast<uint8_t>(ErrorTag::kCause));
        ErrorItem(ErrorTag::kCause);
        Value();
      }
    }
    plain_.WriteByte(static_cast<uint8_t>(ErrorTag::kEnd));
    ErrorItem(ErrorTag::kEnd);
    open_errors_.pop_back();
  }

  void RepeatedText(ErrorTag tag, const Units& text) {
    if (source_.OneIn(8)) {
      ErrorItem(tag);
      VariedString(RandomUnits());
    }
    ErrorItem(tag);
    VariedString(text);
  }

  ByteSource& source_;
  const SpellingOptions& options_;
  TwoSpellings spellings_;
  wire::Writer plain_;
  wire::Writer varied_;
  uint32_t version_ = 0;
  uint32_t depth_ = 0;
  uint32_t values_ = 0;
  std::vector<bool> is_buffer_;  // one entry an object id
  std::vector<BufferOfId> buffers_;
  std::vector<uint32_t> open_errors_;
};

}  // namespace

TwoSpellings Spell(ByteSource* source, const SpellingOptions& options) { return Speller(source, options).Run(); }

}  // namespace pvb::fuzz
