#pragma once

// Reading a file several times and noticing when it is not the same any more: nothing of a block
// that changed since the first time is used.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "veillectl/register/byte_source.h"

namespace veille::veillectl {

// What the file was when it was read first.
struct Fingerprint {
  std::string hash;                 // SHA-256 of everything
  std::vector<std::string> blocks;  // and of each block
};

class BlockReader {
 public:
  // Both outlive the reader. Without `expected` it is the first reading.
  BlockReader(ByteSource& source, const Fingerprint* expected);
  BlockReader(const BlockReader&) = delete;
  BlockReader& operator=(const BlockReader&) = delete;

  // The next block, valid until the next call; empty at the end. Errors: a usage error when the
  // file changed.
  absl::StatusOr<std::string_view> Next();

 private:
  static constexpr size_t kSize = 128 * 1024;

  absl::Status CheckUnchanged(std::string_view block) const;

  ByteSource& source_;
  const Fingerprint* const expected_;
  std::array<char, kSize> buffer_;
  size_t next_ = 0;
};

}  // namespace veille::veillectl
