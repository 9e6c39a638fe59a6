// Opening a campaign: the cohort is drawn page by page and frozen, once, whoever is cut in between.

#include <thread>

#include "common/rpc/fields.h"
#include "integration/call_tracking_fixture.h"

namespace veille::call_tracking {
namespace {

using ::testing::ElementsAre;
using ::veille::testing::IsOk;
using ::veille::testing::ReasonIs;

class OpeningTest : public CallTrackingFixture {
 protected:
  std::string StateOf(const std::string& campaign) {
    return Value("SELECT state FROM campaigns WHERE campaign_id = '" + campaign + "'");
  }
  void ExpectWhole(const std::string& campaign, int selected) {
    const std::string of = " WHERE campaign_id = '" + campaign + "'";
    const std::string count = std::to_string(selected);
    EXPECT_EQ(Value("SELECT count(*) FROM cohort_households" + of), count);
    EXPECT_EQ(Value("SELECT count(*) FROM cohort_subjects" + of), count);
    EXPECT_EQ(Value("SELECT count(*) FROM call_queue" + of + " AND is_due"), count);
    EXPECT_EQ(Value("SELECT selected FROM campaigns" + of), count);
  }
};

TEST_F(OpeningTest, FreezesWhoIsSelectedAndWhoIsLeftOut) {
  for (int i = 0; i < 7; ++i) registry_.Add();
  registry_.AddLeftOut(registry_pb::LEFT_OUT_REASON_UNDER_AGE);
  registry_.AddLeftOut(registry_pb::LEFT_OUT_REASON_UNDER_AGE);
  registry_.AddLeftOut(registry_pb::LEFT_OUT_REASON_OBJECTION);
  const auto left_out = registry_.AddLeftOut(registry_pb::LEFT_OUT_REASON_NO_VALID_PHONE);
  registry_.SetPageSize(3);
  const std::string campaign = CreateCampaign();
  const auto opened = Open(campaign);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->campaign().state(), pb::CAMPAIGN_STATE_RUNNING);
  EXPECT_EQ(opened->campaign().selected(), 7);
  EXPECT_EQ(opened->campaign().left_out().under_age(), 2);
  EXPECT_EQ(opened->campaign().left_out().objection(), 1);
  EXPECT_EQ(opened->campaign().left_out().no_valid_phone(), 1);
  EXPECT_TRUE(opened->campaign().has_open_time());
  ExpectWhole(campaign, 7);
  EXPECT_EQ(Value("SELECT reason FROM cohort_left_out WHERE household_id = '" + left_out.id + "'"),
            "NO_VALID_PHONE");
  EXPECT_THAT(registry_.landlords(), ElementsAre(landlord_));

  // What runs is returned as it is, and the register is not asked again.
  registry_.Add();
  const auto again = Open(campaign);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->SerializeAsString(), opened->SerializeAsString());
  EXPECT_EQ(registry_.drawings(), 1);
}

TEST_F(OpeningTest, ACutDrawingContinuesWhereItStopped) {
  for (int i = 0; i < 10; ++i) registry_.Add();
  registry_.AddLeftOut(registry_pb::LEFT_OUT_REASON_OBJECTION);
  registry_.SetPageSize(2);
  registry_.CutAfter(2);
  const std::string campaign = CreateCampaign();
  EXPECT_THAT(Open(campaign), ReasonIs(common_pb::ERROR_REASON_REGISTRY_UNAVAILABLE));
  EXPECT_EQ(StateOf(campaign), "OPENING");
  const int stored = std::stoi(Value("SELECT count(*) FROM cohort_households"));
  EXPECT_GE(stored, 3);  // two pages, one left out at most
  Enrol();
  EXPECT_THAT(Lease(campaign), ReasonIs(common_pb::ERROR_REASON_CAMPAIGN_NOT_RUNNING));

  EXPECT_THAT(Open(campaign), ReasonIs(common_pb::ERROR_REASON_REGISTRY_UNAVAILABLE));
  EXPECT_GT(std::stoi(Value("SELECT count(*) FROM cohort_households")), stored);
  registry_.CutAfter(-1);
  const auto opened = Open(campaign);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->campaign().left_out().objection(), 1);
  ExpectWhole(campaign, 10);
  EXPECT_THAT(Lease(campaign), IsOk());
}

