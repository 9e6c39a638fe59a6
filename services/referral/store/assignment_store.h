#pragma once

// Assignments: who was given a referral, and what became of that. The referral's row is locked by
// the caller's change of state before any of these run.

#include <optional>
#include <string>
#include <vector>

#include "common/db/transaction.h"
#include "common/privacy/seal.h"
#include "referral/domain/referral.h"
#include "referral/domain/transitions.h"

namespace veille::referral {

// An assignment of the partner that acts, or is said to.
struct OwnAssignment {
  AssignmentId id;
  ids::PartnerId partner;
  ids::CampaignId campaign;
  AssignmentState state = AssignmentState::kOpen;
  bool is_last = false;  // no other assignment came after it
  absl::Time assign_time;
};

// How an assignment ends.
struct AssignmentEnd {
  AssignmentState state = AssignmentState::kCompleted;
  DeclineReason reason = DeclineReason::kNone;
  std::string note;
};

// An assignment that was taken from its partner.
struct Superseded {
  ids::PartnerId partner;
  int64_t fence = 0;
  bool is_received = false;  // somebody or something there knows of it
};

// A referral given to a partner.
struct Giving {
  ids::ReferralId referral = {};
  ids::PartnerId partner = {};
  std::vector<ReferralState> from = {};  // the states it may be in
  Actor actor = Actor::kEngine;
  bool is_first = false;  // a part of the referral's creation: no version of its own
  absl::Time acknowledge_deadline = {};
};

class AssignmentStore {
 public:
  AssignmentStore(db::WriteTx& tx, const privacy::Seal& seal, ids::LandlordId landlord)
      : tx_(tx), seal_(seal), landlord_(landlord) {}

  // Absent when the partner never had the referral under this fence.
  std::optional<OwnAssignment> FindOwn(ids::PartnerId partner, ids::ReferralId referral,
                                       int64_t fence);

  // Whoever's it is; absent when the referral never had this fence.
  std::optional<OwnAssignment> Find(ids::ReferralId referral, int64_t fence);

  // Every partner that was ever asked.
  std::vector<ids::PartnerId> ListAsked(ids::ReferralId referral);

  // Opens the next assignment and gives its fence, or nothing when the referral is in another
  // state. The one before must have ended.
  std::optional<int64_t> Open(const Giving& giving, absl::Time now);

  // Takes the referral from the partner that has it, if any.
  std::optional<Superseded> Supersede(ids::ReferralId referral, absl::Time now);

  // What counts is when it was said, which may be before now. Acceptance implies the receipt.
  void MarkReceived(ids::ReferralId referral, int64_t fence, absl::Time said);
  void MarkAccepted(ids::ReferralId referral, int64_t fence, absl::Time said);

  void End(const OwnAssignment& own, ids::ReferralId referral, int64_t fence,
           const AssignmentEnd& end, absl::Time now);

 private:
  db::WriteTx& tx_;
  const privacy::Seal& seal_;
  ids::LandlordId landlord_;
};

// The statements themselves, for what measures them.
const db::Query& OpenAssignmentQuery();

}  // namespace veille::referral
