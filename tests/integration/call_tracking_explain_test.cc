// ExplainHousehold: exactly one bucket, the first that holds in the design's order.

#include "common/rpc/fields.h"
#include "integration/call_tracking_fixture.h"

namespace veille::call_tracking {
namespace {

using ::veille::testing::IsOk;
using ::veille::testing::ReasonIs;

class ExplainTest : public CallTrackingFixture {
 protected:
  ExplainTest() { household_ = registry_.Add(); }

  pb::ExplainHouseholdResponse Explained() {
    const auto explained = Explain(campaign_, household_.id);
    EXPECT_THAT(explained, IsOk());
    return explained.value_or(pb::ExplainHouseholdResponse());
  }
  pb::CallabilityBucket Bucket() { return Explained().bucket(); }
  // Arranges what only later stages of the programme bring about.
  void SetHousehold(const std::string& assignments) {
    test_database_.Query("UPDATE cohort_households SET " + assignments);
  }
  void LeaveQueue() { test_database_.Query("DELETE FROM call_queue"); }

  RegisteredHousehold household_;
  std::string campaign_;
};

TEST_F(ExplainTest, DueOrLeasedByWhom) {
  campaign_ = RunCampaign();
  const auto due = Explained();
  EXPECT_EQ(due.bucket(), pb::CALLABILITY_BUCKET_DUE);
  EXPECT_EQ(due.state(), pb::HOUSEHOLD_STATE_PENDING);
  EXPECT_FALSE(due.has_until_time());
  EXPECT_FALSE(due.explanation().empty());
  EXPECT_EQ(due.volunteer_id(), "");

  const std::string volunteer = Enrol();
  const auto lease = Lease(campaign_);
  ASSERT_THAT(lease, IsOk());
  const auto leased = Explained();
  EXPECT_EQ(leased.bucket(), pb::CALLABILITY_BUCKET_LEASED);
  EXPECT_EQ(leased.volunteer_id(), volunteer);
  EXPECT_EQ(leased.until_time().SerializeAsString(),
            lease->call_sheet().lease().expire_time().SerializeAsString());
  EXPECT_EQ(Value("SELECT count(*) FROM audit_events WHERE method = 'ExplainHousehold'"), "2");
}

TEST_F(ExplainTest, LeasedThroughThePhoneOfAnother) {
  RegisteredHousehold twin = household_;
  twin.id = NewId();
  twin.subjects = {NewId()};
  registry_.Add(twin);
  campaign_ = RunCampaign();
  Enrol();
  const auto lease = Lease(campaign_);
  ASSERT_THAT(lease, IsOk());
  for (const std::string& id : {household_.id, twin.id}) {
    EXPECT_EQ(Explain(campaign_, id)->bucket(), pb::CALLABILITY_BUCKET_LEASED);
  }
}

TEST_F(ExplainTest, TheCampaignComesFirst) {
  registry_.AddLeftOut(registry_pb::LEFT_OUT_REASON_OBJECTION);
  campaign_ = RunCampaign();
  clock_.Advance(absl::Hours(24 * 57));
  EXPECT_EQ(Bucket(), pb::CALLABILITY_BUCKET_CAMPAIGN_NOT_RUNNING);
  clock_.Advance(-absl::Hours(24 * 59));
  const auto early = Explained();
  EXPECT_EQ(early.bucket(), pb::CALLABILITY_BUCKET_CAMPAIGN_NOT_RUNNING);
  EXPECT_TRUE(early.has_until_time());
  clock_.Advance(absl::Hours(24 * 2));
  EXPECT_EQ(Bucket(), pb::CALLABILITY_BUCKET_DUE);
}

TEST_F(ExplainTest, LeftOut) {
  const auto left_out = registry_.AddLeftOut(registry_pb::LEFT_OUT_REASON_UNDER_AGE);
  campaign_ = RunCampaign();
  const auto explained = Explain(campaign_, left_out.id);
  ASSERT_THAT(explained, IsOk());
  EXPECT_EQ(explained->bucket(), pb::CALLABILITY_BUCKET_LEFT_OUT);
  EXPECT_EQ(explained->state(), pb::HOUSEHOLD_STATE_UNSPECIFIED);
}

TEST_F(ExplainTest, WhereTheHouseholdStands) {
  campaign_ = RunCampaign();
  SetHousehold("state = 'CLOSED', next_attempt_time = NULL");
  EXPECT_EQ(Bucket(), pb::CALLABILITY_BUCKET_CLOSED);
  SetHousehold("objection = true");
  EXPECT_EQ(Bucket(), pb::CALLABILITY_BUCKET_OBJECTION);
  SetHousehold("objection = false, state = 'NEEDS_DECISION', decision_reason = 'NOT_AGREED'");
  EXPECT_EQ(Bucket(), pb::CALLABILITY_BUCKET_AWAITING_DECISION);
  EXPECT_EQ(Explained().decision_reason(), pb::DECISION_REASON_NOT_AGREED);
  SetHousehold("state = 'DONE', decision_reason = NULL");
  EXPECT_EQ(Bucket(), pb::CALLABILITY_BUCKET_DONE);
  SetHousehold("state = 'FOLLOWED_UP'");
  EXPECT_EQ(Bucket(), pb::CALLABILITY_BUCKET_WEEKLY_CALL_WAITING);
  SetHousehold("state = 'PENDING', wait_reason = 'EXHAUSTED'");
  EXPECT_EQ(Bucket(), pb::CALLABILITY_BUCKET_EXHAUSTED);
  SetHousehold("wait_reason = 'NO_NUMBER_LEFT', phone_hash = NULL");
  EXPECT_EQ(Bucket(), pb::CALLABILITY_BUCKET_NO_NUMBER_LEFT);
}

TEST_F(ExplainTest, WhatItWaitsFor) {
  campaign_ = RunCampaign();
  LeaveQueue();
  SetHousehold("next_attempt_time = now() + interval '1 hour', wait_reason = 'APPOINTMENT'");
  EXPECT_EQ(Bucket(), pb::CALLABILITY_BUCKET_APPOINTMENT);
  EXPECT_TRUE(Explained().has_until_time());
  SetHousehold("wait_reason = 'RETRY'");
  EXPECT_EQ(Bucket(), pb::CALLABILITY_BUCKET_WAITING_FOR_RETRY);
  SetHousehold("wait_reason = 'WEEKLY'");
  EXPECT_EQ(Bucket(), pb::CALLABILITY_BUCKET_WEEKLY_CALL_WAITING);
  clock_.Advance(absl::Hours(2));
  EXPECT_EQ(Bucket(), pb::CALLABILITY_BUCKET_DUE);
}

TEST_F(ExplainTest, OutsideCallHoursUntilTheyBegin) {
  clock_.Set(absl::FromCivil(absl::CivilSecond(2021, 3, 1, 6, 0, 0), absl::UTCTimeZone()));
  auto request = Creation(PublishScript());  // a Monday, 7 o'clock in Paris
  auto& window = *request.mutable_campaign()->add_call_hours();
  window.set_weekday(common_pb::WEEKDAY_MONDAY);
  window.set_start_minute(9 * 60);
  window.set_end_minute(12 * 60);
  const auto created =
      Call(campaigns_, &pb::CampaignService::Stub::CreateCampaign, request, Coordinator());
  ASSERT_THAT(created, IsOk());
  campaign_ = created->campaign().campaign_id();
  ASSERT_THAT(Open(campaign_), IsOk());
  const auto explained = Explained();
  EXPECT_EQ(explained.bucket(), pb::CALLABILITY_BUCKET_OUTSIDE_CALL_HOURS);
  EXPECT_EQ(explained.until_time().seconds(), absl::ToUnixSeconds(clock_.Now()) + 2 * 3600);
  clock_.Advance(absl::Hours(3));
  EXPECT_EQ(Bucket(), pb::CALLABILITY_BUCKET_DUE);
}

TEST_F(ExplainTest, HouseholdsOfNoCampaignOfTheLandlordAreNotFound) {
  campaign_ = RunCampaign();
  EXPECT_THAT(Explain(campaign_, NewId()), ReasonIs(common_pb::ERROR_REASON_HOUSEHOLD_NOT_FOUND));
  EXPECT_THAT(Explain(NewId(), household_.id),
              ReasonIs(common_pb::ERROR_REASON_CAMPAIGN_NOT_FOUND));
  pb::ExplainHouseholdRequest request;
  request.set_campaign_id(campaign_);
  request.set_household_id(household_.id);
  const auto explain = [&](const Identity& identity) {
    return Call(campaigns_, &pb::CampaignService::Stub::ExplainHousehold, request, identity);
  };
  EXPECT_THAT(explain(OfOtherLandlord(Coordinator())),
              ReasonIs(common_pb::ERROR_REASON_CAMPAIGN_NOT_FOUND));
  EXPECT_THAT(explain(Volunteer()), ReasonIs(common_pb::ERROR_REASON_ACCESS_DENIED));
  EXPECT_THAT(explain(Coordinator()), IsOk());
}

}  // namespace
}  // namespace veille::call_tracking
