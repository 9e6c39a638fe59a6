#include "referral/assignment/partner_act.h"

#include "common/status/macros.h"
#include "referral/errors.h"

namespace veille::referral {
namespace {

void AfterAccept(Assigner& assigner, const PartnerAct& act) {
  assigner.assignments().MarkAccepted(act.referral, act.fence, act.said);
  assigner.deliveries().Settle(act.referral, act.fence);
}

absl::Status AfterDecline(Assigner& assigner, const OwnAssignment& own, const PartnerAct& act) {
  const AssignmentEnd end{AssignmentState::kDeclined, act.reason, act.note};
  assigner.assignments().End(own, act.referral, act.fence, end, assigner.now());
  ASSIGN_OR_RETURN(const Referral rejected, assigner.referrals().Get(act.referral));
  ASSIGN_OR_RETURN(const bool assigned,
                   assigner.AssignNext(CaseOf(rejected), Actor::kEngine, own.partner));
  assigner.deliveries().Withdraw(act.referral, act.fence);  // after the partners' rooms are locked
  if (!assigned) assigner.worklist().Put(act.referral, WorklistReason::kDeclined, assigner.now());
  return absl::OkStatus();
}

void AfterClose(Assigner& assigner, const OwnAssignment& own, const PartnerAct& act) {
  const AssignmentEnd end{AssignmentState::kCompleted, DeclineReason::kNone, act.note};
  assigner.assignments().End(own, act.referral, act.fence, end, assigner.now());
  assigner.LeaveRoom(own.partner);
  if (LeavesInNeed(act.outcome)) {
    assigner.worklist().Put(act.referral, WorklistReason::kNotHelped, assigner.now());
  }
}

absl::Status After(Assigner& assigner, const OwnAssignment& own, const PartnerAct& act) {
  switch (act.to) {
    case ReferralState::kReceived:
      assigner.assignments().MarkReceived(act.referral, act.fence, act.said);
      break;
    case ReferralState::kAccepted:
      AfterAccept(assigner, act);
      break;
    case ReferralState::kRejected:
      return AfterDecline(assigner, own, act);
    case ReferralState::kCompleted:
      AfterClose(assigner, own, act);
      break;
    case ReferralState::kRequested:
    case ReferralState::kInProgress:
    case ReferralState::kCancelled:
    case ReferralState::kFailed:
      break;
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WhyRefused(Assigner& assigner, const OwnAssignment& own, ids::ReferralId referral) {
  switch (own.state) {
    case AssignmentState::kSuperseded:
      return errors::AssignmentSuperseded();
    case AssignmentState::kDeclined: {  // by itself; nobody else has it while it is REJECTED
      ASSIGN_OR_RETURN(const Referral stands, assigner.referrals().Get(referral));
      return own.is_last && stands.state == ReferralState::kRejected
                 ? errors::IllegalTransition()
                 : errors::AssignmentSuperseded();
    }
    case AssignmentState::kOpen:
    case AssignmentState::kCompleted:
      return errors::IllegalTransition();
  }
  return errors::IllegalTransition();
}

absl::Status Perform(Assigner& assigner, const OwnAssignment& own, const PartnerAct& act) {
  const Move move{.referral = act.referral,
                  .to = act.to,
                  .actor = act.actor,
                  .partner = own.partner,
                  .fence = act.fence,
                  .outcome = act.outcome,
                  .campaign = own.campaign};
  if (!assigner.referrals().Apply(move, assigner.now())) {
    // Read again: the change may have had to wait for the one that made it impossible.
    const auto now = assigner.assignments().Find(act.referral, act.fence);
    return WhyRefused(assigner, now.value_or(own), act.referral);
  }
  // What it says need not be asked for any more.
  const Decided answered{WorklistDecision::kSeen, /*note=*/"", act.by};
  if (act.to == ReferralState::kReceived) {
    assigner.worklist().DecideRest(act.referral, kAboutTelling, answered, assigner.now());
  } else {
    assigner.worklist().DecideRest(act.referral, kAboutAccepting, answered, assigner.now());
  }
  return After(assigner, own, act);
}

}  // namespace veille::referral
