#pragma once

// A register's text in UTF-8, line by line, each with its end (LF, CRLF or CR): no character is cut
// in two. Whether the text is well formed is for the reader of the lines to check.

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "veillectl/register/blocks.h"
#include "veillectl/register/encoding.h"
#include "veillectl/register/survey.h"

namespace veille::veillectl {

class LineReader {
 public:
  static constexpr size_t kMostBytes = 64 * 1024;
  static constexpr int64_t kToTheEnd = std::numeric_limits<int64_t>::max();

  // The text before the offset `end` of the file. `source` and `survey` outlive the reader.
  LineReader(ByteSource& source, const Survey& survey, Encoding encoding, int64_t end = kToTheEnd);

  // The next line, valid until the next call; empty at the end. A line that is longer than
  // kMostBytes comes in parts, all but the last without a line end. Errors: the source's, and a
  // usage error when the file changed.
  absl::StatusOr<std::string_view> Next();

 private:
  // The length of the line at at_, or 0 when its end is not in text_ yet.
  size_t LineSize();
  absl::Status Refill();

  BlockReader blocks_;
  Transcoder transcoder_;
  size_t to_skip_;  // of the byte order mark
  int64_t left_;
  std::string text_;
  size_t at_ = 0;
  size_t newline_ = std::string::npos;  // the first one not before at_, when it is known
  bool ended_ = false;
};

}  // namespace veille::veillectl
