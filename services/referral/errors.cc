#include "referral/errors.h"

#include "absl/time/time.h"

namespace veille::referral::errors {
namespace {

using Code = absl::StatusCode;
namespace pb = ::veille::common::v1;

}  // namespace

absl::Status PartnerNotFound() {
  return Make(
      Code::kNotFound, pb::ERROR_REASON_PARTNER_NOT_FOUND,
      "the landlord has no active partner with this id (on trial is not active yet); list the "
      "partners");
}

absl::Status DuplicateName() {
  return Make(Code::kAlreadyExists, pb::ERROR_REASON_DUPLICATE_NAME,
              "another partner of the landlord has this name; choose another or use that one");
}

absl::Status ReferralNotFound() {
  return Make(Code::kNotFound, pb::ERROR_REASON_REFERRAL_NOT_FOUND,
              "no referral with this id, or it was never the caller's; list the referrals");
}

absl::Status NoReferralOfPerson() {
  return Make(Code::kNotFound, pb::ERROR_REASON_REFERRAL_NOT_FOUND,
              "no referral of the landlord is about a person with this id; list the referrals");
}

absl::Status IllegalTransition() {
  return Make(Code::kFailedPrecondition, pb::ERROR_REASON_ILLEGAL_TRANSITION,
              "the referral's state does not allow this step; read the referral");
}

absl::Status AssignmentSuperseded() {
  return Make(Code::kFailedPrecondition, pb::ERROR_REASON_ASSIGNMENT_SUPERSEDED,
              "the referral was given to another partner or withdrawn since; nothing to do");
}

absl::Status WorklistItemNotFound() {
  return Make(Code::kNotFound, pb::ERROR_REASON_WORKLIST_ITEM_NOT_FOUND,
              "no worklist item with this id; list the worklist");
}

absl::Status WorklistItemDecided() {
  return Make(Code::kFailedPrecondition, pb::ERROR_REASON_WORKLIST_ITEM_DECIDED,
              "the worklist item was decided already; list the worklist");
}

absl::Status ReferralUnassigned() {
  return Make(Code::kFailedPrecondition, pb::ERROR_REASON_REFERRAL_UNASSIGNED,
              "nobody has the referral: assign it to a partner, look for one again, or cancel it");
}

absl::Status PartnerNotPushedTo() {
  return Make(
      Code::kFailedPrecondition, pb::ERROR_REASON_PARTNER_NOT_PUSHED_TO,
      "nothing is pushed to the partner: it is told by hand, or suspended; telephone it, or "
      "resume it");
}

absl::Status NoOtherPartner() {
  return Make(Code::kFailedPrecondition, pb::ERROR_REASON_NO_OTHER_PARTNER,
              "no active partner with room covers the need that was not asked before; name one");
}

absl::Status PartnerKeyReplaced() {
  return Make(Code::kFailedPrecondition, pb::ERROR_REASON_PARTNER_KEY_REPLACED,
              "the key that this request made was replaced since; rotate it with a new request_id");
}

absl::Status Conflict() {
  return WithRetry(Make(Code::kAborted, pb::ERROR_REASON_CONFLICT,
                        "others change the same rows; nothing was done, call again"),
                   absl::Milliseconds(200));
}

}  // namespace veille::referral::errors
