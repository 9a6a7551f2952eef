#include "engine/object_layout.h"

#include <algorithm>
#include <bit>
#include <set>

#include "engine/text.h"

namespace pvb {
namespace {

// Objects whose contents are known. Literals only: a script may have replaced every builtin.
constexpr char kProbes[] = R"(
  return [
    [1, 2, 3], [1, , 3], [1.5, 2.5, 3.5], [1.5, , 3.5], ['a', true, 'c'], ['a', , 'c'],
    {}, { a: 1 }, { b: 1, 0: 2 }, { __proto__: null, a: 1.5, get b() { return 1 } }, (function () { return arguments })(1), function () {},
  ]
)";
enum Probe : uint32_t { kEmpty = kElementsKinds, kObject, kIndexed, kDictionary, kArguments, kFunction, kProbeCount };

constexpr size_t kMapField = 0;
constexpr size_t kPropertiesField = 1;
constexpr size_t kElementsField = 2;
constexpr size_t kArrayLengthField = 3;
constexpr size_t kFixedArrayLengthField = 1;
constexpr size_t kFixedArrayHeader = 2;  // words

using v8::internal::Internals;

#ifdef V8_COMPRESS_POINTERS
constexpr bool kKnownPointers = false;
#else
constexpr bool kKnownPointers = v8::internal::kApiTaggedSize == 8 && v8::internal::kSmiValueSize == 32 &&
                                v8::internal::kHeapObjectTag == 1 && Internals::kHeapObjectMapOffset == 8 * kMapField &&
                                Internals::kJSObjectHeaderSize == 8 * kArrayLengthField &&
                                Internals::kFixedArrayHeaderSize == 8 * kFixedArrayHeader;
#endif

constexpr Word Smi(int64_t value) { return static_cast<Word>(value) << 32; }

}  // namespace

uint16_t ObjectLayout::InstanceType(Word object) {
  return static_cast<uint16_t>(v8::internal::Internals::GetInstanceType(object));
}

bool ObjectLayout::IsDictionary(Word object) const {
  const Word properties = Field(object, kPropertiesField);
  return !IsSmi(properties) && Map(properties) == dictionary_map_;
}

std::span<const Word> ObjectLayout::PropertyTable(Word object) { return Table(Field(object, kPropertiesField)); }

std::span<const Word> ObjectLayout::ElementTable(Word object) { return Table(Field(object, kElementsField)); }

std::span<const Word> ObjectLayout::Table(Word table) {
  const int64_t length = SmiValue(Field(table, kFixedArrayLengthField));
  return {reinterpret_cast<const Word*>(table - 1) + kFixedArrayHeader, static_cast<size_t>(length)};
}

bool ObjectLayout::IsPrimitive(Word word) const {
  if (IsSmi(word)) return true;
  const uint16_t type = InstanceType(word);
  return type < Internals::kFirstNonstringType || type == Internals::kOddballType || type == number_type_;
}

std::span<const Word> ObjectLayout::Elements(Word array) {
  const int64_t length = SmiValue(Field(array, kArrayLengthField));
  const Word elements = Field(array, kElementsField);
  if (length < 0 || length > SmiValue(Field(elements, kFixedArrayLengthField))) return {};
  return {reinterpret_cast<const Word*>(elements - 1) + kFixedArrayHeader, static_cast<size_t>(length)};
}

std::optional<ObjectLayout> ObjectLayout::Learn(v8::Local<v8::Context> context) {
  if (!kKnownPointers) return std::nullopt;
  v8::Isolate* isolate = context->GetIsolate();
  const v8::TryCatch ignored(isolate);
  v8::Local<v8::Function> make;
  v8::Local<v8::Value> probes;
  v8::Local<v8::Value> again;
  if (!compat::CompileFunction(context, Literal(isolate, kProbes), {}).ToLocal(&make) ||
      !make->Call(context, v8::Undefined(isolate), 0, nullptr).ToLocal(&probes) ||
      !make->Call(context, v8::Undefined(isolate), 0, nullptr).ToLocal(&again)) {
    return std::nullopt;
  }
  ObjectLayout layout;
  if (!layout.LearnFrom(context, probes.As<v8::Array>(), again.As<v8::Array>())) return std::nullopt;
  return layout;
}

