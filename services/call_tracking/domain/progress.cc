// How the progress of a household stands as text, before it is sealed.

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "call_tracking/domain/household.h"

namespace veille::call_tracking {

// "rc 1:2 4:1 w:018f…": the flags (r reached, c completed, f refused), then disposition:attempts,
// then who has a weekly call. An older "w" among the flags says that somebody has, not who.
std::string Encode(const Progress& progress) {
  std::string text = absl::StrCat(progress.reached ? "r" : "", progress.completed ? "c" : "",
                                  progress.refused ? "f" : "");
  for (const auto& [disposition, attempts] : progress.attempts) {
    absl::StrAppend(&text, " ", static_cast<int>(disposition), ":", attempts);
  }
  for (const ids::TenantId tenant : progress.weekly) {
    absl::StrAppend(&text, " w:", tenant.ToString());
  }
  return text;
}

std::optional<Progress> DecodeProgress(std::string_view text) {
  Progress progress;
  const std::vector<std::string> parts = absl::StrSplit(std::string(text), ' ');
  progress.reached = parts[0].find('r') != std::string::npos;
  progress.completed = parts[0].find('c') != std::string::npos;
  progress.refused = parts[0].find('f') != std::string::npos;
  if (parts[0].find('w') != std::string::npos) progress.weekly.emplace_back();
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::pair<std::string, std::string> pair = absl::StrSplit(parts[i], ':');
    int disposition = 0;
    int attempts = 0;
    if (pair.first == "w") {
      const auto tenant = ids::TenantId::Parse(pair.second);
      if (!tenant.has_value()) return std::nullopt;
      progress.weekly.push_back(*tenant);
    } else if (absl::SimpleAtoi(pair.first, &disposition) &&
               absl::SimpleAtoi(pair.second, &attempts)) {
      progress.attempts[static_cast<Disposition>(disposition)] = attempts;
    } else {
      return std::nullopt;
    }
  }
  return progress;
}

}  // namespace veille::call_tracking
