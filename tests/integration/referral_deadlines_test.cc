// The deadlines that a campaign has of its own: a referral keeps those it was created under.

#include <gmock/gmock.h>

#include "integration/referral_terms_fixture.h"

namespace veille::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using enum OverdueOutcome;
using testing::IsOk;
using testing::ReasonIs;

// 10 minutes; 2 hours and 5 days of working time.
void SetOwn(pb::CreateReferralRequest& request) {
  auto& deadlines = *request.mutable_acknowledge_deadlines();
  deadlines.mutable_emergency()->set_seconds(600);
  deadlines.mutable_priority()->set_seconds(7200);
  deadlines.set_routine_working_days(5);
}

std::function<void(pb::CreateReferralRequest&)> With(common_pb::Urgency urgency, bool own = true) {
  return [=](pb::CreateReferralRequest& request) {
    if (own) SetOwn(request);
    request.set_urgency(urgency);
  };
}

class DeadlinesTest : public TermsFixture {};

TEST_F(DeadlinesTest, OfTheCampaignByUrgency) {
  Register("CCAS", "127.0.0.1:7009");
  EXPECT_EQ(DeadlineOf(CreateOne(With(common_pb::URGENCY_EMERGENCY))), "2020-04-01 08:10");
  EXPECT_EQ(DeadlineOf(CreateOne(With(common_pb::URGENCY_PRIORITY))), "2020-04-01 11:00");
  EXPECT_EQ(DeadlineOf(CreateOne(With(common_pb::URGENCY_ROUTINE))), "2020-04-07 17:00");
}

// So call-tracking of the release before sends each need, and a campaign that says nothing.
TEST_F(DeadlinesTest, WithoutAnyTheServicesOwn) {
  Register("CCAS", "127.0.0.1:7009");
  EXPECT_EQ(DeadlineOf(CreateOne(With(common_pb::URGENCY_EMERGENCY, false))), "2020-04-01 08:15");
  EXPECT_EQ(DeadlineOf(CreateOne(With(common_pb::URGENCY_PRIORITY, false))), "2020-04-01 15:00");
  EXPECT_EQ(DeadlineOf(CreateOne(With(common_pb::URGENCY_ROUTINE, false))), "2020-04-02 17:00");
  EXPECT_EQ(Value("SELECT count(emergency_deadline_seconds) FROM referrals"), "0");
}

// Each step and each partner after it go by the same ones.
TEST_F(DeadlinesTest, EachReminderAndEachAssignmentHasThem) {
  Register("A", "127.0.0.1:7009");
  Register("B", "127.0.0.1:7009");
  const std::string referral = CreateOne(With(common_pb::URGENCY_ROUTINE));
  MarkReceived();
  MoveTo("2020-04-06 18:00");
  EXPECT_THAT(Round(), IsEmpty());  // the service's own have passed
  MoveTo("2020-04-07 18:00");
  EXPECT_THAT(Round(), ElementsAre(kReminded));
  EXPECT_EQ(DeadlineOf(referral), "2020-04-15 17:00");  // Easter Monday between
  MoveTo("2020-04-15 18:00");
  EXPECT_THAT(Round(), ElementsAre(kGivenToNext));
  EXPECT_EQ(DeadlineOf(referral), "2020-04-22 17:00");
  MarkReceived();
  MoveTo("2020-04-22 18:00");
  EXPECT_THAT(Round(), ElementsAre(kReminded));
  MoveTo("2020-05-04 18:00");
  EXPECT_THAT(Round(), ElementsAre(kCoordinatorTold));
  EXPECT_EQ(DeadlineOf(referral), "2020-05-12 17:00");  // a holiday between
}

TEST_F(DeadlinesTest, ADeclinedOneKeepsThemWithTheNextPartner) {
  const std::string first = Register("A", "127.0.0.1:7009");
  Register("B", "127.0.0.1:7009");
  const std::string referral = CreateOne(With(common_pb::URGENCY_PRIORITY));
  MoveTo("2020-04-01 10:00");
  ASSERT_THAT(Decline(first, referral), IsOk());
  EXPECT_EQ(DeadlineOf(referral), "2020-04-01 12:00");
}

// The same need again, more urgent: by the deadlines of the referral that answers it.
TEST_F(DeadlinesTest, ARaisedOneGoesByThoseThatItWasCreatedUnder) {
  Register("CCAS", "127.0.0.1:7009");
  pb::CreateReferralRequest request = Creation();
  SetOwn(request);
  const auto created = Create(request);
  ASSERT_THAT(created, IsOk());
  request.set_request_id(NewId());
  request.set_finding_id(NewId());
  request.set_urgency(common_pb::URGENCY_EMERGENCY);
  request.clear_acknowledge_deadlines();
  const auto raised = Create(request);
  ASSERT_THAT(raised, IsOk());
  EXPECT_EQ(raised->referral_id(), created->referral_id());
  EXPECT_EQ(DeadlineOf(created->referral_id()), "2020-04-01 08:10");
}

TEST_F(DeadlinesTest, BeyondTheirBoundsTheyAreRefused) {
  pb::CreateReferralRequest request = Creation();
  auto& deadlines = *request.mutable_acknowledge_deadlines();
  deadlines.mutable_emergency()->set_seconds(1);
  deadlines.mutable_priority()->set_nanos(-1);
  deadlines.set_routine_working_days(21);
  EXPECT_THAT(Create(request), ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS));
  EXPECT_EQ(Value("SELECT count(*) FROM referrals"), "0");
  request.mutable_acknowledge_deadlines()->Clear();
  EXPECT_THAT(Create(request), IsOk());
}

}  // namespace
}  // namespace veille::referral
