#pragma once

// Settings of a campaign as people write them on the command line. Errors are usage errors that say
// what is expected.

#include <string>

#include "absl/status/status.h"
#include "veille/calls/v1/campaign.pb.h"

namespace veille::veillectl {

// "mon-fri 09:00-12:00", "sat,sun 10:00-12:00", "daily 08:30-19:00": adds a window per day.
absl::Status AddCallHours(const std::string& text, calls::v1::Campaign& campaign);

// "no-answer:4h:5:next-phone": after NO_ANSWER wait 4 hours, 5 times at most, and dial the next
// phone; without the last word the same one. Takes the place of another rule for the disposition.
absl::Status SetRetryRule(const std::string& text, calls::v1::Campaign& campaign);

// "2h", as the campaign's grace period for weekly calls.
absl::Status SetWeeklyGrace(const std::string& text, calls::v1::Campaign& campaign);

// "10m": how long partners have to accept an EMERGENCY, by the clock.
absl::Status SetEmergencyDeadline(const std::string& text, calls::v1::Campaign& campaign);
// "2h": how long they have for a PRIORITY, in working time.
absl::Status SetPriorityDeadline(const std::string& text, calls::v1::Campaign& campaign);

// "2020-03-17" as the day on which ages are counted.
absl::Status SetReferenceDate(const std::string& text, calls::v1::Campaign& campaign);

// The same for people: "mon 09:00-12:00".
std::string InWords(const common::v1::TimeWindow& window);
std::string InWords(const calls::v1::RetryRule& rule);
std::string InWords(const google::protobuf::Duration& duration);
std::string InWords(const common::v1::AcknowledgeDeadlines& deadlines);

}  // namespace veille::veillectl
