// The little that the shape codec knows of how V8 lays objects out: an object's hidden class ("map"), its elements, an array's length. V8's
// own inline functions read the same fields (v8-internal.h), but no API hands them out. Nothing of it is taken on trust: Learn compares
// what it reads from objects of known contents, and without a match in every detail there is no layout and no shape codec.
//
// Whatever is read holds until V8 allocates, as that may move objects.
#ifndef PVB_ENGINE_OBJECT_LAYOUT_H_
#define PVB_ENGINE_OBJECT_LAYOUT_H_

#include <cstdint>
#include <optional>
#include <span>

#include "engine/v8_compat.h"

namespace pvb {

using Word = uintptr_t;

// How a plain Array stores its elements.
enum class ElementsKind : uint8_t { kSmi, kHoleySmi, kDouble, kHoleyDouble, kPacked, kHoley };
inline constexpr size_t kElementsKinds = 6;

class ObjectLayout {
 public:
  static std::optional<ObjectLayout> Learn(v8::Local<v8::Context> context);

  static Word Of(v8::Local<v8::Value> value) { return compat::RawAddress(value); }
  static bool IsSmi(Word word) { return (word & 1) == 0; }
  static int64_t SmiValue(Word word) { return static_cast<int64_t>(word) >> 32; }
  static Word Map(Word object) { return Field(object, 0); }
  static uint16_t InstanceType(Word object);

  // Of an object that is no Proxy.
  bool HasElements(Word object) const { return Field(object, 2) != empty_elements_; }
  // Whether its properties are in a hash table, so that its map says nothing about them.
  bool IsDictionary(Word object) const;

  // The tables of such an object: its properties and its elements, with what else V8 keeps in them.
  static std::span<const Word> PropertyTable(Word object);
  static std::span<const Word> ElementTable(Word object);
  // Whether its elements are the bits of doubles, and no words.
  bool HasDoubles(Word object) const { return Map(Field(object, 2)) == double_table_map_; }
  // A small integer, string, number, boolean, null, undefined, or a mark of V8's own.
  bool IsPrimitive(Word word) const;

  // The map of a plain Array with elements of this kind, which has the context's Array.prototype and no properties of its own.
  Word ArrayMap(ElementsKind kind) const { return array_maps_[static_cast<size_t>(kind)]; }
  // Of such an Array; empty when length and elements do not fit. The words of doubles are their bits.
  static std::span<const Word> Elements(Word array);
  bool IsHole(Word element) const { return element == the_hole_; }
  bool IsDoubleHole(Word element) const { return element == hole_nan_; }

  uint16_t plain_object_type() const { return plain_object_type_; }

 private:
  static Word Field(Word object, size_t index) { return reinterpret_cast<const Word*>(object - 1)[index]; }
  static std::span<const Word> Table(Word table);
  bool LearnFrom(v8::Local<v8::Context> context, v8::Local<v8::Array> probes, v8::Local<v8::Array> again);

  Word empty_elements_ = 0;
  Word dictionary_map_ = 0;
  Word double_table_map_ = 0;
  Word the_hole_ = 0;
  Word hole_nan_ = 0;
  Word array_maps_[kElementsKinds] = {};
  uint16_t plain_object_type_ = 0;
  uint16_t number_type_ = 0;
};

}  // namespace pvb

#endif  // PVB_ENGINE_OBJECT_LAYOUT_H_
