#include "engine/token_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <memory>

namespace pvb {
namespace {

// Larger messages take the wire codec.
constexpr size_t kTokens = size_t{1} << 25;
constexpr size_t kDoubles = size_t{1} << 24;
constexpr size_t kTokenBytes = kTokens * sizeof(int32_t);
constexpr size_t kDoubleBytes = kDoubles * sizeof(double);
constexpr size_t kReserved = kTokenBytes + kDoubleBytes;
constexpr size_t kKept = size_t{1} << 20;

void GiveBack(uint8_t* from, size_t used) {
  if (used > kKept) madvise(from + kKept, used - kKept, MADV_DONTNEED);
}

v8::Local<v8::ArrayBuffer> Borrow(v8::Isolate* isolate, void* data, size_t size) {
  // With the empty deleter V8 does not count these bytes as memory of its own, which would make it collect garbage in haste.
  std::unique_ptr<v8::BackingStore> store =
      v8::ArrayBuffer::NewBackingStore(data, size, v8::BackingStore::EmptyDeleter, nullptr);
  return v8::ArrayBuffer::New(isolate, std::move(store));
}

}  // namespace

TokenMemory::TokenMemory() {
  void* base = mmap(nullptr, kReserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base != MAP_FAILED) base_ = base;
}

TokenMemory::~TokenMemory() {
  if (base_ != nullptr) munmap(base_, kReserved);
}

shape::TokenSpace TokenMemory::space() const {
  uint8_t* const bytes = static_cast<uint8_t*>(base_);
  return {{reinterpret_cast<int32_t*>(bytes), kTokens}, {reinterpret_cast<double*>(bytes + kTokenBytes), kDoubles}};
}

v8::Local<v8::Int32Array> TokenMemory::TokenView(v8::Isolate* isolate) const {
  return v8::Int32Array::New(Borrow(isolate, base_, kTokenBytes), 0, kTokens);
}

v8::Local<v8::Float64Array> TokenMemory::DoubleView(v8::Isolate* isolate) const {
  return v8::Float64Array::New(Borrow(isolate, static_cast<uint8_t*>(base_) + kTokenBytes, kDoubleBytes), 0, kDoubles);
}

void TokenMemory::Trim(size_t tokens, size_t doubles) {
  uint8_t* const bytes = static_cast<uint8_t*>(base_);
  GiveBack(bytes, std::min(tokens, kTokens) * sizeof(int32_t));
  GiveBack(bytes + kTokenBytes, std::min(doubles, kDoubles) * sizeof(double));
}

}  // namespace pvb
