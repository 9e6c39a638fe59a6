#include "veillectl/register/csv_reader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "veillectl/client/failure.h"

namespace veille::veillectl {
namespace {

// A quote that opens and is never closed swallows the rest of the file; no honest row is this long.
constexpr int64_t kMostLinesOfARow = 20;
constexpr size_t kBufferStep = 4096;

// libcsv's states, which its header does not name.
constexpr int kInCell = 2;

bool EndsLine(std::string_view line) {
  return !line.empty() && (line.back() == '\n' || line.back() == '\r');
}

}  // namespace

absl::Status Wrong(Position position, std::string_view what) {
  return UsageError(
      absl::StrCat("line ", position.line, ", column ", position.column, ": ", std::string(what)));
}

CsvReader::CsvReader(std::unique_ptr<LineReader> lines, Encoding encoding, char separator)
    : lines_(std::move(lines)), encoding_(encoding), separator_(separator) {
  csv_init(&parser_, CSV_STRICT);
  csv_set_delim(&parser_, static_cast<unsigned char>(separator));
  csv_set_blk_size(&parser_, kBufferStep);
}

CsvReader::~CsvReader() { csv_free(&parser_); }

absl::StatusOr<bool> CsvReader::Next() {
  if (ended_) return false;
  count_ = 0;
  row_size_ = 0;
  complete_ = false;
  while (!complete_) {
    ASSIGN_OR_RETURN(const std::string_view line, lines_->Next());
    if (line.empty()) return EndOfFile();
    RETURN_IF_ERROR(Feed(line));
  }
  return true;
}

Position CsvReader::here() const {
  if (after_line_end_ && !InsideQuotes() && !ended_) return {line_ + 1, 1};
  const auto cells = static_cast<int64_t>(count_);
  return {line_, complete_ ? cells : cells + 1};
}

void CsvReader::OnCell(void* cell, size_t size, void* self) {
  auto* reader = static_cast<CsvReader*>(self);
  if (reader->count_ == reader->cells_.size()) reader->cells_.emplace_back();
  reader->cells_[reader->count_++].assign(static_cast<const char*>(cell), size);
}

void CsvReader::OnRow(int, void* self) { static_cast<CsvReader*>(self)->complete_ = true; }

bool CsvReader::InsideQuotes() const { return parser_.quoted != 0 && parser_.pstate == kInCell; }

absl::Status CsvReader::Feed(std::string_view line) {
  if (after_line_end_) ++line_;
  after_line_end_ = false;
  if (row_size_ == 0) row_line_ = line_;
  row_size_ += line.size();
  const bool was_inside = InsideQuotes();
  const size_t clean = CleanPrefix(line);
  RETURN_IF_ERROR(Parse(line.substr(0, clean)));
  if (row_size_ >= LineReader::kMostBytes) {
    return Wrong(here(), "the row is longer than 64 KiB");
  }
  if (clean < line.size()) {
    return Wrong(here(), line[clean] == '\0' ? std::string("there is a NUL byte: this is no text")
                                             : absl::StrCat("there is a character that is not ",
                                                            NameOf(encoding_)));
  }
  after_line_end_ = EndsLine(line);
  RETURN_IF_ERROR(CheckQuote(line, was_inside));
  if (!InsideQuotes() && !complete_) row_size_ = 0;  // an empty line
  return absl::OkStatus();
}

absl::Status CsvReader::Parse(std::string_view text) {
  while (true) {
    text.remove_prefix(csv_parse(&parser_, text.data(), text.size(), &OnCell, &OnRow, this));
    if (text.empty()) return absl::OkStatus();
    if (csv_error(&parser_) != CSV_EPARSE) return absl::ResourceExhaustedError("out of memory");
    if (parser_.quoted != 0) {
      return Wrong({quote_line_ != 0 ? quote_line_ : line_, here().column},
                   "the quoted cell has a quote in it that is not doubled, or is not closed");
    }
    // A quote inside a cell that is not quoted is an inch or a mistake, and harmless.
    csv_set_opts(&parser_, 0);
    csv_parse(&parser_, text.data(), 1, &OnCell, &OnRow, this);
    csv_set_opts(&parser_, CSV_STRICT);
    text.remove_prefix(1);
  }
}

absl::Status CsvReader::CheckQuote(std::string_view line, bool was_inside) {
  if (!InsideQuotes()) {
    quote_line_ = 0;
    return absl::OkStatus();
  }
  if (!was_inside) quote_line_ = line_;
  const auto separators = static_cast<size_t>(std::count(line.begin(), line.end(), separator_));
  const bool whole_row = was_inside && columns_ > 2 && separators + 1 >= columns_;
  return whole_row || line_ - row_line_ >= kMostLinesOfARow ? NotClosed() : absl::OkStatus();
}

absl::Status CsvReader::NotClosed() const {
  return Wrong({quote_line_, static_cast<int64_t>(count_) + 1}, "the quote is not closed");
}

absl::StatusOr<bool> CsvReader::EndOfFile() {
  if (InsideQuotes()) return NotClosed();
  ended_ = !after_line_end_;  // here() stays in the last line
  csv_fini(&parser_, &OnCell, &OnRow, this);
  return complete_;
}

}  // namespace veille::veillectl
