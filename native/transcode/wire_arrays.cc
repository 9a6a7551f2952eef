// Wire -> message: arrays. V8 has two spellings for them, and which one it chooses depends on their history; a message has one form for each
// value. So an array that is read as keys and values is put in order at its end.
#include "transcode/wire_transcoder.h"

#include <algorithm>

#include "msgpack/reader.h"
#include "wire/text.h"

namespace pvb {
bool WireTranscoder::BeginDenseArray(uint64_t at) {
  uint32_t length = 0;
  if (!reader_.ReadVarint32(&length)) return false;
  if (length > reader_.left() && !options_.is_unfinished) {
    return Fail(at,
                "an array of " + std::to_string(length) + " elements in " + std::to_string(reader_.left()) + " bytes");
  }
  Frame* frame = Push(FrameKind::kDenseArray, Tag::kEndDenseJSArray, at, false);
  if (frame == nullptr) return false;
  frame->length = length;
  out_.WriteArrayHeader(length);
  return true;
}

bool WireTranscoder::ContinueDenseArray(Frame* frame) {
  Tag tag;
  const bool is_element = frame->begun < frame->length;
  if (is_element) ++frame->begun;
  if (!reader_.PeekTag(&tag)) return Fail(reader_.offset(), "truncated: an array's element or end was expected");
  if (is_element) {
    if (tag != Tag::kTheHole) return ReadValue();
    reader_.TakeTag();
    ++frame->holes;
    out_.WriteHole();
    return true;
  }
  if (tag == Tag::kEndDenseJSArray && !IsSparse(frame->length, frame->length - frame->holes)) {
    reader_.TakeTag();
    const uint64_t at = reader_.offset();
    uint32_t properties = 0;
    if (!reader_.ReadVarint32(&properties)) return false;
    if (properties != 0) return Fail(at, "an end that counts properties where none were read");
    if (!CheckLength(frame)) return false;
    Pop(NodeKind::kList, false);
    return true;
  }
  return ConvertToPairs(frame);
}

bool WireTranscoder::ConvertToPairs(Frame* frame) {
  frame->kind = FrameKind::kPairArray;
  frame->first_entry = entries_.size();
  Fault ignored;
  msgpack_format::Reader written(out_.out()->span(), &ignored);
  written.Seek(frame->start);
  msgpack_format::Token token;
  (void)written.Next(&token);  // the header; all of it is what was written here
  auto extent = extents_.begin() + static_cast<std::ptrdiff_t>(frame->first_extent);
  for (uint32_t index = 0; index < frame->length; ++index) {
    const uint64_t begin = written.offset();
    // Not through what is inside: arrays like this one may be nested, and each would walk through all that the inner ones hold.
    if (extent != extents_.end() && extent->begin == begin) {
      written.Seek((extent++)->end);
    } else {
      (void)written.Next(&token);
      if (token.IsExt(Ext::kHole)) continue;
      written.Seek(begin);
      (void)written.Skip();
    }
    entries_.push_back({true, index, reader_.offset(), begin, written.offset()});
  }
  frame->begun = frame->dense_pairs = entries_.size() - frame->first_entry;
  if (!options_.unique_keys) keys_.Push();
  return true;
}

bool WireTranscoder::BeginSparseArray(uint64_t at) {
  uint32_t length = 0;
  if (!reader_.ReadVarint32(&length)) return false;
  Frame* frame = Push(FrameKind::kPairArray, Tag::kEndSparseJSArray, at, false);
  if (frame == nullptr) return false;
  frame->length = length;
  frame->first_entry = entries_.size();
  if (!options_.unique_keys) keys_.Push();
  out_.WriteArrayHeader(length);
  return true;
}

void WireTranscoder::CloseEntry(const Frame& frame) {
  if (entries_.size() > frame.first_entry && entries_.back().end == 0) entries_.back().end = out_.position();
}

bool WireTranscoder::ReadArrayKey(Frame* frame) {
  const uint64_t at = reader_.offset();
  const size_t position = out_.position();
  bool str = false;
  if (!ReadKey(&str)) return false;
  if (str) {
    const std::string_view written = Written(position);
    const std::string_view key = written.substr(written.size() < 33 ? 1 : 0);  // an index's header is one byte
    uint32_t index = 0;
    if (text::ParseArrayIndex(key, &index)) {
      out_.out()->truncate(position);
      entries_.push_back({true, index, at, position});
      return true;
    }
    if (key == "length") return Fail(at, "a property 'length' of an array");
  }
  if (!options_.unique_keys && !keys_.Insert(Written(position)))
    return Fail(at, "a property key that is there already");
  entries_.push_back({false, 0, at, position});
  frame->flat = true;
  return true;
}

bool WireTranscoder::CheckLength(Frame* frame) {
  const uint64_t at = reader_.offset();
  uint32_t length = 0;
  if (!reader_.ReadVarint32(&length)) return false;
  return length == frame->length || Fail(at, "an array's length at its end differs from that at its beginning");
}

bool WireTranscoder::FinishPairArray(Frame* frame) {
  if (!options_.unique_keys) keys_.Pop();
  CloseEntry(*frame);
  const auto first = entries_.begin() + static_cast<std::ptrdiff_t>(frame->first_entry);
  const auto by_index = [](const Entry& a, const Entry& b) {
    return a.is_index != b.is_index ? a.is_index : a.is_index && a.index < b.index;
  };
  const bool sorted = std::is_sorted(first, entries_.end(), by_index);
  if (!sorted) std::stable_sort(first, entries_.end(), by_index);
  const auto first_property = std::find_if(first, entries_.end(), [](const Entry& e) { return !e.is_index; });
  for (auto entry = first; entry != first_property; ++entry) {
    if (entry != first && entry->index == (entry - 1)->index) {
      return Fail(std::max(entry->offset, (entry - 1)->offset), "an array index that is there already");
    }
  }
  const auto elements = static_cast<uint64_t>(first_property - first);
  const auto properties = static_cast<uint64_t>(entries_.end() - first_property);
  uint64_t length = frame->length;
  if (elements != 0) length = std::max<uint64_t>(length, uint64_t{(first_property - 1)->index} + 1);

  NodeKind kind = NodeKind::kList;
  if (IsSparse(length, elements)) {
    kind = NodeKind::kSparseArray;
  } else if (properties != 0) {
    kind = NodeKind::kArray;
  }
  const uint64_t holes = length - elements;
  if (kind != NodeKind::kSparseArray && !CountHoles(holes - std::min(holes, frame->holes))) return false;
  // An array without holes, not even such that were filled later, stands in the output as it should be.
  const bool in_place = kind == NodeKind::kList && sorted && elements == length && frame->length == length;
  if (!in_place || frame->holes != 0) {
    Rebuild(kind, length, first, first_property, frame->start);
  }
  entries_.resize(frame->first_entry);
  Pop(kind, kind != NodeKind::kList);
  return true;
}

bool WireTranscoder::CountHoles(uint64_t holes) {
  implied_holes_ += holes;
  if (implied_holes_ <= options_.limits.max_sparse_slots) return true;
  return Fail(reader_.offset(),
              "sparse arrays of more than " + std::to_string(options_.limits.max_sparse_slots) + " holes together");
}

void WireTranscoder::Rebuild(NodeKind kind, uint64_t length, EntryIterator first, EntryIterator first_property,
                             size_t start) {
  ByteBuffer rebuilt;
  MessageWriter writer(&rebuilt);
  const EntryIterator end = entries_.end();
  const auto append = [&](const Entry& entry) {
    rebuilt.append(out_.out()->data() + entry.position, entry.end - entry.position);
  };
  if (kind == NodeKind::kSparseArray) {
    writer.WriteArrayHeader(static_cast<uint32_t>(1 + 2 * (end - first)));
    writer.WriteUint(length);
    for (auto entry = first; entry != end; ++entry) {
      if (entry->is_index) writer.WriteUint(entry->index);
      append(*entry);
    }
  } else {
    if (kind == NodeKind::kArray) writer.WriteArrayHeader(2);
    writer.WriteArrayHeader(static_cast<uint32_t>(length));
    auto entry = first;
    for (uint64_t index = 0; index < length; ++index) {
      if (entry != first_property && entry->index == index) {
        append(*entry++);
      } else {
        writer.WriteHole();
      }
    }
    if (kind == NodeKind::kArray) {
      writer.WriteArrayHeader(static_cast<uint32_t>(2 * (end - first_property)));
      for (auto property = first_property; property != end; ++property) append(*property);
    }
  }
  out_.out()->truncate(start);
  out_.out()->append(rebuilt.data(), rebuilt.size());
}

}  // namespace pvb
