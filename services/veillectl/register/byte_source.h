#pragma once

// Where a register's bytes come from. It is read several times from its beginning, so a pipe or
// standard input is first copied into a private file without a name: nothing of it is left behind,
// however the program ends.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace veille::veillectl {

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  // Reads `size` bytes from `offset` on; fewer only where the source ends. How many were read.
  virtual absl::StatusOr<size_t> ReadAt(int64_t offset, char* buffer, size_t size) = 0;
};

// A file; "-" is standard input. Errors: a usage error when it cannot be opened or is no file.
absl::StatusOr<std::unique_ptr<ByteSource>> OpenSource(const std::string& path);

// `text` outlives it.
std::unique_ptr<ByteSource> SourceOf(std::string_view text);

}  // namespace veille::veillectl
