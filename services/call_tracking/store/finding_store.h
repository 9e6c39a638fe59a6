#pragma once

// What calls revealed, and what became of it.

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "call_tracking/domain/call.h"
#include "call_tracking/store/household_standing.h"
#include "common/db/transaction.h"
#include "common/privacy/seal.h"

namespace veille::call_tracking {

// What one record found.
struct FoundFindings {
  HouseholdKey household;
  ids::AttemptId attempt;
  absl::Time now;
  std::vector<Finding> findings;  // with ids, settled
};
// Nothing is sent to the database when there are none.
void StoreFindings(db::WriteTx& tx, const privacy::Seal& seal,
                   const std::vector<FoundFindings>& found);

// The findings of a household, oldest first; of one attempt only unless `attempt` is nil. What the
// volunteer heard, and the words shared, are left out.
absl::StatusOr<std::vector<Finding>> ListFindings(db::ReadTx& tx, const privacy::Seal& seal,
                                                  ids::LandlordId landlord,
                                                  ids::CampaignId campaign,
                                                  ids::HouseholdId household,
                                                  ids::AttemptId attempt);

// Those of these households that wait for a coordinator, oldest first.
absl::StatusOr<std::map<ids::HouseholdId, std::vector<Finding>>> ListUndecided(
    db::ReadTx& tx, const privacy::Seal& seal, ids::LandlordId landlord, ids::CampaignId campaign,
    const std::vector<ids::HouseholdId>& households);

// Facts for other services; the payloads are sealed here.
struct OutgoingFact {
  ids::LandlordId landlord;
  ids::Uuid message;  // also whom or what it is about
  std::string topic;
  std::string payload;
};
void AppendFacts(db::WriteTx& tx, const privacy::Seal& seal,
                 const std::vector<OutgoingFact>& facts);

// The statements of StoreFindings and AppendFacts, for measurements and plans.
const db::Query& StoreFindingsQuery();
const db::Query& AppendFactsQuery();

}  // namespace veille::call_tracking
