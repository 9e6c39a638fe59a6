#pragma once

// How the standing of a household stands in its row, and in the queue.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "call_tracking/domain/household.h"
#include "common/db/transaction.h"
#include "common/privacy/seal.h"

namespace veille::call_tracking {

struct HouseholdKey {
  ids::LandlordId landlord;
  ids::CampaignId campaign;
  ids::HouseholdId household;
  friend auto operator<=>(const HouseholdKey&, const HouseholdKey&) = default;
};

// From a row with the columns of a standing. INTERNAL when what is sealed does not open.
absl::StatusOr<HouseholdStanding> ReadStanding(const db::Row& row, const privacy::Seal& seal,
                                               const HouseholdKey& key);

// Standings as array parameters.
struct StandingColumns {
  std::vector<std::string> states;
  std::vector<std::optional<std::string>> waits;
  std::vector<int32_t> attempts;
  std::vector<db::Bytes> phones;
  std::vector<std::optional<db::Bytes>> next_phones;
  std::vector<std::optional<absl::Time>> next_times;
  std::vector<bool> objections;
  std::vector<std::optional<std::string>> decisions;
  std::vector<std::optional<std::string>> settled;
  std::vector<std::optional<VolunteerId>> weekly_volunteers;
  std::vector<std::optional<absl::Time>> weekly_starts;
  std::vector<std::optional<absl::Time>> kept_untils;
  std::vector<int32_t> to_verify;
  std::vector<db::Bytes> progress;

  void Add(const HouseholdKey& key, const HouseholdStanding& standing, const privacy::Seal& seal);
};

// The standing of one household, locked until the transaction ends, its place in the queue first;
// absent when the campaign has no such household.
absl::StatusOr<std::optional<HouseholdStanding>> LockStanding(db::WriteTx& tx,
                                                              const privacy::Seal& seal,
                                                              const HouseholdKey& key);

// Stores the standing of a household that is locked, and puts it into the queue or takes it out.
void StoreStanding(db::WriteTx& tx, const privacy::Seal& seal, const HouseholdKey& key,
                   const HouseholdStanding& standing, absl::Time now);

}  // namespace veille::call_tracking
