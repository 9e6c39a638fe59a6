#pragma once

// Tells how far an import is: on a terminal one line that is rewritten, elsewhere a line every few
// seconds.

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>

#include "absl/time/time.h"

namespace veille::veillectl {

// "1,234,567".
std::string WithCommas(int64_t number);

class ImportProgress {
 public:
  using Clock = std::function<absl::Time()>;

  ImportProgress(std::ostream& out, bool terminal, int64_t total, Clock now);
  // Leaves the terminal's line empty.
  ~ImportProgress();
  ImportProgress(const ImportProgress&) = delete;
  ImportProgress& operator=(const ImportProgress&) = delete;

  // So many rows are done; those that an earlier run had done do not count for the rate.
  void SetDone(int64_t rows);
  void SetDoneBefore(int64_t rows) { before_ = rows; }

  // The line, as it is now.
  std::string Line() const;

 private:
  std::ostream& out_;
  const bool terminal_;
  const int64_t total_;
  const Clock now_;
  const absl::Time start_;
  absl::Time told_;
  int64_t before_ = 0;
  int64_t done_ = 0;
};

}  // namespace veille::veillectl
