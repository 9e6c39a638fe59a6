#pragma once

// Whether a simulated campaign ended as its ledger foresees: the households, the report, the
// referrals and the partners' own logs agree, by id. Every agreed need that a partner covers was
// accepted by a partner exactly once; every other one stands as NEEDS_DECISION; nobody was called
// to the end twice.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "veille/calls/v1/campaign_report.pb.h"
#include "veillectl/client/connection.h"
#include "veillectl/simulation/ledger.h"

namespace veille::veillectl {

struct CheckParts {
  const Connection& registry;  // all three as the coordinator
  const Connection& calls;
  const Connection& referral;
  std::string campaign_id;
  std::vector<std::string> partner_logs;
  // How long to wait while nothing moves. What partners do takes its time.
  absl::Duration patience;
};

struct CheckResult {
  calls::v1::CampaignReport report;
  int64_t needs_agreed = 0;  // by the ledger; those of them that are covered
  int64_t needs_covered = 0;
  int64_t referrals_created = 0;
  int64_t referrals_received = 0;  // by the partners' logs
  int64_t referrals_accepted = 0;
  std::vector<std::string> differences;  // what does not agree, and where it waits; empty: all well
};

// Looks again and again until all agrees or nothing has moved for the patience. Services that do
// not answer meanwhile are asked again.
absl::StatusOr<CheckResult> CheckSimulation(const CheckParts& parts, const Ledger& ledger);

}  // namespace veille::veillectl
