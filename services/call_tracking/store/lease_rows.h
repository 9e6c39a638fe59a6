#pragma once

// How leases stand in the rows of the statements about them.

#include <map>
#include <string>
#include <vector>

#include "call_tracking/domain/call.h"
#include "call_tracking/store/phone_hashes.h"
#include "common/db/transaction.h"

namespace veille::call_tracking {

inline Lease LeaseFromRow(const db::Row& row) {
  Lease lease;
  lease.id = row.Get<ids::LeaseId>("lease_id");
  lease.campaign = row.Get<ids::CampaignId>("campaign_id");
  lease.household = row.Get<ids::HouseholdId>("household_id");
  lease.fence = row.Get<int64_t>("fence");
  lease.expire_time = row.Get<absl::Time>("expire_time");
  lease.attempt_number = row.Get<int>("attempt_number");
  lease.weekly_call = row.Get<bool>("weekly_call");
  lease.phone_hash = row.Get<db::Bytes>("phone_hash").value;
  lease.phone_hashes = SplitPhoneHashes(row.Get<db::Bytes>("phone_hashes"));
  return lease;
}

// With whom the call is about.
inline Lease WholeLeaseFromRow(const db::Row& row) {
  Lease lease = LeaseFromRow(row);
  lease.subjects = row.Get<std::vector<ids::TenantId>>("subjects");
  lease.to_verify = row.Get<int>("to_verify");
  return lease;
}

// The verdict of a row, by its name in the statement.
template <typename Verdict>
Verdict ReadVerdict(const std::map<std::string, Verdict, std::less<>>& names, const db::Row& row) {
  return names.at(row.Get<std::string>("verdict"));
}

}  // namespace veille::call_tracking
