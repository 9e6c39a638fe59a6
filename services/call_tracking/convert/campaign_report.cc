#include "call_tracking/convert/campaign_report.h"

#include "call_tracking/convert/call_sheet.h"
#include "call_tracking/convert/campaign.h"
#include "common/rpc/fields.h"

namespace veille::call_tracking {

pb::CampaignReport ToProto(const CampaignReport& report) {
  pb::CampaignReport proto;
  proto.set_campaign_id(report.campaign.ToString());
  proto.set_state(static_cast<pb::CampaignState>(report.state));
  *proto.mutable_report_time() = rpc::ToProto(report.report_time);
  proto.set_selected(report.selected);
  *proto.mutable_left_out() = ToProto(report.left_out);
  proto.set_attempts(report.attempts);
  for (const auto& [disposition, attempts] : report.dispositions) {
    auto& added = *proto.add_dispositions();
    added.set_disposition(static_cast<pb::Disposition>(disposition));
    added.set_attempts(attempts);
  }
  proto.set_reached(report.reached);
  proto.set_completed(report.completed);
  proto.set_refused(report.refused);
  proto.set_not_reached(report.not_reached);
  proto.set_needs_decision(report.needs_decision);
  proto.set_weekly_calls(report.weekly_calls);
  proto.set_not_called(report.not_called);
  proto.set_needs_found(report.needs_found);
  proto.set_needs_shared(report.needs_shared);
  for (const auto& [state, referrals] : report.referrals) {
    auto& added = *proto.add_referrals();
    added.set_state(static_cast<veille::common::v1::ReferralState>(state));
    added.set_referrals(referrals);
  }
  proto.set_late_records(report.late_records);
  proto.set_drawn(report.drawn());
  for (const auto& [state, households] : report.households) {
    auto& added = *proto.add_households();
    added.set_state(static_cast<pb::HouseholdState>(state));
    added.set_households(households);
  }
  return proto;
}

pb::ExplainHouseholdResponse ToProto(const CallabilityFacts& facts, const Callability& callability,
                                     const std::vector<Finding>& findings) {
  pb::ExplainHouseholdResponse proto;
  proto.set_bucket(static_cast<pb::CallabilityBucket>(callability.bucket));
  proto.set_explanation(Sentence(callability.bucket));
  if (!facts.left_out.has_value()) {
    proto.set_state(static_cast<pb::HouseholdState>(facts.state));
  }
  proto.set_attempts(facts.attempts);
  if (callability.until.has_value()) {
    *proto.mutable_until_time() = rpc::ToProto(*callability.until);
  }
  if (callability.bucket == CallabilityBucket::kLeased && facts.lease.has_value()) {
    proto.set_volunteer_id(facts.lease->volunteer.ToString());
  }
  proto.set_decision_reason(static_cast<pb::DecisionReason>(facts.decision));
  for (const Finding& finding : findings) *proto.add_findings() = ToProto(finding);
  return proto;
}

}  // namespace veille::call_tracking
