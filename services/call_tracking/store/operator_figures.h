#pragma once

// What the operator watches, over all landlords together: counts and ages. Nobody's id leaves the
// service with them.
//
// Each statement reads an index of what is open, or a page of bounded size: its cost does not grow
// with what has been done.

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "call_tracking/domain/call.h"
#include "call_tracking/domain/callability.h"
#include "call_tracking/domain/campaign.h"
#include "common/db/transaction.h"

namespace veille::call_tracking {

int64_t CountLiveLeases(db::ReadTx& tx);

// Households that wait for a coordinator, and how long the one has that waits longest.
struct WaitingDecisions {
  DecisionReason reason = DecisionReason::kNone;
  int64_t households = 0;
  absl::Duration oldest;
};
std::vector<WaitingDecisions> CountDecisions(db::ReadTx& tx);

// Where a count of all households stands: behind this one.
struct CensusPlace {
  ids::LandlordId landlord;
  ids::CampaignId campaign;
  ids::HouseholdId household;
};

// The next running campaign: the one at `place` (its landlord and campaign not nil) excepted.
std::optional<CensusPlace> FindRunningCampaign(db::ReadTx& tx, const CensusPlace& place);

// Households of one campaign that stand alike.
struct HouseholdGroup {
  CallabilityFacts facts;
  int64_t households = 0;
};
struct CensusPage {
  std::vector<HouseholdGroup> groups;
  std::optional<ids::HouseholdId> last;  // absent: there are no more
};
// Up to `limit` households of the campaign at `place`, after the household there.
CensusPage CountHouseholds(db::ReadTx& tx, const CensusPlace& place, absl::Time now, int limit);

}  // namespace veille::call_tracking
