#pragma once

// Secrets come from files only: a command line is in the process list, an environment is inherited.

#include <string>

#include "absl/status/statusor.h"

namespace veille::config {

// The one line of the file, without its newline. Refuses a file that others than its owner may use,
// and one that is empty or holds more than a line. No message carries the content.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);

}  // namespace veille::config
