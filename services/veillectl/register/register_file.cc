#include "veillectl/register/register_file.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "veillectl/client/failure.h"
#include "veillectl/register/line_reader.h"

namespace veille::veillectl {
namespace {

// Fewer cells say nothing about the mapping.
constexpr int64_t kEnoughCells = 10;

bool IsMostly(const RowFiller::Suspicion& suspicion) {
  return suspicion.cells >= kEnoughCells && suspicion.wrong * 2 > suspicion.cells;
}

size_t CountKnown(const CsvReader& header, const Mapping& mapping) {
  size_t known = 0;
  for (size_t i = 0; i < header.size(); ++i) {
    if (mapping.Find(header.cell(i)) != nullptr) ++known;
  }
  return known;
}

}  // namespace

RegisterRows::RegisterRows(std::unique_ptr<CsvReader> csv, const Mapping& mapping,
                           const Columns& columns)
    : csv_(std::move(csv)), filler_(mapping, columns) {}

absl::StatusOr<bool> RegisterRows::Next(registry::v1::RegisterRow& row) {
  ASSIGN_OR_RETURN(const bool more, csv_->Next());
  if (more) RETURN_IF_ERROR(filler_.Fill(*csv_, row));
  return more;
}

absl::StatusOr<std::unique_ptr<RegisterFile>> RegisterFile::Open(ByteSource& source,
                                                                 RegisterOptions options) {
  std::unique_ptr<RegisterFile> file(new RegisterFile(source, std::move(options)));
  RETURN_IF_ERROR(file->Check());
  return file;
}

RegisterFile::RegisterFile(ByteSource& source, RegisterOptions options)
    : source_(source), options_(std::move(options)) {}

absl::StatusOr<std::unique_ptr<RegisterRows>> RegisterFile::Rows() const {
  std::unique_ptr<CsvReader> csv = Csv(separator_);
  RETURN_IF_ERROR(csv->Next().status());  // the names
  csv->ExpectColumns(columns_.columns.size());
  return std::make_unique<RegisterRows>(std::move(csv), options_.mapping, columns_);
}

absl::Status RegisterFile::Check() {
  ASSIGN_OR_RETURN(survey_, SurveyFile(source_));
  RETURN_IF_ERROR(ChooseEncoding());
  RETURN_IF_ERROR(ChooseSeparator());
  if (!survey_.doubt.what.empty()) return Doubtful();
  return CheckRows();
}

absl::Status RegisterFile::ChooseEncoding() {
  if (survey_.certain) {
    encoding_ = survey_.encoding;
    if (options_.encoding.has_value() && *options_.encoding != encoding_) {
      return UsageError(absl::StrCat("the register begins with the byte order mark of ",
                                     NameOf(encoding_), ": it is not ",
                                     NameOf(*options_.encoding)));
    }
    return absl::OkStatus();
  }
  const std::optional<Encoding> said =
      options_.encoding.has_value() ? options_.encoding : options_.mapping.encoding;
  encoding_ = said.value_or(survey_.encoding);
  if (said.has_value()) survey_.doubt = {};  // its bytes are looked at when they are read
  return absl::OkStatus();
}

absl::Status RegisterFile::ChooseSeparator() {
  const std::optional<char> said =
      options_.separator.has_value() ? options_.separator : options_.mapping.separator;
  if (said.has_value()) {
    separator_ = *said;
    return absl::OkStatus();
  }
  std::pair<size_t, size_t> most;  // known names, cells
  for (const char separator : {';', ',', '\t', '|'}) {
    const std::unique_ptr<CsvReader> header = Csv(separator);
    const absl::StatusOr<bool> read = header->Next();
    if (!read.ok() || !*read) continue;
    const std::pair<size_t, size_t> found = {CountKnown(*header, options_.mapping), header->size()};
    if (found <= most) continue;
    most = found;
    separator_ = separator;
  }
  return absl::OkStatus();
}

absl::Status RegisterFile::CheckRows() {
  const std::unique_ptr<CsvReader> header = Csv(separator_);
  ASSIGN_OR_RETURN(const bool any, header->Next());
  if (!any) return UsageError("the register is empty: its first line names the columns");
  ASSIGN_OR_RETURN(columns_, ReadColumns(*header, options_.mapping));
  ASSIGN_OR_RETURN(const std::unique_ptr<RegisterRows> rows, Rows());
  registry::v1::RegisterRow row;
  while (true) {
    ASSIGN_OR_RETURN(const bool more, rows->Next(row));
    if (!more) break;
    ++row_count_;
  }
  if (row_count_ == 0) {
    return Wrong({header->line() + 1, 1}, "the register has names of columns but no row");
  }
  if (!columns_.of_refused_rows) RETURN_IF_ERROR(CheckMapping(rows->filler()));
  AddNotes(rows->filler());
  return absl::OkStatus();
}

absl::Status RegisterFile::CheckMapping(const RowFiller& filler) const {
  if (IsMostly(filler.birth_dates())) {
    return Wrong(
        filler.birth_dates().first,
        absl::StrCat("this and most other birth dates (", filler.birth_dates().wrong, " of ",
                     filler.birth_dates().cells, ") are not written as the mapping says"));
  }
  if (IsMostly(filler.dwelling_numbers())) {
    return Wrong(filler.dwelling_numbers().first, "most rows have no dwelling number");
  }
  return absl::OkStatus();
}

void RegisterFile::AddNotes(const RowFiller& filler) {
  if (!columns_.missing.empty()) {
    notes_.push_back(
        absl::StrCat("the file has no column ", absl::StrJoin(columns_.missing, ", ")));
  }
  if (const RowFiller::Suspicion& odd = filler.objections(); odd.wrong > 0) {
    notes_.push_back(absl::StrCat(odd.wrong,
                                  " values of objection are neither yes nor no, the "
                                  "first on line ",
                                  odd.first.line, ": they count as objections"));
  }
}

absl::Status RegisterFile::Doubtful() const {
  const Survey::Doubt& doubt = survey_.doubt;
  std::string what = absl::StrCat("the file ", doubt.what);
  if (doubt.other_offset >= 0) {
    const Position other = PositionOf(doubt.other_offset);
    absl::StrAppend(&what, " (line ", other.line, ", column ", other.column, " is UTF-8)");
  }
  return Wrong(PositionOf(doubt.offset), what);
}

// Every byte is a character in Windows-1252, and separators, quotes and line ends are the same in
// all encodings that can be in doubt.
Position RegisterFile::PositionOf(int64_t offset) const {
  CsvReader reader(std::make_unique<LineReader>(source_, survey_, Encoding::kWindows1252, offset),
                   Encoding::kWindows1252, separator_);
  while (reader.Next().value_or(false)) {
  }
  return reader.here();
}

std::unique_ptr<CsvReader> RegisterFile::Csv(char separator) const {
  return std::make_unique<CsvReader>(std::make_unique<LineReader>(source_, survey_, encoding_),
                                     encoding_, separator);
}

}  // namespace veille::veillectl
