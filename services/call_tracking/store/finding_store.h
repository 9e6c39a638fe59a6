#pragma once

// What calls revealed, and what became of it.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "call_tracking/domain/call.h"
#include "call_tracking/store/household_standing.h"
#include "common/db/transaction.h"
#include "common/privacy/seal.h"

namespace veille::call_tracking {

// How a column of a finding is sealed.
privacy::SealContext FindingSeal(std::string_view column, ids::LandlordId landlord,
                                 ids::CampaignId campaign, ids::FindingId finding);

// What one record found.
struct FoundFindings {
  HouseholdKey household;
  ids::AttemptId attempt;
  VolunteerId volunteer;  // whose call it was
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

// A page of the cases that a volunteer's calls flagged, the newest first: those after the finding
// `after`, unless it is nil. Absent when nobody who works for the landlord is known by this
// subject.
absl::StatusOr<std::optional<std::vector<FlaggedCase>>> ListFlagged(
    db::ReadTx& tx, const privacy::Seal& seal, ids::LandlordId landlord, ids::CampaignId campaign,
    const std::string& subject, ids::FindingId after, int limit);

// The statements of StoreFindings and AppendFacts, for measurements and plans.
const db::Query& StoreFindingsQuery();
const db::Query& AppendFactsQuery();

}  // namespace veille::call_tracking
