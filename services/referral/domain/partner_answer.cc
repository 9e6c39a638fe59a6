#include "referral/domain/partner_answer.h"

namespace veille::referral {

std::optional<ReferralState> StateAfter(PartnerAnswerKind kind) {
  switch (kind) {
    case PartnerAnswerKind::kNotReached:
      return std::nullopt;
    case PartnerAnswerKind::kReceived:
      return ReferralState::kReceived;
    case PartnerAnswerKind::kAccepted:
      return ReferralState::kAccepted;
    case PartnerAnswerKind::kDeclined:
      return ReferralState::kRejected;
    case PartnerAnswerKind::kStarted:
      return ReferralState::kInProgress;
    case PartnerAnswerKind::kClosed:
      return ReferralState::kCompleted;
  }
  return std::nullopt;
}

}  // namespace veille::referral
