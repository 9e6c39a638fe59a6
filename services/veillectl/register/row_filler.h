#pragma once

// Cells of a row to the fields of RegisterRow.

#include <cstdint>

#include "absl/status/status.h"
#include "veille/registry/v1/register_row.pb.h"
#include "veillectl/register/columns.h"
#include "veillectl/register/csv_reader.h"
#include "veillectl/register/mapping.h"

namespace veille::veillectl {

// The order of dates as RowFiller leaves them. Dates of one order stay as they stand in the file;
// with several, those that are written in one of the patterns become yyyy-mm-dd.
registry::v1::DateFormat DateFormatOf(const Mapping& mapping);

class RowFiller {
 public:
  // Both outlive it.
  RowFiller(const Mapping& mapping, const Columns& columns);

  // Errors: a usage error with the position, when the row has too many or too few cells, something
  // in a column without a name, or a value of objection that the mapping does not have.
  absl::Status Fill(const CsvReader& cells, registry::v1::RegisterRow& row);

  // What so many cells had wrong that the mapping must be; the position of the first.
  struct Suspicion {
    int64_t cells = 0;  // that are not empty
    int64_t wrong = 0;
    Position first;
  };
  const Suspicion& birth_dates() const { return birth_dates_; }
  const Suspicion& dwelling_numbers() const { return dwelling_numbers_; }
  // Values of objection that are neither yes nor no, and count as yes.
  const Suspicion& objections() const { return objections_; }

 private:
  absl::Status CheckSize(const CsvReader& cells) const;
  absl::Status FillCell(Position position, const Columns::Column& column, const std::string& cell,
                        registry::v1::RegisterRow& row);
  absl::StatusOr<bool> IsObjection(Position position, const std::string& cell);
  std::string DateOf(const std::string& cell) const;
  bool LooksLikeDate(const std::string& cell) const;

  const Mapping& mapping_;
  const Columns& columns_;
  const bool rewrites_dates_;
  Suspicion birth_dates_;
  Suspicion dwelling_numbers_;
  Suspicion objections_;
};

}  // namespace veille::veillectl
