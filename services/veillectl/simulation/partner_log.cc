#include "veillectl/simulation/partner_log.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "veillectl/client/failure.h"

namespace veille::veillectl {

absl::Status AddPartnerLog(const std::string& path, PartnerLogs& logs) {
  std::ifstream file(path);
  std::string line;
  for (int number = 1; std::getline(file, line) && !file.eof(); ++number) {
    const auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object() || !json.contains("event") || !json["event"].is_string()) {
      return UsageError(absl::StrCat("line ", number, " of ", path, " is no line of a partner"));
    }
    const std::string event = json["event"];
    if (event != "received" && event != "accepted") continue;
    const std::string referral = json.value("referral_id", "");
    ++(event == "received" ? logs.received : logs.accepted)[referral];
  }
  return absl::OkStatus();
}

}  // namespace veille::veillectl
