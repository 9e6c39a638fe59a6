#include "veillectl/register/blocks.h"

#include "common/status/macros.h"
#include "veillectl/client/digest.h"
#include "veillectl/client/failure.h"

namespace veille::veillectl {

BlockReader::BlockReader(ByteSource& source, const Fingerprint* expected)
    : source_(source), expected_(expected) {}

absl::StatusOr<std::string_view> BlockReader::Next() {
  ASSIGN_OR_RETURN(const size_t size, source_.ReadAt(static_cast<int64_t>(next_ * kSize),
                                                     buffer_.data(), buffer_.size()));
  const std::string_view block(buffer_.data(), size);
  if (expected_ != nullptr) RETURN_IF_ERROR(CheckUnchanged(block));
  ++next_;
  return block;
}

absl::Status BlockReader::CheckUnchanged(std::string_view block) const {
  const bool as_before =
      next_ < expected_->blocks.size() ? Sha256(block) == expected_->blocks[next_] : block.empty();
  if (as_before) return absl::OkStatus();
  return UsageError("the register changed while it was being read: import it again");
}

}  // namespace veille::veillectl
