// Tokens -> message, the way out: what the codec's JavaScript wrote about a tree of data becomes MessagePack. Words to bytes: no isolate, and
// every word is untrusted, as a mistake in JavaScript must not become one in C++.
#ifndef PVB_SHAPE_TOKENS_TO_MESSAGE_H_
#define PVB_SHAPE_TOKENS_TO_MESSAGE_H_

#include <span>

#include "shape/shape_table.h"
#include "shape/token.h"
#include "transcode/limits.h"
#include "wire/byte_buffer.h"

namespace pvb::shape {

struct TokenStream {
  std::span<const int32_t> tokens;
  std::span<const double> doubles;
  // V8's wire bytes of one dense Array: strings, bigints, dates, regexps and objects that hold primitives only, in the order of their tokens. Empty without any.
  std::span<const uint8_t> items;
};

// Replaces the contents of `message`. False when the tokens are not one whole value, or that is more than a tree (an item that was met twice)
// or over a limit: the wire codec then has the word.
bool TokensToMessage(const TokenStream& stream, const ShapeTable& shapes, const Limits& limits, ByteBuffer* message);

}  // namespace pvb::shape

#endif  // PVB_SHAPE_TOKENS_TO_MESSAGE_H_
