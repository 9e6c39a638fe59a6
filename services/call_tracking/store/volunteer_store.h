#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "call_tracking/domain/volunteer.h"
#include "common/db/transaction.h"

namespace veille::call_tracking {

// The volunteers of a landlord. Lives for one transaction.
class VolunteerStore {
 public:
  explicit VolunteerStore(db::ReadTx& tx) : tx_(tx) {}

  // DUPLICATE_NAME when the subject is enrolled already.
  static absl::StatusOr<Volunteer> Insert(db::WriteTx& tx, ids::LandlordId landlord, VolunteerId id,
                                          const VolunteerDraft& draft, absl::Time now);

  // VOLUNTEER_NOT_FOUND for another landlord's too.
  absl::StatusOr<Volunteer> Get(ids::LandlordId landlord, VolunteerId id);
  // The same, locked until the transaction ends.
  static absl::StatusOr<Volunteer> Lock(db::WriteTx& tx, ids::LandlordId landlord, VolunteerId id);

  // Stores name, languages, state and absence of a locked volunteer; its version grows.
  static void Update(db::WriteTx& tx, ids::LandlordId landlord, Volunteer& volunteer);

  // Up to `limit` in the order of their ids, after `after` (nil: from the first).
  std::vector<Volunteer> List(ids::LandlordId landlord, VolunteerId after, int limit);

 private:
  db::ReadTx& tx_;
};

}  // namespace veille::call_tracking
