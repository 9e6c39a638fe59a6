#pragma once

// Referrals: their rows, their states and their history. Every change of state is one statement
// guarded by the states that the table of transitions allows, and by the fence where a partner
// acts.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/db/transaction.h"
#include "common/privacy/seal.h"
#include "referral/domain/referral.h"
#include "referral/domain/transitions.h"

namespace veille::referral {

// Which referrals are listed; an absent part means all.
struct ReferralFilter {
  std::optional<ids::CampaignId> campaign;
  std::optional<ids::PartnerId> partner;  // with the open or last assignment
  std::vector<ReferralState> states;
  std::vector<std::string> communes;  // as they came
  std::vector<Urgency> urgencies;
};

// A change of state, by whom. A partner acts under the fence of its open assignment.
struct Move {
  ids::ReferralId referral;
  ReferralState to = ReferralState::kRequested;
  Actor actor = Actor::kEngine;
  ids::PartnerId partner = {};                       // with `fence`
  int64_t fence = 0;                                 // 0: whatever the assignment
  ReferralOutcome outcome = ReferralOutcome::kNone;  // for COMPLETED
  ids::CampaignId campaign = {};                     // with `outcome`: it is sealed
};

class ReferralStore {
 public:
  ReferralStore(db::WriteTx& tx, const privacy::Seal& seal, ids::LandlordId landlord)
      : tx_(tx), seal_(seal), landlord_(landlord) {}

  // Nothing when a referral answers the finding, or the subject has an open one with this need. Of
  // a subject who objects, by the register or by an objection that is newer than what the referral
  // is made of, it is CANCELLED from the start, without words and contact; otherwise REQUESTED.
  std::optional<ReferralState> Insert(ids::ReferralId referral, const ReferralDraft& draft,
                                      absl::Time now);

  // The referral that answers a finding: its own, or the one that it was merged into.
  std::optional<ids::ReferralId> FindByFinding(ids::FindingId finding);
  // The open referral of the same subject and need.
  std::optional<ids::ReferralId> FindOpenTwin(const ReferralDraft& draft);
  void Merge(ids::FindingId finding, ids::ReferralId into, absl::Time now);
  // The findings that were merged into a referral.
  std::vector<ids::FindingId> ListMerged(ids::ReferralId referral);
  // True when the referral is open and was less urgent. Its acknowledgement deadline is then
  // `deadline` at the latest.
  bool RaiseUrgency(ids::ReferralId referral, Urgency urgency, absl::Time deadline, absl::Time now);

  // False when the guard does not hold: then nothing has changed. Ending states close the fence.
  bool Apply(const Move& move, absl::Time now);

  // Holds everybody else off until the end of the transaction; false when there is none.
  bool Lock(ids::ReferralId referral);

  // Why a coordinator withdrew it.
  void NoteWithdrawal(const Referral& referral, const std::string& note);

  // REFERRAL_NOT_FOUND. With words, basis, assignments, their notes and answers, as far as they
  // open.
  absl::StatusOr<Referral> Get(ids::ReferralId referral);
  // The same without assignments and answers.
  absl::StatusOr<Referral> GetAlone(ids::ReferralId referral);

  // Newest first, before `before`; without words, basis and notes.
  std::vector<Referral> List(const ReferralFilter& filter, ids::Uuid before, int limit);

 private:
  db::Bytes Blind(const ReferralDraft& draft) const;
  Referral FromRow(const db::Row& row) const;
  absl::Status OpenSealed(const db::Row& row, Referral& referral) const;
  void ReadAssignments(std::vector<Referral>& referrals, bool notes);

  db::WriteTx& tx_;
  const privacy::Seal& seal_;
  ids::LandlordId landlord_;
};

// The statements themselves, for what measures them.
const db::Query& InsertReferralQuery();
const db::Query& GetReferralsQuery();

}  // namespace veille::referral
