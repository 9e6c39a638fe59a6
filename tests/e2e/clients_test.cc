// The sample clients at work, each language against real services over TLS: a volunteer
// calls, a partner helps, and the coordinator sees the end.

#include "e2e/clients_fixture.h"

namespace veille::e2e {
namespace {

namespace pb = ::veille::calls::v1;
namespace ref = ::veille::referral::v1;
namespace com = ::veille::common::v1;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::StartsWith;
using testing::WaitUntil;

TEST_P(ClientsTest, AVolunteerCallsAPartnerHelpsAndTheCoordinatorSeesIt) {
  ASSERT_NO_FATAL_FAILURE(OpenCampaign());
  ASSERT_NO_FATAL_FAILURE(RegisterPartner());
  const auto inbox = WorkedOff(RunInbox(folder_.Write("partner", PartnerToken())));

  // Nothing is due as long as two others hold the two households.
  Enrol("noor");
  Hold("sacha");
  const pb::Lease held = Hold("camille");
  const auto volunteer = RunVolunteer(story_.campaign.campaign_id(), "noor");
  const auto refused = volunteer->WaitForLine("LeaseNextCall: NO_CALL_DUE", kPatience);
  const absl::Time asked = absl::Now();
  ASSERT_TRUE(refused.has_value());
  EXPECT_THAT(*refused, HasSubstr("again in 5 s"));
  Release("camille", held);
  const auto called = volunteer->WaitForLine("call ", kPatience);
  ASSERT_TRUE(called.has_value());
  EXPECT_GT(absl::Now() - asked, absl::Seconds(3)) << "it did not wait as long as it was told";
  EXPECT_THAT(*called, ::testing::MatchesRegex("[^ ]+ [^ ]+ at \\+33[0-9]+"));
  EXPECT_EQ(volunteer->WaitForLine("found ", kPatience), "NEED_MEALS URGENCY_ROUTINE shared=true");
  EXPECT_TRUE(volunteer->WaitForLine("recorded ", kPatience).has_value());
  EXPECT_EQ(volunteer->Wait(kPatience), 0);

  const ref::Referral referral = AwaitCompleted();
  EXPECT_EQ(referral.outcome(), com::REFERRAL_OUTCOME_HELPED);
  ASSERT_EQ(referral.assignments_size(), 1);
  EXPECT_EQ(referral.assignments(0).partner_id(), story_.partner_id);
  EXPECT_TRUE(referral.assignments(0).has_receive_time());
  EXPECT_TRUE(referral.assignments(0).has_accept_time());
  // And where the call was recorded.
  *story_.sheet.mutable_lease() = held;
  EXPECT_THAT(story_.AwaitOutcome(), IsOk());
  const auto explained = story_.Explain();
  ASSERT_THAT(explained, IsOk());
  ASSERT_EQ(explained->findings_size(), 1);
  EXPECT_EQ(explained->findings(0).referral_outcome(), com::REFERRAL_OUTCOME_HELPED);
  const auto worklist = story_.Worklist();
  ASSERT_THAT(worklist, IsOk());
  EXPECT_EQ(worklist->items_size(), 0);
  const auto events = End(*inbox, referral.referral_id());
  EXPECT_THAT(events, Contains("received"));
  EXPECT_THAT(events, ActedOnce());
}

TEST_P(ClientsTest, VerifyFindsNothingToPutRightAndSwitchesItOn) {
  Register(inbox_address_, /*on_trial=*/true);
  const auto inbox = StartInbox();
  const Result verified = Verify({});
  EXPECT_EQ(verified.code, 0) << verified.output;
  EXPECT_THAT(verified.output, HasSubstr("OK  the case is accepted"));
  EXPECT_THAT(verified.output, HasSubstr("OK  a notice of somebody else than the service"));
  EXPECT_THAT(verified.output, HasSubstr("OK  the partner is active"));
}

TEST_P(ClientsTest, ANoticeThatComesAgainGetsTheSameReceiptAndNoSecondAct) {
  ASSERT_NO_FATAL_FAILURE(RegisterPartner());
  const auto inbox = StartInbox();
  ASSERT_THAT(CreateReferral(*programme_, story_.landlord_id, "31555"), IsOk());
  const ref::Referral referral = AwaitCompleted();

  const auto request = Notice(referral.referral_id());
  const auto credentials = CredentialsOf(authority().FilesOf("referral"));
  const auto deliver = [&](const std::string& landlord) {
    return Deliver(request, landlord, credentials);
  };
  const auto first = deliver(story_.landlord_id);
  const auto second = deliver(story_.landlord_id);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_NE(first->receipt_number(), "");
  EXPECT_EQ(first->receipt_number(), second->receipt_number());
  EXPECT_TRUE(absl::IsPermissionDenied(deliver(NewId()).status()));
  const auto events = End(*inbox, referral.referral_id());
  EXPECT_THAT(events, Contains("received").Times(::testing::Ge(3)));
  EXPECT_THAT(events, ActedOnce());
}

TEST_P(ClientsTest, AnInboxGoesOnWithWhatAnEarlierRunWasTold) {
  ASSERT_NO_FATAL_FAILURE(RegisterPartner());
  const auto created = CreateReferral(*programme_, story_.landlord_id, "31555");
  ASSERT_THAT(created, IsOk());
  {
    Inbox earlier(*programme_, inbox_address_, story_.landlord_id, story_.partner_id,
                  {"--receive-only"});
    ASSERT_TRUE(earlier.WaitFor("received"));
    ASSERT_TRUE(WaitUntil([&] {
      const auto listed = story_.Referrals();
      return listed.ok() && listed->referrals(0).state() == com::REFERRAL_STATE_RECEIVED;
    }));
    EXPECT_EQ(earlier.Stop(), 0);
  }
  const auto inbox = RunInbox();
  EXPECT_EQ(AwaitCompleted().referral_id(), *created);
  EXPECT_THAT(End(*inbox, *created), ::testing::ElementsAre("fetched", "accepted", "closed"));
}

TEST_P(ClientsTest, AnErrorIsToldByItsReasonAndEndsTheClient) {
  const auto unknown = RunVolunteer(NewId(), "noor");
  EXPECT_THAT(unknown->ReadAll(), StartsWith("LeaseNextCall: CAMPAIGN_NOT_FOUND: "));
  EXPECT_EQ(unknown->Wait(kPatience), 1);

  const auto malformed = RunVolunteer("spring", "noor");
  EXPECT_THAT(malformed->ReadAll(),
              AllOf(StartsWith("LeaseNextCall: INVALID_FIELDS: "), HasSubstr("\n  campaign_id: ")));
  EXPECT_EQ(malformed->Wait(kPatience), 1);
}

INSTANTIATE_TEST_SUITE_P(Languages, ClientsTest, ::testing::ValuesIn(Languages()),
                         NameOfLanguage());

}  // namespace
}  // namespace veille::e2e
