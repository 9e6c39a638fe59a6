#pragma once

// What became of every row, as a file for programs: line;verdict;reason. Nothing of a row stands in
// it but the number of its line.

#include <fstream>
#include <string>

#include "absl/status/statusor.h"
#include "veillectl/register/upload.h"

namespace veille::veillectl {

class VerdictFile {
 public:
  explicit VerdictFile(std::string path);

  // Begins with the first row; also after other rows were written. Errors: a usage error.
  absl::Status Begin();

  // Of rows that an interrupted run had stored only the refusals are known: the others are
  // "stored-before".
  void Add(const RegisterUpload::Verdicts& verdicts, bool recalled);

  // Errors: a usage error when not everything could be written.
  absl::Status Close();

 private:
  const std::string path_;
  std::ofstream file_;
};

}  // namespace veille::veillectl