bool ObjectLayout::LearnFrom(v8::Local<v8::Context> context, v8::Local<v8::Array> probes, v8::Local<v8::Array> again) {
  v8::Local<v8::Value> handles[2 * kProbeCount];
  for (uint32_t i = 0; i < kProbeCount; ++i) {
    if (!probes->Get(context, i).ToLocal(&handles[i])) return false;
    if (!again->Get(context, i).ToLocal(&handles[kProbeCount + i])) return false;
  }
  // Nothing is allocated from here on.
  Word probe[2 * kProbeCount];
  std::transform(std::begin(handles), std::end(handles), probe, &Of);
  const auto same = [&](uint32_t i, size_t field) {
    return Field(probe[i], field) == Field(probe[kProbeCount + i], field);
  };

  // Maps are one for each kind, and others for other kinds.
  std::set<Word> maps;
  for (uint32_t i = 0; i < kProbeCount; ++i) {
    if (IsSmi(probe[i]) || !same(i, kMapField) || !maps.insert(Map(probe[i])).second) return false;
  }
  for (size_t i = 0; i < kElementsKinds; ++i) array_maps_[i] = Map(probe[i]);

  plain_object_type_ = InstanceType(probe[kEmpty]);
  for (const Probe other : {kObject, kIndexed, kDictionary}) {
    if (InstanceType(probe[other]) != plain_object_type_) return false;
  }
  for (const uint32_t other : {uint32_t{0}, uint32_t{kArguments}, uint32_t{kFunction}}) {
    if (InstanceType(probe[other]) == plain_object_type_) return false;
  }

  empty_elements_ = Field(probe[kEmpty], kElementsField);
  if (IsSmi(empty_elements_) || Field(empty_elements_, kFixedArrayLengthField) != Smi(0)) return false;
  if (HasElements(probe[kObject]) || HasElements(probe[kDictionary]) || !HasElements(probe[kIndexed])) return false;

  const Word dictionary = Field(probe[kDictionary], kPropertiesField);
  if (IsSmi(dictionary)) return false;
  dictionary_map_ = Map(dictionary);
  if (IsDictionary(probe[kEmpty]) || IsDictionary(probe[kObject]) || IsDictionary(probe[kIndexed])) return false;
  if (!IsDictionary(probe[kProbeCount + kDictionary])) return false;
  // Its table holds the number, and an accessor, which must not pass for a primitive.
  size_t numbers = 0;
  size_t others = 0;
  for (const Word word : PropertyTable(probe[kDictionary])) {
    if (IsPrimitive(word)) continue;
    ++others;
    if (Field(word, 1) != std::bit_cast<Word>(1.5)) continue;
    ++numbers;
    number_type_ = InstanceType(word);
  }
  if (numbers != 1 || others != 2) return false;

  std::span<const Word> elements[kElementsKinds];
  for (size_t i = 0; i < kElementsKinds; ++i) {
    elements[i] = Elements(probe[i]);
    if (elements[i].size() != 3) return false;
  }
  double_table_map_ = Map(Field(probe[2], kElementsField));
  if (HasDoubles(probe[kEmpty]) || HasDoubles(probe[kIndexed]) || HasDoubles(probe[0]) || !HasDoubles(probe[3]))
    return false;
  the_hole_ = elements[1][1];
  hole_nan_ = elements[3][1];
  for (const size_t smis : {0, 1}) {
    if (elements[smis][0] != Smi(1) || elements[smis][2] != Smi(3)) return false;
  }
  for (const size_t doubles : {2, 3}) {
    if (elements[doubles][0] != std::bit_cast<Word>(1.5) || elements[doubles][2] != std::bit_cast<Word>(3.5))
      return false;
  }
  const Word true_word = Of(v8::True(context->GetIsolate()));
  return elements[0][1] == Smi(2) && elements[2][1] == std::bit_cast<Word>(2.5) && elements[4][1] == true_word &&
         elements[5][1] == the_hole_ && !IsSmi(the_hole_) && the_hole_ != true_word &&
         elements[4][0] == elements[5][0] && std::bit_cast<double>(hole_nan_) != std::bit_cast<double>(hole_nan_);
}

}  // namespace pvb
