#pragma once

// The rows that the service refused, and the file that they are kept in: UTF-8 with a byte order
// mark (spreadsheets need it), the register's own separator, its columns behind the line number and
// the reason, the cells as they stand in the register. Corrected, it can be imported with the same
// mapping: the two columns in front are left out then.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "veillectl/register/register_file.h"
#include "veillectl/register/upload.h"

namespace veille::veillectl {

class RefusedRows {
 public:
  // Rows in their order.
  void Add(int64_t first_row, const RegisterUpload::Verdicts& verdicts);
  void Clear() { rows_.clear(); }

  size_t size() const { return rows_.size(); }
  bool empty() const { return rows_.empty(); }

  // "line 7: birth date does not exist", for the first `most` of them.
  std::vector<std::string> Sentences(size_t most) const;

  // Writes the file anew, readable by its owner only; without refused rows there is none
  // afterwards. One that was there and is different is kept as PATH.old: somebody may have
  // corrected it. Reads `file` once more for the cells. Errors: usage errors.
  absl::Status WriteTo(const std::string& path, const RegisterFile& file) const;

 private:
  struct Row {
    int64_t number = 0;  // in the file, from 0
    int64_t line = 0;
    uint16_t reason = 0;  // in reasons_
  };

  absl::Status WriteRows(int output, const RegisterFile& file) const;
  std::string FirstLine(const RegisterFile& file) const;

  std::vector<Row> rows_;
  std::vector<std::string> reasons_;  // the service's fixed sentences
};

// Where the refused rows of `register_path` are kept unless somebody says otherwise: beside it,
// register.csv → register.refused.csv; in the current folder when that one cannot be written to,
// and for standard input and pipes.
std::string RefusedPathOf(const std::string& register_path);

// Whether a file can be written there, before anything is sent; and that it is not the register.
absl::Status CheckRefusedPath(const std::string& path, const std::string& register_path);

// A cell as CSV: quoted when it must be.
std::string Quoted(std::string_view cell, char separator);

}  // namespace veille::veillectl
