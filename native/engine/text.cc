#include "engine/text.h"

#include <algorithm>
#include <climits>
#include <vector>

namespace pvb {
namespace {

void AppendCodePoint(uint32_t point, std::string* out) {
  const auto put = [out](uint32_t byte) { out->push_back(static_cast<char>(static_cast<uint8_t>(byte))); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | point >> 6);
    put(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    put(0xE0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3F));
    put(0x80 | (point & 0x3F));
  } else {
    put(0xF0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3F));
    put(0x80 | (point >> 6 & 0x3F));
    put(0x80 | (point & 0x3F));
  }
}

}  // namespace

std::string ToUtf8(v8::Isolate* isolate, v8::Local<v8::String> string) {
  std::vector<uint16_t> units(static_cast<size_t>(string->Length()));
  if (!units.empty()) compat::CopyUtf16(isolate, string, units.data());
  std::string out;
  out.reserve(units.size());
  for (size_t i = 0; i < units.size(); ++i) {
    const uint32_t unit = units[i];
    const bool pair = (unit & 0xFC00) == 0xD800 && i + 1 < units.size() && (units[i + 1] & 0xFC00) == 0xDC00;
    if (pair) {
      AppendCodePoint(0x10000 + ((unit & 0x3FF) << 10) + (units[i + 1] & 0x3FFu), &out);
      ++i;
    } else {
      AppendCodePoint(unit, &out);
    }
  }
  return out;
}

v8::MaybeLocal<v8::String> ToV8String(v8::Isolate* isolate, std::string_view utf8, v8::NewStringType type) {
  // With a length of -1 or below V8 would look for a NUL.
  if (utf8.size() > INT_MAX) return {};
  return v8::String::NewFromUtf8(isolate, utf8.data() == nullptr ? "" : utf8.data(), type,
                                 static_cast<int>(utf8.size()));
}

v8::Local<v8::String> Literal(v8::Isolate* isolate, std::string_view ascii) {
  return v8::String::NewFromUtf8(isolate, ascii.data(), v8::NewStringType::kInternalized,
                                 static_cast<int>(ascii.size()))
      .ToLocalChecked();
}

}  // namespace pvb
