#pragma once

// A program run beside a test: the real binaries, started, watched, killed.

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace veille::testing {

class Subprocess {
 public:
  // Starts argv[0] with its arguments; `environment` adds to the test's own. Standard error goes
  // where the test's goes.
  explicit Subprocess(std::vector<std::string> argv,
                      const std::vector<std::pair<std::string, std::string>>& environment = {});
  ~Subprocess();  // kills what still runs
  Subprocess(const Subprocess&) = delete;
  Subprocess& operator=(const Subprocess&) = delete;

  // Waits for a line of standard output that begins with `prefix` and gives the rest of it; nothing
  // when the program ends or the time passes first. What stands before is dropped.
  std::optional<std::string> WaitForLine(const std::string& prefix, absl::Duration timeout);

  // All of standard output until its end.
  std::string ReadAll();

  void Kill(int signal);
  // The exit code; 128 + the signal when one ended it; -1 when the time passed.
  int Wait(absl::Duration timeout);
  bool running();
  pid_t pid() const { return pid_; }

  // Resident memory in bytes.
  int64_t ResidentBytes() const;
  // The most that it was; 0 when the process has ended.
  int64_t PeakBytes() const;

 private:
  bool FillBuffer(absl::Time deadline);

  pid_t pid_ = -1;
  int output_ = -1;
  std::string buffer_;
  std::optional<int> exit_code_;
};

}  // namespace veille::testing
