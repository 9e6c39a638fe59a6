#pragma once

// Compares how households stand in a campaign, one by one, with what the ledger foresees.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "veille/calls/v1/campaign_service.pb.h"
#include "veille/referral/v1/partner.pb.h"
#include "veillectl/client/connection.h"
#include "veillectl/simulation/callees.h"
#include "veillectl/simulation/ledger.h"

namespace veille::veillectl {

// Which needs which active partners take where.
class CoverageMap {
 public:
  explicit CoverageMap(const std::vector<referral::v1::Partner>& partners);
  bool Covers(const std::string& commune_code, common::v1::Need need) const;
  // Of a partner; its id when it is not known.
  std::string NameOf(const std::string& partner_id) const;

 private:
  std::set<std::pair<std::string, common::v1::Need>> covered_;
  std::map<std::string, std::string> names_;
};

// A need that its subject agreed to share, as it was found.
struct SharedNeed {
  std::string finding_id;  // empty when it was not found
  std::string household_id;
  std::string tenant_id;
  common::v1::Need need = common::v1::NEED_UNSPECIFIED;
  bool covered = false;
};

class HouseholdAudit {
 public:
  // `callees` and the ledger's households are the same, in the same order; all outlive the audit.
  HouseholdAudit(const std::vector<Callee>& callees, const Ledger& ledger,
                 const CoverageMap& coverage, std::string campaign_id);

  // Looks at every household that did not agree so far, and adds a sentence for each that does not
  // yet. Fails when the service does not answer.
  absl::Status Look(const Connection& calls, std::vector<std::string>& differences);

  // All that the ledger foresees, with the finding ids of those found.
  std::vector<SharedNeed> shared() const;
  // Households that wait for a coordinator.
  int64_t to_decide() const;
  // Calls beyond those of the ledger: they asked whether the help came that a partner reported.
  int64_t verifying_calls() const;

 private:
  struct Place {
    bool agrees = false;
    std::vector<SharedNeed> shared;
    std::string difference;
    int verifying_calls = 0;
  };

  absl::Status LookAt(const Connection& calls, size_t index);
  std::string Compare(size_t index, const calls::v1::ExplainHouseholdResponse& stands);
  std::string CompareFindings(size_t index, const calls::v1::ExplainHouseholdResponse& stands);
  calls::v1::CallabilityBucket BucketOf(size_t index) const;
  calls::v1::DecisionReason DecisionOf(size_t index, const ForeseenFinding& finding) const;
  bool ToDecide(size_t index) const;

  const std::vector<Callee>& callees_;
  const Ledger& ledger_;
  const CoverageMap& coverage_;
  const std::string campaign_id_;
  std::vector<Place> places_;
};

}  // namespace veille::veillectl
