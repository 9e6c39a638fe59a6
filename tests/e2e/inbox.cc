#include "e2e/inbox.h"

#include <signal.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "e2e/command.h"

namespace veille::e2e {
namespace {

constexpr absl::Duration kStartTime = absl::Seconds(30);

std::vector<std::string> InboxCommand(const Programme& programme, const std::string& address,
                                      const std::string& landlord, const std::string& partner,
                                      const std::vector<std::string>& options) {
  std::vector<std::string> arguments = {"partner-inbox", "--listen",  address, "--landlord",
                                        landlord,        "--partner", partner};
  arguments.insert(arguments.end(), options.begin(), options.end());
  return VeillectlCommand(programme, std::move(arguments));
}

InboxEvent EventOf(const std::string& line) {
  const auto json = nlohmann::json::parse(line);
  return {json.at("event"), json.at("referral_id")};
}

}  // namespace

Inbox::Inbox(const Programme& programme, const std::string& address, const std::string& landlord,
             const std::string& partner, const std::vector<std::string>& options)
    : process_(InboxCommand(programme, address, landlord, partner, options)) {
  if (process_.WaitForLine("SERVING ", kStartTime) != address) {
    throw std::runtime_error("veillectl partner-inbox does not serve at " + address);
  }
}

bool Inbox::WaitFor(const std::string& event, absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  while (Count(event) == 0) {
    const auto line = process_.WaitForLine("", deadline - absl::Now());
    if (!line.has_value()) return false;
    Take(*line);
  }
  return true;
}

int Inbox::Count(const std::string& event) const {
  return static_cast<int>(
      std::count_if(events_.begin(), events_.end(),
                    [&event](const InboxEvent& told) { return told.event == event; }));
}

int Inbox::Stop() {
  process_.Kill(SIGTERM);
  for (const auto line : absl::StrSplit(process_.ReadAll(), '\n', absl::SkipEmpty())) {
    Take(std::string(line));
  }
  return process_.Wait(kStartTime);
}

void Inbox::Kill() {
  process_.Kill(SIGKILL);
  process_.Wait(kStartTime);
}

void Inbox::Take(const std::string& line) { events_.push_back(EventOf(line)); }

std::vector<InboxEvent> ReadInboxLog(const std::string& path) {
  std::vector<InboxEvent> events;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) events.push_back(EventOf(line));
  return events;
}

}  // namespace veille::e2e
