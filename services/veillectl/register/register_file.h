#pragma once

// A landlord's register as a file. Opening it reads it whole and checks every row, so that nothing
// is sent of a file that is malformed somewhere; then its rows can be read, as often as needed,
// each time the same: a file that changes in between is refused. Memory does not grow with the
// file.
//
//   ASSIGN_OR_RETURN(const std::unique_ptr<RegisterFile> file, RegisterFile::Open(*source, {}));
//   ASSIGN_OR_RETURN(const std::unique_ptr<RegisterRows> rows, file->Rows());
//   while (true) {
//     ASSIGN_OR_RETURN(const bool more, rows->Next(row));

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "veille/registry/v1/register_row.pb.h"
#include "veillectl/register/byte_source.h"
#include "veillectl/register/columns.h"
#include "veillectl/register/csv_reader.h"
#include "veillectl/register/mapping.h"
#include "veillectl/register/row_filler.h"
#include "veillectl/register/survey.h"

namespace veille::veillectl {

// What is to be known of a file before it can be read; what is absent is detected.
struct RegisterOptions {
  Mapping mapping = UsualMapping();
  std::optional<Encoding> encoding;
  std::optional<char> separator;
};

// The rows from the first on.
class RegisterRows {
 public:
  RegisterRows(std::unique_ptr<CsvReader> csv, const Mapping& mapping, const Columns& columns);

  // False at the end. Errors: as when the file was opened, and when it changed.
  absl::StatusOr<bool> Next(registry::v1::RegisterRow& row);

  // The cells of the row that Next gave last.
  const CsvReader& cells() const { return *csv_; }
  const RowFiller& filler() const { return filler_; }

 private:
  std::unique_ptr<CsvReader> csv_;
  RowFiller filler_;
};

class RegisterFile {
 public:
  // `source` outlives it. Errors: a usage error, with line and column where something stands; none
  // repeats what stands there.
  static absl::StatusOr<std::unique_ptr<RegisterFile>> Open(ByteSource& source,
                                                            RegisterOptions options);
  RegisterFile(const RegisterFile&) = delete;
  RegisterFile& operator=(const RegisterFile&) = delete;

  absl::StatusOr<std::unique_ptr<RegisterRows>> Rows() const;

  const std::string& hash() const { return survey_.fingerprint.hash; }  // SHA-256
  int64_t row_count() const { return row_count_; }
  Encoding encoding() const { return encoding_; }
  char separator() const { return separator_; }
  registry::v1::DateFormat date_format() const { return DateFormatOf(options_.mapping); }
  const Columns& columns() const { return columns_; }
  // What its owner should know, in sentences.
  const std::vector<std::string>& notes() const { return notes_; }

 private:
  RegisterFile(ByteSource& source, RegisterOptions options);

  absl::Status Check();
  absl::Status ChooseEncoding();
  absl::Status ChooseSeparator();
  absl::Status CheckRows();
  absl::Status CheckMapping(const RowFiller& filler) const;
  void AddNotes(const RowFiller& filler);
  absl::Status Doubtful() const;
  Position PositionOf(int64_t offset) const;
  std::unique_ptr<CsvReader> Csv(char separator) const;

  ByteSource& source_;
  const RegisterOptions options_;
  Survey survey_;
  Encoding encoding_ = Encoding::kUtf8;
  char separator_ = ';';
  Columns columns_;
  int64_t row_count_ = 0;
  std::vector<std::string> notes_;
};

}  // namespace veille::veillectl
