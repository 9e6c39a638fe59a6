#pragma once

// How a command ends when it does not succeed, and what is printed then.

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace veille::veillectl {

enum ExitCode {
  kDone = 0,
  kRefused = 1,      // the service said no, and why
  kUsage = 2,        // the command line or a file it names is wrong
  kUnreachable = 3,  // no answer: nothing is known to be done
};

// Something wrong on this side: an argument, a file.
absl::Status UsageError(std::string_view message);

ExitCode ExitCodeOf(const absl::Status& status);

// When the service asks for a repetition (RetryInfo).
std::optional<absl::Duration> RetryDelayOf(const absl::Status& status);

// Whether the same call may succeed later: nobody answered, or not now.
bool WorthRepeating(const absl::Status& status);

// For people: the reason, the sentence, every field violation, when to try again. With
// `request_id` (may be empty) the command can be repeated safely.
std::string Explain(const absl::Status& status, const std::string& request_id);

// The same for programs: one JSON object.
std::string ExplainAsJson(const absl::Status& status, const std::string& request_id);

}  // namespace veille::veillectl
