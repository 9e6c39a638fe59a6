#pragma once

// Recorded calls, a batch at a time: lock what the batch is about, decide in between (domain/),
// store what was decided. All in one transaction; each function is one set-based statement.

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "call_tracking/domain/call.h"
#include "call_tracking/domain/household.h"
#include "call_tracking/store/household_standing.h"
#include "call_tracking/store/lease_store.h"
#include "common/db/transaction.h"
#include "common/privacy/seal.h"

namespace veille::call_tracking {

struct RecordKey {
  LeaseRef ref;
  ids::RequestId request;
};

// What the database knows about one record to come: locked until the transaction ends.
struct LockedLease {
  bool found = false;  // false: the caller never held this lease; nothing else is set
  std::optional<std::pair<std::string, ids::Uuid>>
      used;  // the request id: by which method, for what
  VolunteerId volunteer;
  std::string state;  // LIVE, RECORDED, RELEASED, EXPIRED
  Lease lease;
  std::string commune_code;
  std::string time_zone;
  HouseholdStanding household;
  bool weekly_volunteer_left = false;
};

// One per key, in order. `tx` waits for whoever else holds these leases or households.
absl::StatusOr<std::vector<LockedLease>> LockForRecords(db::WriteTx& tx, const privacy::Seal& seal,
                                                        const std::vector<RecordKey>& keys);

// One accepted record, and what it changes.
struct StoredRecord {
  ids::LandlordId landlord;
  std::string subject;  // the volunteer, for the audit trail
  const LockedLease* locked = nullptr;
  const CallRecord* call = nullptr;
  ids::AttemptId attempt;
  std::string phone_hash;  // dialled
  absl::Time now;
  HouseholdStanding household;                   // from now on
  const std::vector<Answer>* answers = nullptr;  // those that may be stored
};
void StoreRecords(db::WriteTx& tx, const privacy::Seal& seal,
                  const std::vector<StoredRecord>& records);

// What was said; nothing is sent to the database when nothing was.
void StoreAnswers(db::WriteTx& tx, const privacy::Seal& seal,
                  const std::vector<StoredRecord>& records);
void StoreAgreements(db::WriteTx& tx, const privacy::Seal& seal,
                     const std::vector<StoredRecord>& records);

// A record that came too late, whole.
struct LateRecord {
  ids::LandlordId landlord;
  std::string subject;
  const LockedLease* locked = nullptr;
  ids::RequestId request;
  ids::AttemptId attempt;
  std::string record;  // the serialised request
  absl::Time now;
};
void StoreLateRecords(db::WriteTx& tx, const privacy::Seal& seal,
                      const std::vector<LateRecord>& records);

// By landlord, campaign and figure (campaign_figures); `shard` spreads writers, 0 to 63.
using FigureKey = std::pair<std::pair<ids::LandlordId, ids::CampaignId>, std::string>;
void AddToFigures(db::WriteTx& tx, const std::map<FigureKey, int64_t>& amounts, int shard);

// What this request of the caller has recorded for this lease, for when it is repeated; absent when
// it has not recorded anything.
struct RecordedAttempt {
  ids::AttemptId attempt;
  ids::HouseholdId household;
  bool late = false;
  HouseholdState state = HouseholdState::kPending;  // now
  std::optional<absl::Time> next_attempt_time;      // now
};
std::optional<RecordedAttempt> FindRecorded(db::ReadTx& tx, const LeaseRef& ref,
                                            ids::RequestId request);

// The statements of LockForRecords, StoreRecords and AddToFigures, for measurements and plans.
const db::Query& LockForRecordsQuery();
const db::Query& StoreRecordsQuery();
const db::Query& AddToFiguresQuery();

}  // namespace veille::call_tracking
