#include "engine/shape_writer.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "engine/no_script.h"
#include "engine/serializer.h"
#include "engine/shape_script.h"
#include "engine/text.h"
#include "shape/distinct.h"
#include "shape/source.h"
#include "shape/token.h"
#include "shape/tokens_to_message.h"

namespace pvb {
namespace {

using shape::MakeToken;
using shape::TokenKind;

// Before that, objects of a shape are taken apart one by one: to compile its writer costs about as much.
constexpr uint32_t kSeenOften = 16;

}  // namespace

ShapeWriter::ShapeWriter(v8::Local<v8::Context> context, const ObjectLayout& layout, const PlainPrototypes& prototypes,
                         const TokenMemory& memory, shape::ShapeTable* shapes)
    : layout_(layout), prototypes_(prototypes), memory_(memory), shapes_(*shapes), maps_(context->GetIsolate()) {
  ready_ = Start(context);
}

ShapeWriter::~ShapeWriter() = default;

bool ShapeWriter::Start(v8::Local<v8::Context> context) {
  v8::Isolate* isolate = context->GetIsolate();
  const v8::Local<v8::External> self = v8::External::New(isolate, this);
  const v8::Local<v8::ArrayBuffer> cursor_bytes = v8::ArrayBuffer::New(
      isolate,
      v8::ArrayBuffer::NewBackingStore(cursor_.get(), 2 * sizeof(int32_t), v8::BackingStore::EmptyDeleter, nullptr));
  const v8::Local<v8::Int32Array> cursor = v8::Int32Array::New(cursor_bytes, 0, 2);
  const v8::Local<v8::Int32Array> tokens = memory_.TokenView(isolate);
  v8::Local<v8::Function> look;
  v8::Local<v8::Function> distinct;
  v8::Local<v8::Value> made;
  if (!v8::Function::New(context, &LookCallback, self).ToLocal(&look) ||
      !v8::Function::New(context, &DistinctCallback, self).ToLocal(&distinct) ||
      !shape_script::Run(context, shape_script::kEncode,
                         {{"tokens", tokens},
                          {"doubles", memory_.DoubleView(isolate)},
                          {"cursor", cursor},
                          {"look", look},
                          {"distinct", distinct}})
           .ToLocal(&made)) {
    return false;
  }
  const v8::Local<v8::Object> script = made.As<v8::Object>();
  v8::Local<v8::Function> encode;
  v8::Local<v8::Function> add;
  v8::Local<v8::Function> value;
  if (!shape_script::Method(context, script, "encode").ToLocal(&encode) ||
      !shape_script::Method(context, script, "add").ToLocal(&add) ||
      !shape_script::Method(context, script, "value").ToLocal(&value)) {
    return false;
  }
  encode_.Reset(isolate, encode);
  add_.Reset(isolate, add);
  value_.Reset(isolate, value);
  token_view_.Reset(isolate, tokens);
  cursor_view_.Reset(isolate, cursor);
  return true;
}

bool ShapeWriter::WriteTokens(const Frame& frame, v8::Local<v8::Value> value) {
  v8::Isolate* isolate = frame.isolate;
  items_.clear();
  shapeless_ = 0;
  cursor_[0] = cursor_[1] = 0;
  most_doubles_ = 0;
  if (!prototypes_.HaveNoElements(isolate, layout_)) return false;
  frame_ = &frame;
  const BarOurFunctions bar(isolate);
  v8::TryCatch caught(isolate);
  v8::Local<v8::Value> items;
  if (!encode_.Get(isolate)->Call(frame.context, v8::Undefined(isolate), 1, &value).ToLocal(&items)) return false;
  if (!items->IsArray()) return false;
  // A script's stores beyond the end of a typed array do nothing, so too large a value shows here.
  const shape::TokenSpace space = memory_.space();
  if (cursor_[0] < 0 || tokens() > space.tokens.size() || cursor_[1] < 0 || doubles() > space.doubles.size()) {
    return false;
  }
  if (items.As<v8::Array>()->Length() == 0) return true;
  // There is nothing in it that could run a script's code.
  const NoScript no_script(isolate);
  return Serialize(frame.context, items, &caught, nullptr, &items_) == Serialized::kDone;
}

bool ShapeWriter::WriteMessage(ByteBuffer* message) const {
  const shape::TokenSpace space = memory_.space();
  const shape::TokenStream stream{space.tokens.first(tokens()), space.doubles.first(doubles()), items_.span()};
  return shape::TokensToMessage(stream, shapes_, Limits(), message);
}

bool ShapeWriter::HasRoom(size_t more_tokens, size_t more_doubles) const {
  const shape::TokenSpace space = memory_.space();
  return cursor_[0] >= 0 && cursor_[1] >= 0 && tokens() <= space.tokens.size() &&
         more_tokens <= space.tokens.size() - tokens() && doubles() <= space.doubles.size() &&
         more_doubles <= space.doubles.size() - doubles();
}

// ---- look ----

void ShapeWriter::LookCallback(const v8::FunctionCallbackInfo<v8::Value>& info) {
  auto* const self = static_cast<ShapeWriter*>(info.Data().As<v8::External>()->Value());
  info.GetReturnValue().Set(self->Look(info.GetIsolate()->GetCurrentContext(), info[0].As<v8::Object>()));
}

v8::Local<v8::Value> ShapeWriter::Look(v8::Local<v8::Context> context, v8::Local<v8::Object> object) {
  v8::Isolate* isolate = context->GetIsolate();
  const auto answer = [isolate](int32_t number) { return v8::Integer::New(isolate, number); };
  const int32_t kind = KindOf(context, object);
  if (kind == kNoShape || (kind >= 0 && layout_.HasElements(ObjectLayout::Of(object)))) {
    return IsFlat(object, kind) ? answer(kItem).As<v8::Value>() : TakeApart(context, object, false);
  }
  if (kind >= 0) {
    const bool has_writer = HasWriter(context, static_cast<shape::ShapeId>(kind), 1);
    return has_writer ? answer(kind).As<v8::Value>() : TakeApart(context, object, true);
  }
  if (IsArrayKind(kind)) {
    int32_t many = 0;
    const Answer found = LookAtArray(context, object.As<v8::Array>(), ElementsKindOf(kind), &many);
    return answer(found + many);
  }
  return answer(kind == kLeaf ? kItem : kGiveUp);
}

int32_t ShapeWriter::KindOf(v8::Local<v8::Context> context, v8::Local<v8::Value> value) {
  const Word word = ObjectLayout::Of(value);
  if (ObjectLayout::IsSmi(word)) return kPrimitive;
  const int32_t known = maps_.Find(ObjectLayout::Map(word));
  if (known != kUnknownMap) return known;
  const int32_t kind = Classify(context, value);
  // By now the object may lie elsewhere, and have another map: one that says as much.
  const Word map = ObjectLayout::Map(ObjectLayout::Of(value));
  if (maps_.Find(map) == kUnknownMap) maps_.Add(map, kind);
  return kind;
}

int32_t ShapeWriter::Classify(v8::Local<v8::Context> context, v8::Local<v8::Value> value) {
  if (!value->IsObject()) return kPrimitive;
  const Word map = ObjectLayout::Map(ObjectLayout::Of(value));
  for (size_t i = 0; i < kElementsKinds; ++i) {
    if (map == layout_.ArrayMap(static_cast<ElementsKind>(i))) return ArrayKind(static_cast<ElementsKind>(i));
  }
  if (value->IsDate() || value->IsRegExp()) return kLeaf;
  if (ObjectLayout::InstanceType(ObjectLayout::Of(value)) != layout_.plain_object_type()) return kRefused;
  return ClassifyObject(context, value.As<v8::Object>());
}

// A map that is no dictionary's says which properties there are, in which order, and which are accessors. It does not know of elements.
int32_t ShapeWriter::ClassifyObject(v8::Local<v8::Context> context, v8::Local<v8::Object> object) {
  return layout_.IsDictionary(ObjectLayout::Of(object)) ? static_cast<int32_t>(kNoShape) : ShapeOf(context, object);
}

int32_t ShapeWriter::ShapeOf(v8::Local<v8::Context> context, v8::Local<v8::Object> object) {
  v8::Isolate* isolate = context->GetIsolate();
  const v8::TryCatch caught(isolate);
  const auto filter = static_cast<v8::PropertyFilter>(v8::ONLY_ENUMERABLE | v8::SKIP_SYMBOLS);
  v8::Local<v8::Array> keys;
  if (!object
           ->GetPropertyNames(context, v8::KeyCollectionMode::kOwnOnly, filter, v8::IndexFilter::kSkipIndices,
                              v8::KeyConversionMode::kConvertToString)
           .ToLocal(&keys)) {
    return kRefused;
  }
  // V8's serializer writes large ones faster than we can look at them.
  if (keys->Length() > shape::ShapeTable::kMaxKeys) return kRefused;
  shape::NodeId node = shape::ShapeTable::kRoot;
  for (uint32_t i = 0; i < keys->Length(); ++i) {
    v8::Local<v8::Value> key;
    if (!keys->Get(context, i).ToLocal(&key)) return kRefused;
    const v8::Maybe<bool> is_accessor = object->HasRealNamedCallbackProperty(context, key.As<v8::Name>());
    if (is_accessor.IsNothing() || is_accessor.FromJust()) return kRefused;
    if (node != shape::kNone) node = shapes_.Step(node, ToUtf8(isolate, key.As<v8::String>()));
  }
  const shape::ShapeId id = node == shape::kNone ? shape::kNone : shapes_.Sight(node, 0);
  return id == shape::kNone ? static_cast<int32_t>(kNoShape) : static_cast<int32_t>(id);
}

// An object whose properties are all in tables and all primitive: a map in disguise. V8's serializer is good at those, and as they refer to
// nothing they are leaves.
bool ShapeWriter::IsFlat(v8::Local<v8::Object> object, int32_t kind) const {
  const Word word = ObjectLayout::Of(object);
  const auto primitive = [this](Word entry) { return layout_.IsPrimitive(entry); };
  if (layout_.IsDictionary(word)) {
    const std::span<const Word> properties = ObjectLayout::PropertyTable(word);
    if (!std::all_of(properties.begin(), properties.end(), primitive)) return false;
  } else if (kind < 0 || !shapes_[static_cast<shape::ShapeId>(kind)].keys.empty()) {
    return false;
  }
  const std::span<const Word> elements = ObjectLayout::ElementTable(word);
  return !layout_.HasDoubles(word) && std::all_of(elements.begin(), elements.end(), primitive);
}

// [key, value, key, value, ...] of an object, read without running any code of a script.
v8::Local<v8::Value> ShapeWriter::TakeApart(v8::Local<v8::Context> context, v8::Local<v8::Object> object,
                                            bool warming_up) {
  v8::Isolate* isolate = context->GetIsolate();
  const v8::Local<v8::Value> give_up = v8::Integer::New(isolate, kGiveUp);
  v8::TryCatch caught(isolate);
  const NoScript no_script(isolate);
  const auto filter = static_cast<v8::PropertyFilter>(v8::ONLY_ENUMERABLE | v8::SKIP_SYMBOLS);
  v8::Local<v8::Array> keys;
  if (!object->GetOwnPropertyNames(context, filter, v8::KeyConversionMode::kConvertToString).ToLocal(&keys))
    return give_up;
  const uint32_t count = keys->Length();
  if (count > shape::kMaxPayload) return give_up;
  std::vector<v8::Local<v8::Value>> pairs(size_t{2} * count);
  constexpr uint32_t kLookEvery = 4096;
  for (uint32_t i = 0; i < count; ++i) {
    if (i % kLookEvery == 0 && frame_->entry.stopping()) return give_up;
    v8::Local<v8::Value>* const pair = &pairs[size_t{2} * i];
    if (!keys->Get(context, i).ToLocal(&pair[0]) || !object->Get(context, pair[0]).ToLocal(&pair[1])) return give_up;
  }
  shapeless_ += warming_up ? 0 : count;
  if (!HasRoom(1, 0)) return give_up;
  Put(MakeToken(TokenKind::kPairs, count));
  return v8::Array::New(isolate, pairs.data(), pairs.size());
}

bool ShapeWriter::HasWriter(v8::Local<v8::Context> context, shape::ShapeId id, size_t sightings) {
  if (id < made_.size() && made_[id]) return true;
  shapes_.CountSightings(id, static_cast<uint32_t>(sightings));
  if (shapes_[id].sightings < kSeenOften) return false;
  v8::Isolate* isolate = context->GetIsolate();
  const v8::TryCatch caught(isolate);
  v8::Local<v8::Value> writer;
  if (!shape_script::Run(context, "'use strict';return " + shape::WriterSource(id, shapes_[id]),
                         {{"value", value_.Get(isolate)},
                          {"tokens", token_view_.Get(isolate)},
                          {"cursor", cursor_view_.Get(isolate)}})
           .ToLocal(&writer)) {
    return false;
  }
  v8::Local<v8::Value> parameters[] = {v8::Integer::NewFromUnsigned(isolate, id), writer};
  if (add_.Get(isolate)->Call(context, v8::Undefined(isolate), 2, parameters).IsEmpty()) return false;
  if (made_.size() <= id) made_.resize(id + 1);
  made_[id] = true;
  return true;
}

// ---- arrays ----

ShapeWriter::Answer ShapeWriter::LookAtArray(v8::Local<v8::Context> context, v8::Local<v8::Array> array,
                                             ElementsKind kind, int32_t* many) {
  const uint32_t length = array->Length();
  if (length > shape::kMaxPayload || !HasRoom(size_t{length} + 1, length)) return kGiveUp;
  if (length == 0) {
    Put(MakeToken(TokenKind::kArray, 0));
    return kDone;
  }
  if (ObjectLayout::Elements(ObjectLayout::Of(array)).size() != length) return kGiveUp;
  if (kind != ElementsKind::kPacked && kind != ElementsKind::kHoley) {
    return WriteNumbers(ObjectLayout::Elements(ObjectLayout::Of(array)), kind) ? kDone : kGiveUp;
  }

  // Get cannot run code while the first element is no hole.
  if (layout_.IsHole(ObjectLayout::Elements(ObjectLayout::Of(array))[0])) return kGiveUp;
  v8::Local<v8::Value> first;
  if (!array->Get(context, 0).ToLocal(&first)) return kGiveUp;
  const int32_t first_kind = KindOf(context, first);
  bool has_writer = false;
  if (first_kind >= 0) has_writer = HasWriter(context, static_cast<shape::ShapeId>(first_kind), length);

  // Nothing is allocated from here on.
  const std::span<const Word> elements = ObjectLayout::Elements(ObjectLayout::Of(array));
  if (!HasRoom(size_t{length} + 1, length)) return kGiveUp;
  Put(MakeToken(TokenKind::kArray, length));
  if (IsArrayKind(first_kind) && WriteLists(elements)) return kLists;
  bool alike = has_writer;
  for (const Word element : elements) {
    if (layout_.IsHole(element)) return kGiveUp;
    alike = alike && !ObjectLayout::IsSmi(element) && maps_.Find(ObjectLayout::Map(element)) == first_kind &&
            !layout_.HasElements(element);
  }
  if (!alike) return kind == ElementsKind::kPacked ? kPacked : kHoley;
  *many = first_kind;
  return kind == ElementsKind::kPacked ? kMany : kManyHoley;
}

// Elements that are numbers all of them. Leaves the cursor alone when it fails, at a hole.
bool ShapeWriter::WriteNumbers(std::span<const Word> elements, ElementsKind kind) {
  const auto length = static_cast<uint32_t>(elements.size());
  const shape::TokenSpace space = memory_.space();
  if (kind == ElementsKind::kDouble || kind == ElementsKind::kHoleyDouble) {
    if (kind == ElementsKind::kHoleyDouble) {
      for (const Word element : elements) {
        if (layout_.IsDoubleHole(element)) return false;
      }
    }
    std::memcpy(&space.doubles[doubles()], elements.data(), elements.size_bytes());
    Put(MakeToken(TokenKind::kNumbers, length));
    cursor_[1] += static_cast<int32_t>(length);
    return true;
  }
  size_t token = tokens();
  size_t number = doubles();
  space.tokens[token++] = MakeToken(TokenKind::kArray, length);
  for (const Word element : elements) {
    if (!ObjectLayout::IsSmi(element)) return false;
    const int64_t value = ObjectLayout::SmiValue(element);
    if (value >= shape::kMinInt && value <= shape::kMaxInt) {
      space.tokens[token++] = shape::IntToken(value);
    } else {
      space.tokens[token++] = MakeToken(TokenKind::kDouble, 0);
      space.doubles[number++] = static_cast<double>(value);
    }
  }
  cursor_[0] = static_cast<int32_t>(token);
  cursor_[1] = static_cast<int32_t>(number);
  return true;
}

// Elements that are arrays of numbers all of them. Leaves the cursor alone when there is another.
bool ShapeWriter::WriteLists(std::span<const Word> elements) {
  const int32_t token = cursor_[0];
  const int32_t number = cursor_[1];
  for (const Word element : elements) {
    const int32_t kind =
        ObjectLayout::IsSmi(element) ? static_cast<int32_t>(kPrimitive) : maps_.Find(ObjectLayout::Map(element));
    bool written = false;
    if (IsArrayKind(kind) && ElementsKindOf(kind) != ElementsKind::kPacked &&
        ElementsKindOf(kind) != ElementsKind::kHoley) {
      const std::span<const Word> list = ObjectLayout::Elements(element);
      written = !list.empty() && HasRoom(list.size() + 1, list.size()) && WriteNumbers(list, ElementsKindOf(kind));
    }
    if (!written) {
      most_doubles_ = most_doubles();
      cursor_[0] = token;
      cursor_[1] = number;
      return false;
    }
  }
  return true;
}

// distinct(list): whether no object stands in it twice.
void ShapeWriter::DistinctCallback(const v8::FunctionCallbackInfo<v8::Value>& info) {
  const std::span<const Word> objects = ObjectLayout::Elements(ObjectLayout::Of(info[0]));
  info.GetReturnValue().Set(shape::AllDistinct(objects));
}

}  // namespace pvb
