// What follows when somebody at the partner has accepted and then says nothing more.

#include <gmock/gmock.h>

#include "integration/referral_terms_fixture.h"

namespace veille::referral {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using enum OverdueOutcome;
using testing::IsOk;

class OutcomeDeadlinesTest : public TermsFixture {
 protected:
  // Accepted on Wednesday, 1 April 2020, before the working day; its time is reckoned.
  std::string CreateAccepted(common_pb::Urgency urgency = common_pb::URGENCY_ROUTINE) {
    std::string referral = CreateOne([&](auto& request) { request.set_urgency(urgency); });
    MarkReceived();
    EXPECT_THAT(Accept(partner_, referral), IsOk());
    EXPECT_THAT(Round(), ElementsAre(kReckoned));
    return referral;
  }
  std::vector<pb::WorklistReason> OpenReasons() {
    std::vector<pb::WorklistReason> reasons;
    for (const pb::WorklistItem& item : Worklist()) reasons.push_back(item.reason());
    return reasons;
  }
  pb::WorklistItem AskedItem(const std::string& referral) {
    return ItemOf(referral, pb::WORKLIST_REASON_NO_OUTCOME);
  }

  const std::string partner_ = Register("Voisins", "127.0.0.1:7009");
};

// Ten working days, without Easter Monday.
TEST_F(OutcomeDeadlinesTest, ACoordinatorIsToAskAndIsToldAgainAfterItHasSeenIt) {
  const std::string referral = CreateAccepted();
  const std::string history = Value("SELECT count(*) FROM referral_events");
  MoveTo("2020-04-15 16:58");
  EXPECT_THAT(Round(), IsEmpty());
  MoveTo("2020-04-15 17:01");
  EXPECT_THAT(Round(), ElementsAre(kOutcomeAsked));
  EXPECT_THAT(Round(), IsEmpty());
  const pb::WorklistItem item = AskedItem(referral);
  EXPECT_EQ(item.partner_id(), partner_);
  EXPECT_EQ(item.assignment_fence(), 1);
  EXPECT_FALSE(item.has_acknowledge_deadline_time());
  EXPECT_THAT(item.possible_decisions(),
              ElementsAre(pb::WORKLIST_DECISION_ASSIGN, pb::WORKLIST_DECISION_CANCEL,
                          pb::WORKLIST_DECISION_SEEN));
  // Nothing has moved.
  EXPECT_EQ(Read(referral).state(), common_pb::REFERRAL_STATE_ACCEPTED);
  EXPECT_EQ(Value("SELECT count(*) FROM referral_events"), history);

  MoveTo("2020-04-29 17:01");
  EXPECT_THAT(Round(), ElementsAre(kStillWaits));
  ASSERT_THAT(Decide(item.worklist_item_id(), pb::WORKLIST_DECISION_SEEN), IsOk());
  EXPECT_THAT(Worklist(), IsEmpty());
  MoveTo("2020-05-20 17:01");
  EXPECT_THAT(Round(), ElementsAre(kOutcomeAsked));
  EXPECT_NE(AskedItem(referral).worklist_item_id(), item.worklist_item_id());
}

TEST_F(OutcomeDeadlinesTest, WhoIsInDangerIsAskedForSooner) {
  const std::string priority = CreateAccepted(common_pb::URGENCY_PRIORITY);
  const std::string emergency = CreateAccepted(common_pb::URGENCY_EMERGENCY);
  MoveTo("2020-04-01 16:58");
  EXPECT_THAT(Round(), IsEmpty());
  MoveTo("2020-04-01 17:01");
  EXPECT_THAT(Round(), ElementsAre(kOutcomeAsked));
  AskedItem(emergency);
  MoveTo("2020-04-02 17:01");
  EXPECT_THAT(Round(), ElementsAre(kStillWaits));
  MoveTo("2020-04-07 16:58");
  Round();
  EXPECT_THAT(OpenReasons(),
              ElementsAre(pb::WORKLIST_REASON_EMERGENCY, pb::WORKLIST_REASON_NO_OUTCOME));
  MoveTo("2020-04-07 17:01");
  EXPECT_THAT(Round(), Contains(kOutcomeAsked));
  AskedItem(priority);
}

TEST_F(OutcomeDeadlinesTest, WhoSaysThatItIsAtWorkHasAsLongAgain) {
  const std::string referral = CreateAccepted();
  MoveTo("2020-04-15 17:01");
  EXPECT_THAT(Round(), ElementsAre(kOutcomeAsked));
  ASSERT_THAT(Start(partner_, referral), IsOk());
  EXPECT_THAT(Worklist(), IsEmpty());
  EXPECT_THAT(Round(), ElementsAre(kReckoned));
  EXPECT_THAT(Round(), IsEmpty());
  MoveTo("2020-04-29 17:01");
  EXPECT_THAT(Round(), ElementsAre(kOutcomeAsked));
  ASSERT_THAT(Close(partner_, referral), IsOk());
  EXPECT_THAT(Worklist(), IsEmpty());
  MoveTo("2020-07-01 12:00");
  EXPECT_THAT(Round(), IsEmpty());
}

// Listed as silent by a clock that comes to it only after the partner has spoken.
TEST_F(OutcomeDeadlinesTest, WhoSpokeMeanwhileIsNotAskedFor) {
  const std::string referral = CreateAccepted();
  MoveTo("2020-04-15 17:01");
  const std::vector<Overdue> listed = List();
  ASSERT_EQ(listed.size(), 1);
  ASSERT_THAT(Start(partner_, referral), IsOk());
  EXPECT_EQ(Take(listed[0]), kReckoned);
  EXPECT_EQ(Take(listed[0]), kNothing);
  EXPECT_THAT(Worklist(), IsEmpty());
}

TEST_F(OutcomeDeadlinesTest, WhatItSaysByTelephoneTakesTheItemOff) {
  const std::string referral = CreateAccepted();
  MoveTo("2020-04-15 17:01");
  Round();
  pb::RecordPartnerAnswerRequest report;
  report.set_request_id(NewId());
  report.set_referral_id(referral);
  report.set_assignment_fence(1);
  report.set_answer(pb::PARTNER_ANSWER_KIND_NOT_REACHED);
  const auto record = [&] {
    return Call(referrals_, &pb::ReferralService::Stub::RecordPartnerAnswer, report, Coordinator());
  };
  ASSERT_THAT(record(), IsOk());
  EXPECT_EQ(AskedItem(referral).calls_not_reached(), 1);
  report.set_request_id(NewId());
  report.set_answer(pb::PARTNER_ANSWER_KIND_CLOSED);
  report.set_answered_by("Accueil");
  report.set_outcome(common_pb::REFERRAL_OUTCOME_HELPED);
  report.set_note("Repas livrés.");
  ASSERT_THAT(record(), IsOk());
  EXPECT_THAT(Worklist(), IsEmpty());
}

TEST_F(OutcomeDeadlinesTest, WhoeverIsGivenTheCaseInsteadBeginsAnew) {
  const std::string referral = CreateAccepted();
  const std::string other = Register("Autres", "127.0.0.1:7010");
  MoveTo("2020-04-15 17:01");
  EXPECT_THAT(Round(), ElementsAre(kOutcomeAsked));
  ASSERT_THAT(Decide(AskedItem(referral).worklist_item_id(), pb::WORKLIST_DECISION_ASSIGN, other),
              IsOk());
  EXPECT_THAT(OpenReasons(), Not(Contains(pb::WORKLIST_REASON_NO_OUTCOME)));
  EXPECT_THAT(Round(), IsEmpty());
  EXPECT_THAT(Accept(other, referral, /*fence=*/2), IsOk());
  EXPECT_THAT(Round(), ElementsAre(kReckoned));
}

TEST_F(OutcomeDeadlinesTest, AMoreUrgentFindingMakesItSooner) {
  pb::CreateReferralRequest request = Creation();
  const auto created = Create(request);
  ASSERT_THAT(created, IsOk());
  ASSERT_THAT(Accept(partner_, created->referral_id()), IsOk());
  EXPECT_THAT(Round(), ElementsAre(kReckoned));
  request.set_request_id(NewId());
  request.set_finding_id(NewId());
  request.set_urgency(common_pb::URGENCY_PRIORITY);
  ASSERT_THAT(Create(request), IsOk());
  EXPECT_THAT(Round(), ElementsAre(kReckoned));
  MoveTo("2020-04-07 17:01");
  EXPECT_THAT(Round(), ElementsAre(kOutcomeAsked));
}

}  // namespace
}  // namespace veille::referral
