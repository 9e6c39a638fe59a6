#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace veille::veillectl {

// Who may read what is written.
enum class Readers { kOwner, kEverybody };

// Writes a file, or exchanges one at once: who reads it sees the old content or the new one.
// INTERNAL when that is not possible.
absl::Status ReplaceFile(const std::string& path, std::string_view content, Readers readers);

}  // namespace veille::veillectl
