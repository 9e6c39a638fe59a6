#pragma once

// What calls revealed, and what became of it.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "call_tracking/domain/call.h"
#include "call_tracking/store/record_store.h"
#include "common/db/transaction.h"
#include "common/privacy/seal.h"

namespace veille::call_tracking {

// Nothing is sent to the database when there are none.
void StoreFindings(db::WriteTx& tx, const privacy::Seal& seal,
                   const std::vector<StoredRecord>& records);

// The findings of a household, oldest first; of one attempt only unless `attempt` is nil. What the
// volunteer heard, and the words shared, are left out.
absl::StatusOr<std::vector<Finding>> ListFindings(db::ReadTx& tx, const privacy::Seal& seal,
                                                  ids::LandlordId landlord,
                                                  ids::CampaignId campaign,
                                                  ids::HouseholdId household,
                                                  ids::AttemptId attempt);

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