TEST_F(OpeningTest, TwoWhoOpenAtOnceDrawOneCohort) {
  for (int i = 0; i < 40; ++i) registry_.Add();
  registry_.SetPageSize(1);
  const std::string campaign = CreateCampaign();
  absl::StatusOr<pb::OpenCampaignResponse> one = absl::UnknownError("");
  absl::StatusOr<pb::OpenCampaignResponse> two = absl::UnknownError("");
  std::thread first([&] { one = Open(campaign); });
  std::thread second([&] { two = Open(campaign); });
  first.join();
  second.join();
  ASSERT_THAT(one, IsOk());
  ASSERT_THAT(two, IsOk());
  EXPECT_EQ(one->SerializeAsString(), two->SerializeAsString());
  ExpectWhole(campaign, 40);
}

TEST_F(OpeningTest, AnEmptyCohortIsRefusedAndCanBeDrawnAnew) {
  registry_.AddLeftOut(registry_pb::LEFT_OUT_REASON_UNDER_AGE);
  const std::string campaign = CreateCampaign();
  EXPECT_THAT(Open(campaign), ReasonIs(common_pb::ERROR_REASON_COHORT_EMPTY));
  EXPECT_EQ(StateOf(campaign), "DRAFT");
  EXPECT_EQ(Value("SELECT count(*) FROM cohort_left_out"), "0");
  registry_.Add();
  const auto opened = Open(campaign);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->campaign().selected(), 1);
  EXPECT_EQ(opened->campaign().left_out().under_age(), 1);
}

TEST_F(OpeningTest, ChecksWhoAsksForWhat) {
  registry_.Add();
  const std::string campaign = CreateCampaign();
  pb::OpenCampaignRequest request;
  request.set_request_id(NewId());
  request.set_campaign_id(campaign);
  request.set_etag("v7");
  const auto open = [&](const Identity& identity) {
    return Call(campaigns_, &pb::CampaignService::Stub::OpenCampaign, request, identity);
  };
  EXPECT_THAT(open(Coordinator()), ReasonIs(common_pb::ERROR_REASON_ETAG_MISMATCH));
  EXPECT_THAT(open(Volunteer()), ReasonIs(common_pb::ERROR_REASON_ACCESS_DENIED));
  EXPECT_THAT(open(OfOtherLandlord(Coordinator())),
              ReasonIs(common_pb::ERROR_REASON_CAMPAIGN_NOT_FOUND));
  EXPECT_EQ(registry_.drawings(), 0);
  request.set_etag("v1");
  EXPECT_THAT(open(Coordinator()), IsOk());
  EXPECT_THAT(open(Coordinator()), IsOk());  // the same request again
  request.set_campaign_id("?");
  request.set_request_id("?");
  EXPECT_THAT(FieldsOf(open(Coordinator()).status()), ElementsAre("request_id", "campaign_id"));
}

TEST_F(OpeningTest, WhatEndedCallsWhileItWasDrawnEndsThemInTheCohort) {
  const auto objecting = registry_.Add();
  const auto other = registry_.Add();
  pb::RecordHouseholdChangeRequest change;
  change.set_request_id(NewId());
  change.set_household_id(objecting.id);
  change.set_version(2);  // the register still shows version 1
  change.set_kind(pb::HOUSEHOLD_CHANGE_KIND_OBJECTION);
  ASSERT_THAT(Call(intake_, &pb::IntakeService::Stub::RecordHouseholdChange, change,
                   Service("tenant-registry")),
              IsOk());
  const std::string campaign = RunCampaign();
  EXPECT_EQ(Explain(campaign, objecting.id)->bucket(), pb::CALLABILITY_BUCKET_OBJECTION);
  EXPECT_EQ(Explain(campaign, other.id)->bucket(), pb::CALLABILITY_BUCKET_DUE);
  Enrol();
  EXPECT_EQ(Lease(campaign)->call_sheet().lease().household_id(), other.id);
}

}  // namespace
}  // namespace veille::call_tracking
