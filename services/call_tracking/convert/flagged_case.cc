#include "call_tracking/convert/flagged_case.h"

#include "common/rpc/fields.h"
#include "common/status/macros.h"

namespace veille::call_tracking {

absl::StatusOr<OutcomeListing> FromProto(const pb::ListMyOutcomesRequest& request) {
  rpc::Violations violations;
  const OutcomeListing listing{
      .campaign = rpc::ReadId<ids::CampaignId>("campaign_id", request.campaign_id(), violations),
      .page = rpc::ReadPage(request.page_size(), request.page_token(), violations)};
  RETURN_IF_ERROR(violations.ToStatus());
  return listing;
}

pb::FlaggedCase ToProto(const FlaggedCase& flagged) {
  namespace common = ::veille::common::v1;
  const Finding& finding = flagged.finding;
  pb::FlaggedCase proto;
  proto.set_finding_id(finding.id.ToString());
  proto.set_household_id(flagged.household.ToString());
  proto.set_need(static_cast<common::Need>(finding.need));
  proto.set_urgency(static_cast<common::Urgency>(finding.urgency));
  *proto.mutable_find_time() = rpc::ToProto(flagged.find_time);
  proto.set_shared(finding.shared());
  proto.set_referral_state(static_cast<common::ReferralState>(finding.referral_state));
  proto.set_referral_outcome(static_cast<common::ReferralOutcome>(finding.referral_outcome));
  if (flagged.referral_time.has_value()) {
    *proto.mutable_referral_time() = rpc::ToProto(*flagged.referral_time);
  }
  proto.set_decision_reason(static_cast<pb::DecisionReason>(finding.decision));
  proto.set_verification(static_cast<pb::Verification>(finding.verification));
  return proto;
}

}  // namespace veille::call_tracking
