#include "veillectl/register/columns.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "veillectl/client/failure.h"
#include "veillectl/register/closest.h"

namespace veille::veillectl {
namespace {

class HeaderReader {
 public:
  HeaderReader(const CsvReader& header, const Mapping& mapping)
      : header_(header), mapping_(mapping) {}

  absl::StatusOr<Columns> Read() {
    for (size_t i = 0; i < header_.size(); ++i) RETURN_IF_ERROR(ReadColumn(i));
    if (known_ == 0) {
      return Wrong(At(0), absl::StrCat("no name of a column is known; the first line must have "
                                       "them: ",
                                       absl::StrJoin(mapping_.ColumnNames(), ", ")));
    }
    RETURN_IF_ERROR(first_fault_);
    RETURN_IF_ERROR(FindMissing());
    return std::move(columns_);
  }

 private:
  Position At(size_t column) const { return {header_.line(), static_cast<int64_t>(column) + 1}; }

  absl::Status ReadColumn(size_t number) {
    const std::string& name = header_.cell(number);
    const std::string folded = FoldName(name);
    if (folded.empty()) {
      columns_.columns.push_back({name, nullptr, /*unnamed=*/true});
      return absl::OkStatus();
    }
    const auto [first, fresh] = seen_.emplace(folded, number);
    if (!fresh) {
      return Wrong(At(number),
                   absl::StrCat("the column has the same name as column ", first->second + 1));
    }
    const Mapping::Column* column = mapping_.Find(name);
    if (column == nullptr) {
      if (first_fault_.ok()) first_fault_ = Unknown(number);
      return absl::OkStatus();
    }
    const bool of_refused_rows = column->name.empty();
    columns_.of_refused_rows |= of_refused_rows;
    if (!of_refused_rows) ++known_;
    columns_.columns.push_back({name, column->field, false, of_refused_rows});
    return absl::OkStatus();
  }

  absl::Status Unknown(size_t number) const {
    return Wrong(At(number), absl::StrCat("the name of the column is not known; the closest is \"",
                                          Closest(header_.cell(number), mapping_.ColumnNames()),
                                          mapping_.all_columns
                                              ? "\" (a column without use: map it to \"ignore\")"
                                              : "\" (other columns: see --mapping)"));
  }

  absl::Status FindMissing() {
    bool has_dwelling = false;
    for (const Columns::Column& column : columns_.columns) {
      has_dwelling |= column.field != nullptr && column.field->name() == "dwelling_number";
    }
    for (const std::string& name : mapping_.ColumnNames()) {
      if (!seen_.contains(FoldName(name))) columns_.missing.push_back(name);
    }
    if (mapping_.all_columns && !columns_.missing.empty()) {
      return UsageError(absl::StrCat("line ", header_.line(),
                                     ": the file has no column named as in the mapping: \"",
                                     absl::StrJoin(columns_.missing, "\", \""), "\""));
    }
    if (!has_dwelling) {
      return UsageError(
          absl::StrCat("line ", header_.line(), ": the file has no column NUM_LOGEMENT"));
    }
    return absl::OkStatus();
  }

  const CsvReader& header_;
  const Mapping& mapping_;
  Columns columns_;
  std::map<std::string, size_t> seen_;
  size_t known_ = 0;
  absl::Status first_fault_;
};

}  // namespace

absl::StatusOr<Columns> ReadColumns(const CsvReader& header, const Mapping& mapping) {
  return HeaderReader(header, mapping).Read();
}

}  // namespace veille::veillectl
