#include "engine/shape_reader.h"

#include <string>

#include "engine/deserializer.h"
#include "engine/no_script.h"
#include "engine/shape_script.h"
#include "engine/text.h"
#include "shape/source.h"
#include "wire/text.h"

namespace pvb {
namespace {

// To compile a shape costs about as much as to build this many objects without.
constexpr uint32_t kSeenOften = 16;

// Empty for what is no UTF-8, or longer than a string can be.
v8::MaybeLocal<v8::String> MakeText(v8::Isolate* isolate, const shape::Item& item, ByteBuffer* scratch) {
  const auto type = item.is_key ? v8::NewStringType::kInternalized : v8::NewStringType::kNormal;
  const auto fits = [](uint64_t units) { return units <= static_cast<uint64_t>(v8::String::kMaxLength); };
  if (item.ascii) {
    if (!fits(item.text.size())) return {};
    return v8::String::NewFromOneByte(isolate, item.text.data(), type, static_cast<int>(item.text.size()));
  }
  // V8's own decoder of UTF-8 takes four times as long.
  const text::Utf8Summary summary = text::SummarizeUtf8(item.text);
  if (!summary.valid || !fits(summary.utf16_units)) return {};
  const auto units = static_cast<int>(summary.utf16_units);
  scratch->clear();
  if (summary.latin1) {
    uint8_t* const latin1 = scratch->extend(summary.utf16_units);
    text::Utf8ToLatin1(item.text, latin1);
    return v8::String::NewFromOneByte(isolate, latin1, type, units);
  }
  uint8_t* const utf16 = scratch->extend(sizeof(uint16_t) * summary.utf16_units);
  text::Utf8ToUtf16(item.text, utf16);
  return v8::String::NewFromTwoByte(isolate, reinterpret_cast<const uint16_t*>(utf16), type, units);
}

}  // namespace

ShapeReader::ShapeReader(v8::Local<v8::Context> context, const ObjectLayout& layout, const PlainPrototypes& prototypes,
                         const TokenMemory& memory, shape::ShapeTable* shapes)
    : layout_(layout), prototypes_(prototypes), memory_(memory), shapes_(*shapes), from_message_(shapes) {
  ready_ = Start(context);
}

ShapeReader::~ShapeReader() = default;

bool ShapeReader::Start(v8::Local<v8::Context> context) {
  v8::Isolate* isolate = context->GetIsolate();
  const v8::Local<v8::External> self = v8::External::New(isolate, this);
  v8::Local<v8::Function> assemble;
  v8::Local<v8::Function> define;
  v8::Local<v8::Value> made;
  if (!v8::Function::New(context, &Assemble, self).ToLocal(&assemble) ||
      !v8::Function::New(context, &Define, self).ToLocal(&define) ||
      !shape_script::Run(context, shape_script::kDecode,
                         {{"tokens", memory_.TokenView(isolate)},
                          {"doubles", memory_.DoubleView(isolate)},
                          {"assemble", assemble},
                          {"define", define}})
           .ToLocal(&made)) {
    return false;
  }
  const v8::Local<v8::Object> script = made.As<v8::Object>();
  v8::Local<v8::Function> decode;
  v8::Local<v8::Function> add;
  v8::Local<v8::Function> value;
  if (!shape_script::Method(context, script, "decode").ToLocal(&decode) ||
      !shape_script::Method(context, script, "add").ToLocal(&add) ||
      !shape_script::Method(context, script, "value").ToLocal(&value)) {
    return false;
  }
  decode_.Reset(isolate, decode);
  add_.Reset(isolate, add);
  value_.Reset(isolate, value);
  return true;
}

bool ShapeReader::ReadTokens(std::span<const uint8_t> message, const ToWireOptions& options) {
  return from_message_.Run(message, options, memory_.space(), kSeenOften);
}

bool ShapeReader::BuildArguments(const Frame& frame, std::vector<v8::Local<v8::Value>>* arguments) {
  v8::Isolate* isolate = frame.isolate;
  const v8::TryCatch caught(isolate);
  items_.clear();
  if (!prototypes_.HaveNoElements(isolate, layout_)) return false;
  const BarOurFunctions bar(isolate);
  if (!AddMakers(frame.context) || !MakeItems(frame)) return false;
  v8::Local<v8::Value> list = v8::Array::New(isolate, items_.data(), items_.size());
  v8::Local<v8::Value> built;
  if (!decode_.Get(isolate)->Call(frame.context, v8::Undefined(isolate), 1, &list).ToLocal(&built)) return false;
  if (!built->IsArray()) return false;
  const v8::Local<v8::Array> array = built.As<v8::Array>();
  std::vector<v8::Local<v8::Value>> values(array->Length());
  for (uint32_t i = 0; i < values.size(); ++i) {
    if (!array->Get(frame.context, i).ToLocal(&values[i])) return false;
  }
  arguments->insert(arguments->end(), values.begin(), values.end());
  return true;
}

bool ShapeReader::AddMakers(v8::Local<v8::Context> context) {
  v8::Isolate* isolate = context->GetIsolate();
  std::vector<shape::ShapeId> added;
  std::string source = "'use strict';return[";
  for (const shape::ShapeId id : from_message_.wanted()) {
    if (id < made_.size() && made_[id]) continue;
    source += shape::MakerSource(shapes_[id]) + ",";
    added.push_back(id);
  }
  if (added.empty()) return true;
  v8::Local<v8::Value> makers;
  if (!shape_script::Run(context, source + "]", {{"value", value_.Get(isolate)}}).ToLocal(&makers)) return false;
  const v8::Local<v8::Function> add = add_.Get(isolate);
  for (uint32_t i = 0; i < added.size(); ++i) {
    v8::Local<v8::Value> parameters[] = {v8::Integer::NewFromUnsigned(isolate, added[i]), {}};
    if (!makers.As<v8::Array>()->Get(context, i).ToLocal(&parameters[1]) ||
        add->Call(context, v8::Undefined(isolate), 2, parameters).IsEmpty()) {
      return false;
    }
    if (made_.size() <= added[i]) made_.resize(added[i] + 1);
    made_[added[i]] = true;
  }
  return true;
}

bool ShapeReader::MakeItems(const Frame& frame) {
  std::vector<v8::Local<v8::Value>> riders;
  if (!from_message_.riders().empty()) {
    IncomingBuffers none;
    if (!ReadArguments(frame, from_message_.riders(), &none, &riders)) {
      // What is wrong, or that V8 is being terminated, the wire codec finds too.
      *frame.outcome = Outcome();
      return false;
    }
  }
  size_t rider = 0;
  ByteBuffer scratch;  // of a message, so that none stays as large as the largest text
  items_.reserve(from_message_.items().size());
  // V8 looks for a termination in JavaScript only, and a million texts take a while to make.
  constexpr size_t kLookEvery = 4096;
  for (const shape::Item& item : from_message_.items()) {
    if (items_.size() % kLookEvery == 0 && frame.entry.stopping()) return false;
    v8::Local<v8::String> text;
    if (item.rides) {
      if (rider == riders.size()) return false;
      items_.push_back(riders[rider++]);
    } else if (MakeText(frame.isolate, item, &scratch).ToLocal(&text)) {
      items_.push_back(text);
    } else {
      return false;
    }
  }
  return true;
}

void ShapeReader::Shrink() {
  constexpr size_t kKept = size_t{1} << 15;
  items_.clear();
  if (items_.capacity() > kKept) items_.shrink_to_fit();
  from_message_.Shrink();
}

// assemble(values, first): an object of many properties; their names are the items that the tokens from `first` on name.
void ShapeReader::Assemble(const v8::FunctionCallbackInfo<v8::Value>& info) {
  v8::Isolate* isolate = info.GetIsolate();
  auto* const self = static_cast<ShapeReader*>(info.Data().As<v8::External>()->Value());
  const v8::Local<v8::Context> context = isolate->GetCurrentContext();
  const v8::Local<v8::Array> list = info[0].As<v8::Array>();
  const uint32_t first = info[1].As<v8::Uint32>()->Value();
  const uint32_t count = list->Length();
  std::vector<v8::Local<v8::Value>> values(count);
  std::vector<v8::Local<v8::Name>> names(count);
  const std::span<const int32_t> tokens = self->memory_.space().tokens;
  for (uint32_t i = 0; i < count; ++i) {
    if (!list->Get(context, i).ToLocal(&values[i])) return;
    names[i] = self->items_[shape::PayloadOf(tokens[first + i])].As<v8::Name>();
  }
  info.GetReturnValue().Set(
      v8::Object::New(isolate, self->prototypes_.object(isolate), names.data(), values.data(), count));
}

// define(object, key, value): an own property, whatever the prototypes say.
void ShapeReader::Define(const v8::FunctionCallbackInfo<v8::Value>& info) {
  const v8::Local<v8::Context> context = info.GetIsolate()->GetCurrentContext();
  // Nothing but a termination can fail on an ordinary object of ours, and V8 sees to that.
  (void)info[0].As<v8::Object>()->CreateDataProperty(context, info[1].As<v8::Name>(), info[2]).FromMaybe(false);
}

}  // namespace pvb
