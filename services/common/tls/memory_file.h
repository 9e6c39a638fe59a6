#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace veille::tls {

// A file in memory with a path, whose whole content is exchanged at once: who opens the path reads
// the old content or the new one, never a mixture. Lives until the process ends, so that its path
// never comes to mean another file. Replace is for one thread.
class MemoryFile {
 public:
  static absl::StatusOr<MemoryFile> Create(std::string_view content);

  std::string path() const;  // for this process alone
  absl::Status Replace(std::string_view content);

 private:
  explicit MemoryFile(int file) : file_(file) {}

  int file_;
  int version_ = 1;
};

}  // namespace veille::tls
