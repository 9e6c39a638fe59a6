#pragma once

// What waits for a coordinator. A household waits exactly while one of its findings does, or a
// record that was an emergency or came late, or nobody could ask whether help came: it carries the
// most pressing of these reasons, also while it is leased, and becomes NEEDS_DECISION when nobody
// holds it.
//
// Whoever changes findings locks them first, in the order of their ids, then the household.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "call_tracking/domain/decision.h"
#include "call_tracking/store/household_standing.h"
#include "common/db/transaction.h"
#include "common/privacy/seal.h"

namespace veille::call_tracking {

// Brings the household in line with its findings, after some of them began or ceased to wait.
absl::Status RefreshDecision(db::WriteTx& tx, const privacy::Seal& seal, const HouseholdKey& key,
                             absl::Time now);

// An act of a coordinator on all that waits at a household.
struct DecisionAct {
  ids::RequestId id;
  ids::HouseholdId household;
  DecisionReason reason = DecisionReason::kNone;
  std::string decider;
  std::string note;
  absl::Time now;
};

// The decisions of one campaign. Lives for one transaction.
class DecisionStore {
 public:
  DecisionStore(db::WriteTx& tx, const privacy::Seal& seal, ids::LandlordId landlord,
                ids::CampaignId campaign)
      : tx_(tx), seal_(seal), landlord_(landlord), campaign_(campaign) {}

  // Emergencies first, from the household after `after` on (nil: from the first). A household that
  // is decided while somebody pages through may bring others twice; none is left out.
  absl::StatusOr<std::vector<Decision>> List(ids::HouseholdId after, int limit);

  // Holds everybody else off from the household and its findings; absent when the campaign has no
  // such household.
  absl::StatusOr<std::optional<HouseholdStanding>> Lock(ids::HouseholdId household);
  // Of all that waits there; empty when nothing does.
  std::string ReadEtag(ids::HouseholdId household);
  // Findings and late records of the household wait no more, and the act is kept.
  void End(const DecisionAct& act);

 private:
  absl::Status ReadLateRecords(std::vector<Decision>& decisions,
                               const std::vector<ids::HouseholdId>& households);

  db::WriteTx& tx_;
  const privacy::Seal& seal_;
  const ids::LandlordId landlord_;
  const ids::CampaignId campaign_;
};

}  // namespace veille::call_tracking
