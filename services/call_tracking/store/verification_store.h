#pragma once

// Outcomes of referrals that tenants are asked about: whether the help came. The finding of the
// referral says so (OPEN, then ASKED with the answer), and its household counts those that are
// open. Findings are locked before their household, as everywhere.

#include <map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "call_tracking/domain/call.h"
#include "call_tracking/store/household_standing.h"
#include "common/db/transaction.h"
#include "common/privacy/seal.h"

namespace veille::call_tracking {

// What a call says of one referral, by the lease under which it was made.
struct SaidOfOutcome {
  ids::LandlordId landlord;
  ids::CampaignId campaign;
  ids::LeaseId lease;
  ids::ReferralId referral;
};

// A finding that was, or is, to be verified; `said` is the place in the list that was asked for.
struct LockedOutcome {
  size_t said = 0;
  ids::FindingId finding;
};

// The findings that these are about, of the household of each lease, locked until the transaction
// ends. Nothing for a referral of somebody else, or that nobody was to be asked about.
std::vector<LockedOutcome> LockOutcomes(db::WriteTx& tx, const std::vector<SaidOfOutcome>& said);

// What a tenant said about a locked finding. What only a coordinator ends stays on it.
struct VerifiedFinding {
  ids::LandlordId landlord;
  ids::CampaignId campaign;
  ids::FindingId finding;
  Verification came = Verification::kUnknown;
};
void StoreVerifications(db::WriteTx& tx, const privacy::Seal& seal,
                        const std::vector<VerifiedFinding>& verified);

// How many outcomes the tenants of each household, who may be called, are still to be asked about.
// Read with the households locked.
std::map<HouseholdKey, int> CountToVerify(db::ReadTx& tx,
                                          const std::vector<HouseholdKey>& households);

// The same for one household, each referral once, in the order in which they were reported.
absl::StatusOr<std::vector<OutcomeToVerify>> ListOutcomesToVerify(db::ReadTx& tx,
                                                                  const privacy::Seal& seal,
                                                                  const HouseholdKey& household);

// How long a call that asks is kept for who flagged the case; absent when the campaign is over, or
// not yet open, so that nobody is asked.
std::optional<absl::Duration> FindVerifyingGrace(db::ReadTx& tx, ids::LandlordId landlord,
                                                 ids::CampaignId campaign, absl::Time now);

// After outcomes of this household's findings became OPEN: it waits for the call that asks, the
// volunteer who flagged `finding` first, or carries them into its next call.
absl::Status BeginVerifying(db::WriteTx& tx, const privacy::Seal& seal,
                            const HouseholdKey& household, ids::FindingId finding,
                            absl::Duration grace, absl::Time now);

}  // namespace veille::call_tracking
