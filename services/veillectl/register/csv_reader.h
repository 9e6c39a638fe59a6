#pragma once

// The rows of a register as cells, with where they stand. Reads what programs write: quoted cells
// with separators and line ends in them, doubled quotes, and quotes inside a cell that is not
// quoted (5" pouces). Refuses what would let rows vanish into one cell: a quoted cell with a lone
// quote in it, and a quote that is never closed.
//
// No message repeats what stands in the file.

#include <csv.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "veillectl/register/line_reader.h"

namespace veille::veillectl {

// A cell: the line on which its row begins (or, for a fault, the line of the fault), and its number
// in the row. Both from 1.
struct Position {
  int64_t line = 1;
  int64_t column = 1;
};

// A usage error: "line 7, column 3: …".
absl::Status Wrong(Position position, std::string_view what);

class CsvReader {
 public:
  // `encoding` is that of `lines`, for messages.
  CsvReader(std::unique_ptr<LineReader> lines, Encoding encoding, char separator);
  ~CsvReader();
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;

  // The next row; lines without anything are left out. False at the end. Errors: usage errors with
  // the position.
  absl::StatusOr<bool> Next();

  // The row: blanks around cells that are not quoted are gone.
  int64_t line() const { return row_line_; }
  size_t size() const { return count_; }
  const std::string& cell(size_t number) const { return cells_[number]; }  // from 0

  // How many cells a row has: text inside a quote that looks like a whole row shows that the quote
  // was meant to close before.
  void ExpectColumns(size_t columns) { columns_ = columns; }

  // What has been read ends here.
  Position here() const;

 private:
  static void OnCell(void* cell, size_t size, void* self);
  static void OnRow(int end, void* self);

  absl::Status Feed(std::string_view line);
  absl::Status Parse(std::string_view text);
  absl::Status CheckQuote(std::string_view line, bool was_inside);
  absl::Status NotClosed() const;
  absl::StatusOr<bool> EndOfFile();
  bool InsideQuotes() const;

  const std::unique_ptr<LineReader> lines_;
  const Encoding encoding_;
  const char separator_;
  csv_parser parser_;
  size_t columns_ = 0;

  std::vector<std::string> cells_;  // the first count_ ones are of the row
  size_t count_ = 0;
  bool complete_ = false;
  int64_t line_ = 0;        // that is being read
  int64_t row_line_ = 0;    // on which the row begins
  int64_t quote_line_ = 0;  // on which the open quote stands
  size_t row_size_ = 0;
  bool after_line_end_ = true;
  bool ended_ = false;
};

}  // namespace veille::veillectl
