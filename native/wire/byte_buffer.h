// A growable byte buffer on malloc: no zero-filling on growth, and memory that V8's serializer allocated can be adopted.
#ifndef PVB_WIRE_BYTE_BUFFER_H_
#define PVB_WIRE_BYTE_BUFFER_H_

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <span>

namespace pvb {

class ByteBuffer {
 public:
  ByteBuffer() = default;
  ByteBuffer(ByteBuffer&& other) noexcept { swap(other); }
  ByteBuffer& operator=(ByteBuffer&& other) noexcept {
    swap(other);
    return *this;
  }
  ByteBuffer(const ByteBuffer&) = delete;
  ByteBuffer& operator=(const ByteBuffer&) = delete;
  ~ByteBuffer() = default;

  // Takes memory that came from malloc or realloc.
  static ByteBuffer adopt(uint8_t* data, size_t size) {
    ByteBuffer buffer;
    buffer.data_.reset(data);
    buffer.size_ = buffer.capacity_ = size;
    return buffer;
  }

  const uint8_t* data() const { return data_.get(); }
  uint8_t* data() { return data_.get(); }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::span<const uint8_t> span() const { return {data_.get(), size_}; }

  // Forgets the contents and keeps the memory.
  void clear() { size_ = 0; }
  // `size` must not exceed size().
  void truncate(size_t size) { size_ = size; }

  // Returns room for `count` more bytes, which become part of the buffer. Throws std::bad_alloc.
  uint8_t* extend(size_t count) {
    if (count > capacity_ - size_) grow(count);
    uint8_t* at = data_.get() + size_;
    size_ += count;
    return at;
  }

  void push(uint8_t byte) { *extend(1) = byte; }

  void append(const void* from, size_t count) {
    if (count != 0) std::memcpy(extend(count), from, count);
  }

  // msgpack::packer's stream concept.
  void write(const char* from, size_t count) { append(from, count); }

  void reserve(size_t capacity) {
    if (capacity > capacity_) grow(capacity - size_);
  }

 private:
  struct Free {
    void operator()(uint8_t* p) const { std::free(p); }
  };

  void grow(size_t count) {
    if (count > SIZE_MAX / 2 - size_) throw std::bad_alloc();
    size_t capacity = capacity_ * 2;
    if (capacity < size_ + count) capacity = size_ + count;
    if (capacity < 64) capacity = 64;
    void* grown = std::realloc(data_.get(), capacity);
    if (grown == nullptr) throw std::bad_alloc();
    (void)data_.release();
    data_.reset(static_cast<uint8_t*>(grown));
    capacity_ = capacity;
  }

  void swap(ByteBuffer& other) noexcept {
    data_.swap(other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

  std::unique_ptr<uint8_t, Free> data_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace pvb

#endif  // PVB_WIRE_BYTE_BUFFER_H_
