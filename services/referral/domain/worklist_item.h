#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/ids/uuid.h"
#include "referral/domain/words.h"

namespace veille::referral {

using WorklistItemId = ids::Id<struct WorklistItemTag>;

// What a decision depends on: how the referral stands, and what else points to it.
struct WorklistSituation {
  ReferralState state = ReferralState::kRequested;
  ids::PartnerId partner;         // with the open assignment; nil: nobody has the referral
  bool has_other_item = false;    // another open item about who has it, or nobody has
  bool is_about_earlier = false;  // the item is not about who has it now
};

// Whether a coordinator may decide so. Whatever is decided, a referral that is open afterwards has
// a partner, or an item on the worklist.
bool MayDecide(WorklistDecision decision, const WorklistSituation& situation);
std::vector<WorklistDecision> PossibleDecisions(const WorklistSituation& situation);

// What speaks of who has a referral: answered by a new assignment.
inline constexpr std::array kAboutAssignment = {
    WorklistReason::kNoPartner,        WorklistReason::kDeclined,
    WorklistReason::kNotAcknowledged,  WorklistReason::kNotDelivered,
    WorklistReason::kTelephonePartner, WorklistReason::kNoOutcome};
// A referral that was withdrawn leaves nothing to decide about.
inline constexpr std::array kAllReasons = {
    WorklistReason::kEmergency,        WorklistReason::kNoPartner,    WorklistReason::kDeclined,
    WorklistReason::kNotAcknowledged,  WorklistReason::kNotDelivered, WorklistReason::kNotHelped,
    WorklistReason::kTelephonePartner, WorklistReason::kNoOutcome};
// What is answered when the partner says that it has the referral, and when it says more than that:
// at its desk or by telephone.
inline constexpr std::array kAboutTelling = {WorklistReason::kTelephonePartner,
                                             WorklistReason::kNotDelivered};
inline constexpr std::array kAboutAccepting = {
    WorklistReason::kTelephonePartner, WorklistReason::kNotDelivered,
    WorklistReason::kNotAcknowledged, WorklistReason::kNoOutcome};
// What is answered by its being another's.
inline constexpr std::array kAboutTelephoning = {WorklistReason::kTelephonePartner,
                                                 WorklistReason::kNoOutcome};

// A push that does not get through: of which assignment, and whether it says that the partner has
// the referral no more.
struct NotTold {
  ids::ReferralId referral;
  int64_t fence = 0;
  bool is_withdrawal = false;
};

// A partner that does not know that it has the referral no more.
struct UntoldPartner {
  ids::PartnerId partner;
  int64_t fence = 0;      // of the assignment that ended
  std::string telephone;  // empty: it gave no number
};

// Whom a coordinator can telephone about an item: the partner that has its referral.
struct Callee {
  int64_t fence = 0;
  std::string telephone;  // empty: it gave no number
  std::string role;
  std::optional<absl::Time> acknowledge_deadline;  // absent once accepted
  int not_reached = 0;
  std::optional<absl::Time> last_not_reached;
};

// Something about a referral that waits for a coordinator.
struct WorklistItem {
  WorklistItemId id;
  ids::ReferralId referral;
  WorklistReason reason = WorklistReason::kNoPartner;
  Urgency urgency = Urgency::kRoutine;
  Need need = Need::kUnknown;
  std::string commune;
  WorklistSituation situation;
  WorklistItemState state = WorklistItemState::kOpen;
  WorklistDecision decision = WorklistDecision::kNone;
  std::string note;
  std::string decided_by;
  int64_t version = 1;
  absl::Time create_time;
  std::optional<absl::Time> decide_time;
  std::optional<Callee> callee;       // absent when nobody has the referral, and once decided
  std::vector<UntoldPartner> untold;  // WITHDRAWAL_NOT_TOLD only; none once decided
};

}  // namespace veille::referral
