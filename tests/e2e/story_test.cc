// One flagged case from a register's row to a partner's acceptance, through the real binaries.

#include "e2e/story.h"

#include <gtest/gtest.h>

#include "common/ids/uuid.h"
#include "common/status/macros.h"
#include "testing/status_matchers.h"
#include "testing/wait_until.h"
#include "veille/calls/v1/call_service.grpc.pb.h"
#include "veille/referral/v1/partner_directory_service.grpc.pb.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"

namespace veille::e2e {
namespace {

namespace pb = ::veille::calls::v1;
namespace com = ::veille::common::v1;
using testing::IsOk;
using testing::ReasonIs;

class StoryTest : public ::testing::Test {
 protected:
  // The partner's machine accepts, and a person there would do the rest.
  void KeepCasesOpen() {
    const auto partners = story_.As(Service::kReferral, "coordinator")
                              .Call(&referral::v1::PartnerDirectoryService::Stub::ListPartners,
                                    referral::v1::ListPartnersRequest());
    ASSERT_THAT(partners, IsOk());
    story_.inbox.reset();
    story_.inbox =
        std::make_unique<Inbox>(programme_, partners->partners(0).endpoint(), story_.landlord_id,
                                story_.partner_id, std::vector<std::string>{"--accept-only"});
  }

  // In RecordCall's place: "send the meals, but never call again".
  absl::Status RecordObjection() {
    pb::RecordCallRequest request;
    request.set_request_id(ids::Uuid::Random().ToString());
    request.set_campaign_id(story_.campaign.campaign_id());
    request.set_lease_id(story_.sheet.lease().lease_id());
    request.set_fence(story_.sheet.lease().fence());
    request.set_disposition(pb::DISPOSITION_OBJECTION);
    pb::RaisedFinding* meals = request.add_raised_findings();
    meals->set_tenant_id(story_.subject().tenant_id());
    meals->set_need(com::NEED_MEALS);
    meals->set_urgency(com::URGENCY_ROUTINE);
    pb::Agreement* agreement = request.add_agreements();
    agreement->set_tenant_id(story_.subject().tenant_id());
    agreement->set_kind(pb::AGREEMENT_KIND_SHARE_NEED);
    agreement->set_need(com::NEED_MEALS);
    agreement->set_agreed(true);
    agreement->set_text_version("share-1");
    ASSIGN_OR_RETURN(
        story_.recorded,
        story_.As(Service::kCalls, "volunteer").Call(&pb::CallService::Stub::RecordCall, request));
    return absl::OkStatus();
  }

