#pragma once

// What partners answered by telephone, between the contract and the domain.

#include "absl/status/statusor.h"
#include "common/ids/uuid.h"
#include "referral/domain/partner_answer.h"
#include "veille/referral/v1/referral_service.pb.h"

namespace veille::referral {

namespace pb = ::veille::referral::v1;

// One call to a partner, and what came of it.
struct AnswerReport {
  ids::RequestId request;
  ids::ReferralId referral;
  int64_t fence = 0;
  PartnerAnswer answer;                              // but who records it
  DeclineReason reason = DeclineReason::kNone;       // DECLINED
  ReferralOutcome outcome = ReferralOutcome::kNone;  // CLOSED
};

absl::StatusOr<AnswerReport> FromProto(const pb::RecordPartnerAnswerRequest& request,
                                       absl::Time now);

// INVALID_FIELDS when it was said before the assignment was made.
absl::Status CheckAnswerTime(absl::Time said, absl::Time assigned);

pb::PartnerAnswer ToProto(const PartnerAnswer& answer);

}  // namespace veille::referral
