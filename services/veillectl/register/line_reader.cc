#include "veillectl/register/line_reader.h"

#include <algorithm>

#include "absl/strings/strip.h"
#include "common/status/macros.h"

namespace veille::veillectl {
namespace {

constexpr char kEndOfFileMark = '\x1A';  // the last byte of many files from DOS programs

}  // namespace

LineReader::LineReader(ByteSource& source, const Survey& survey, Encoding encoding, int64_t end)
    : blocks_(source, end == kToTheEnd ? &survey.fingerprint : nullptr),
      transcoder_(encoding),
      to_skip_(static_cast<size_t>(survey.mark_size)),
      left_(end) {}

absl::StatusOr<std::string_view> LineReader::Next() {
  while (true) {
    size_t size = LineSize();
    if (size == 0 && ended_) size = text_.size() - at_;
    if (size == 0 && text_.size() - at_ >= kMostBytes) size = kMostBytes;
    if (size > 0 || ended_) {
      const std::string_view line = std::string_view(text_).substr(at_, size);
      at_ += size;
      return line;
    }
    RETURN_IF_ERROR(Refill());
  }
}

size_t LineReader::LineSize() {
  if (newline_ < at_ || newline_ == std::string::npos) newline_ = text_.find('\n', at_);
  const size_t before = std::min(newline_, text_.size());
  const size_t carriage_return = std::string_view(text_).substr(at_, before - at_).find('\r');
  if (carriage_return == std::string_view::npos) {
    return newline_ == std::string::npos ? 0 : newline_ + 1 - at_;
  }
  const size_t after = at_ + carriage_return + 1;
  if (after == text_.size() && !ended_) return 0;  // a newline may follow
  return carriage_return + (after == newline_ ? 2 : 1);
}

absl::Status LineReader::Refill() {
  text_.erase(0, at_);
  at_ = 0;
  newline_ = std::string::npos;
  ASSIGN_OR_RETURN(std::string_view block, blocks_.Next());
  block = block.substr(
      0, static_cast<size_t>(std::min<int64_t>(left_, static_cast<int64_t>(block.size()))));
  left_ -= static_cast<int64_t>(block.size());
  ended_ = block.empty();
  const size_t skipped = std::min(to_skip_, block.size());
  to_skip_ -= skipped;
  transcoder_.Append(block.substr(skipped), ended_, text_);
  if (ended_ && !text_.empty() && text_.back() == kEndOfFileMark) text_.pop_back();
  return absl::OkStatus();
}

}  // namespace veille::veillectl