  Programme programme_;
  Story story_{programme_};
};

TEST_F(StoryTest, OneCaseGoesTheWholeWay) {
  ASSERT_THAT(story_.CreateLandlord(), IsOk());

  ASSERT_THAT(story_.ImportRegister(), IsOk());
  EXPECT_EQ(story_.totals.rows(), 7);
  EXPECT_EQ(story_.totals.taken(), 7);
  EXPECT_EQ(story_.totals.dwellings(), 6);
  EXPECT_EQ(story_.totals.households(), 5);
  EXPECT_EQ(story_.totals.tenants(), 6);

  ASSERT_THAT(story_.PublishScript(), IsOk());
  ASSERT_THAT(story_.EnrolVolunteer(), IsOk());
  ASSERT_THAT(story_.RegisterPartner(), IsOk());

  ASSERT_THAT(story_.CreateCampaign(), IsOk());
  EXPECT_EQ(story_.campaign.state(), pb::CAMPAIGN_STATE_DRAFT);
  ASSERT_THAT(story_.OpenCampaign(), IsOk());
  EXPECT_EQ(story_.campaign.state(), pb::CAMPAIGN_STATE_RUNNING);
  EXPECT_EQ(story_.campaign.selected(), 2);
  EXPECT_EQ(story_.campaign.left_out().under_age(), 1);
  EXPECT_EQ(story_.campaign.left_out().objection(), 1);
  EXPECT_EQ(story_.campaign.left_out().no_valid_phone(), 1);

  ASSERT_THAT(story_.LeaseCall(), IsOk());
  EXPECT_EQ(story_.sheet.lease().attempt_number(), 1);
  EXPECT_EQ(story_.sheet.script_id(), story_.script_id);
  EXPECT_GT(story_.sheet.contact().phones_size(), 0);
  EXPECT_NE(story_.subject().family_name(), "");

  ASSERT_THAT(story_.RecordCall(), IsOk());
  EXPECT_FALSE(story_.recorded.late());
  EXPECT_EQ(story_.recorded.household_state(), pb::HOUSEHOLD_STATE_DONE);
  ASSERT_EQ(story_.recorded.findings_size(), 1);
  EXPECT_EQ(story_.finding().need(), com::NEED_MEALS);
  EXPECT_EQ(story_.finding().urgency(), com::URGENCY_ROUTINE);
  EXPECT_EQ(story_.finding().rule_id(), "no_meals");
  EXPECT_TRUE(story_.finding().shared());

  ASSERT_THAT(story_.AwaitNotice(), IsOk());
  ASSERT_THAT(story_.AwaitAcceptance(), IsOk());
  ASSERT_THAT(story_.AwaitClosing(), IsOk());
  ASSERT_THAT(story_.AwaitOutcome(), IsOk());
  ASSERT_THAT(story_.LeaseToVerify(), IsOk());
  EXPECT_EQ(story_.sheet_to_verify.lease().household_id(), story_.sheet.lease().household_id());
  ASSERT_EQ(story_.sheet_to_verify.outcomes_to_verify_size(), 1);
  EXPECT_EQ(story_.sheet_to_verify.outcomes_to_verify(0).referral_id(), story_.referral_id);
  ASSERT_THAT(story_.RecordThatHelpCame(), IsOk());
  ExpectTheOneEnd(story_);
}

TEST_F(StoryTest, EachStepCanBeRepeated) {
  for (const Story::Step& step : Story::Steps()) {
    ASSERT_THAT((story_.*step.run)(), IsOk()) << step.name;
    // The inbox's address is taken by the inbox itself.
    if (step.name == "RegisterPartner") story_.inbox.reset();
    const std::string referral = story_.referral_id;
    ASSERT_THAT((story_.*step.run)(), IsOk()) << step.name << ", again";
    EXPECT_EQ(story_.referral_id, referral.empty() ? story_.referral_id : referral);
  }
  ExpectTheOneEnd(story_);
}

// The household is given back when the registry does not answer, and the request may be repeated.
TEST_F(StoryTest, ALeaseWithoutTheRegistryIsTakenBack) {
  for (const Story::Step& step : Story::Steps()) {
    if (step.name == "LeaseCall") break;
    ASSERT_THAT((story_.*step.run)(), IsOk()) << step.name;
  }
  programme_.Kill(Service::kRegistry);
  EXPECT_THAT(story_.LeaseCall(), ReasonIs(com::ERROR_REASON_REGISTRY_UNAVAILABLE));
  EXPECT_THAT(story_.LeaseCall(), ReasonIs(com::ERROR_REASON_REGISTRY_UNAVAILABLE));
  programme_.Restart(Service::kRegistry);
  ASSERT_TRUE(testing::WaitUntil([this] { return !WorthRepeating(story_.LeaseCall()); }));
  EXPECT_EQ(story_.sheet.lease().attempt_number(), 1);
  EXPECT_THAT(story_.RecordCall(), IsOk());
}

// Written down in the register, it stops what a partner already has.
TEST_F(StoryTest, AnObjectionReachesThePartnerThatHasTheCase) {
  for (const Story::Step& step : Story::Steps()) {
    ASSERT_THAT((story_.*step.run)(), IsOk()) << step.name;
    if (step.name == "AwaitAcceptance") break;
    if (step.name == "RegisterPartner") KeepCasesOpen();
  }
  registry::v1::RecordObjectionRequest objection;
  objection.set_request_id(ids::Uuid::Random().ToString());
  objection.set_household_id(story_.sheet.lease().household_id());
  ASSERT_THAT(story_.As(Service::kRegistry, "coordinator")
                  .Call(&registry::v1::RegistryService::Stub::RecordObjection, objection),
              IsOk());
  EXPECT_TRUE(story_.inbox->WaitFor("withdrawn"));
  const auto read = story_.Referral();
  ASSERT_THAT(read, IsOk());
  EXPECT_EQ(read->referral().state(), com::REFERRAL_STATE_CANCELLED);
  EXPECT_TRUE(read->referral().withdrawn_by_objection());
  // That the referral came to nothing is for a coordinator to see; nobody calls.
  EXPECT_TRUE(testing::WaitUntil([this] {
    const auto explained = story_.Explain();
    return explained.ok() && explained->findings_size() > 0 &&
           explained->findings(0).referral_state() == com::REFERRAL_STATE_CANCELLED &&
           explained->bucket() != pb::CALLABILITY_BUCKET_DUE;
  }));
}

// The register keeps it for whoever would call next, and the partner goes on.
TEST_F(StoryTest, WhoObjectsToCallsInACallGetsTheHelpAgreedTo) {
  for (const Story::Step& step : Story::Steps()) {
    ASSERT_THAT(step.name == "RecordCall" ? RecordObjection() : (story_.*step.run)(), IsOk())
        << step.name;
    if (step.name == "AwaitAcceptance") break;
    if (step.name == "RegisterPartner") KeepCasesOpen();
  }
  registry::v1::GetHouseholdRequest request;
  request.set_household_id(story_.sheet.lease().household_id());
  EXPECT_TRUE(testing::WaitUntil([&] {
    const auto known = story_.As(Service::kRegistry, "coordinator")
                           .WithReason("asked not to be called")
                           .Call(&registry::v1::RegistryService::Stub::GetHousehold, request);
    return known.ok() && known->household().objection() && known->household().calls_only();
  }));
  const auto explained = story_.Explain();
  ASSERT_THAT(explained, IsOk());
  EXPECT_EQ(explained->bucket(), pb::CALLABILITY_BUCKET_OBJECTION);
  const auto referral = story_.Referral();
  ASSERT_THAT(referral, IsOk());
  EXPECT_EQ(referral->referral().state(), com::REFERRAL_STATE_ACCEPTED);
}

TEST_F(StoryTest, ServicesDrainOnSigterm) {
  for (const Service service : kServices) EXPECT_EQ(programme_.Stop(service), 0);
}

}  // namespace
}  // namespace veille::e2e
