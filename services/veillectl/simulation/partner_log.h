#pragma once

// What sample partners wrote down (`veillectl partner-inbox --log FILE`): a JSON object per line.

#include <map>
#include <string>

#include "absl/status/status.h"

namespace veille::veillectl {

struct PartnerLogs {
  std::map<std::string, int> received;  // by referral: how often its notice came
  std::map<std::string, int> accepted;  // how often somebody accepted it
};

// Adds what one log says. A file that does not exist yet is empty, and a last line that is still
// being written is left out.
absl::Status AddPartnerLog(const std::string& path, PartnerLogs& logs);

}  // namespace veille::veillectl
