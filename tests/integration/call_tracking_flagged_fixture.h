#pragma once

// Households in which a call has flagged a case, and partners who report what became of it.

#include <string>

#include "common/rpc/fields.h"
#include "integration/call_tracking_fixture.h"

namespace veille::call_tracking {

class FlaggedFixture : public CallTrackingFixture {
 protected:
  static constexpr absl::Duration kGrace = absl::Hours(1);

  // A campaign that runs: two attempts without an answer, ten minutes apart.
  std::string Run() {
    pb::CreateCampaignRequest creation = Creation(PublishScript());
    creation.mutable_campaign()->mutable_weekly_cadence()->mutable_grace()->set_seconds(
        absl::ToInt64Seconds(kGrace));
    auto& rule = *creation.mutable_campaign()->add_retry_rules();
    rule.set_disposition(pb::DISPOSITION_NO_ANSWER);
    rule.mutable_delay()->set_seconds(600);
    rule.set_maximum_attempts(2);
    const auto created =
        Call(campaigns_, &pb::CampaignService::Stub::CreateCampaign, creation, Coordinator());
    EXPECT_THAT(created, testing::IsOk());
    const std::string campaign = created->campaign().campaign_id();
    EXPECT_THAT(Open(campaign), testing::IsOk());
    return campaign;
  }
  // A call of the next household that finds a need of meals, whose subject agrees to share it.
  pb::Finding Flag(const std::string& campaign, const std::string& subject = "vo-1") {
    pb::RecordCallRequest request = Saying(MustLease(campaign, subject), "meals");
    Agree(request, request.answers(0).tenant_id(), common_pb::NEED_MEALS);
    const auto recorded = Send(request, subject);
    EXPECT_THAT(recorded, testing::IsOk());
    return recorded.ok() ? recorded->findings(0) : pb::Finding();
  }
  pb::RecordReferralUpdateRequest UpdateOf(
      const std::string& campaign, const std::string& finding, const std::string& referral,
      int version, common_pb::ReferralState state = common_pb::REFERRAL_STATE_COMPLETED) const {
    pb::RecordReferralUpdateRequest request;
    request.set_request_id(NewId());
    request.set_referral_id(referral);
    request.set_finding_id(finding);
    request.set_campaign_id(campaign);
    request.set_version(version);
    request.set_state(state);
    if (state == common_pb::REFERRAL_STATE_COMPLETED) {
      request.set_outcome(common_pb::REFERRAL_OUTCOME_HELPED);
    }
    *request.mutable_update_time() = rpc::ToProto(clock_.Now());
    return request;
  }
  bool Applied(const pb::RecordReferralUpdateRequest& request) {
    const auto answer =
        Call(intake_, &pb::IntakeService::Stub::RecordReferralUpdate, request, Service("referral"));
    EXPECT_THAT(answer, testing::IsOk());
    return answer.ok() && answer->applied();
  }
  void Object(const std::string& household, const std::string& tenant = "") {
    pb::RecordHouseholdChangeRequest change;
    change.set_request_id(NewId());
    change.set_household_id(household);
    change.set_version(5);
    change.set_kind(pb::HOUSEHOLD_CHANGE_KIND_OBJECTION);
    if (!tenant.empty()) change.add_tenant_ids(tenant);
    EXPECT_THAT(Call(intake_, &pb::IntakeService::Stub::RecordHouseholdChange, change,
                     Service("tenant-registry")),
                testing::IsOk());
  }
  // Business time and the time of leases.
  void MoveTo(absl::Time time) {
    test_database_.MoveClock(time - start_);
    clock_.Set(time);
  }
  void WaitUntilDueForAll() {
    ASSERT_TRUE(testing::WaitUntil(
        [&] { return Value("SELECT count(*) FROM call_queue WHERE is_due") == "1"; }));
  }

  const absl::Time start_ = clock_.Now();
};

}  // namespace veille::call_tracking
