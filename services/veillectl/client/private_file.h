#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace veille::veillectl {

// Writes a file that only its owner can read (mode 0600), whatever was there before: what comes out
// of the register names people. Usage error when it cannot be written; "-" is no file.
absl::Status WritePrivateFile(const std::string& path, std::string_view content);

}  // namespace veille::veillectl
