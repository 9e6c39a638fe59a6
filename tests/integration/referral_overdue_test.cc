// What follows when nobody at the partner accepts in time, step by step.

#include <gmock/gmock.h>

#include "integration/referral_overdue_fixture.h"

namespace veille::referral {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using enum OverdueOutcome;
using testing::IsOk;
using testing::ReasonIs;
using testing::WaitUntil;

class OverdueTest : public OverdueFixture {
 protected:
  // Its first contact has another number.
  std::string RegisterWithSecondContact(const std::string& name, const std::string& endpoint) {
    pb::RegisterPartnerRequest request = Registration(name);
    request.mutable_partner()->set_endpoint(endpoint);
    request.mutable_partner()->mutable_second_contact()->set_role("astreinte");
    request.mutable_partner()->mutable_second_contact()->set_phone("+33561000009");
    const auto registered = Call(directory_, &pb::PartnerDirectoryService::Stub::RegisterPartner,
                                 request, Coordinator());
    EXPECT_THAT(registered, IsOk());
    return registered.ok() ? registered->partner().partner_id() : "";
  }

  std::vector<pb::WorklistReason> OpenReasons() {
    std::vector<pb::WorklistReason> reasons;
    for (const pb::WorklistItem& item : Worklist()) reasons.push_back(item.reason());
    return reasons;
  }
};

TEST_F(OverdueTest, ThePartnerIsRemindedOnceThenTheNextOneIsAsked) {
  FakeInbox next_inbox;
  const std::string first = Register("A", inbox_.address());
  const std::string next = Register("B", next_inbox.address());
  const std::string referral = CreateReceived();
  EXPECT_EQ(DeadlineOf(referral), "2020-04-02 17:00");
  MoveTo("2020-04-02 16:58");
  EXPECT_THAT(Round(), IsEmpty());

  MoveTo("2020-04-02 18:00");
  EXPECT_THAT(Round(), ElementsAre(kReminded));
  EXPECT_THAT(Round(), IsEmpty());
  EXPECT_EQ(DeadlineOf(referral), "2020-04-06 17:00");
  EXPECT_EQ(History(referral), "1/2 2/2 2/4");
  {
    const auto engine = StartEngine();
    ASSERT_TRUE(WaitUntil([&] { return Value("SELECT state FROM deliveries") == "3"; }));
  }
  const auto notices = inbox_.notices();
  ASSERT_EQ(notices.size(), 2);
  EXPECT_EQ(notices[1].delivery_id(), notices[0].delivery_id());
  EXPECT_EQ(notices[1].assignment_fence(), 1);
  EXPECT_EQ(notices[1].version(), 3);

  MoveTo("2020-04-06 17:30");
  EXPECT_THAT(Round(), ElementsAre(kGivenToNext));
  EXPECT_THAT(Round(), IsEmpty());
  const pb::Referral given = Read(referral);
  EXPECT_EQ(given.state(), common_pb::REFERRAL_STATE_REQUESTED);
  ASSERT_EQ(given.assignments_size(), 2);
  EXPECT_EQ(given.assignments(0).state(), pb::ASSIGNMENT_STATE_SUPERSEDED);
  EXPECT_EQ(given.assignments(1).partner_id(), next);
  EXPECT_EQ(DeadlineOf(referral), "2020-04-08 17:00");
  EXPECT_EQ(History(referral), "1/2 2/2 2/4 1/4");
  EXPECT_EQ(Value("SELECT string_agg(open_referrals::text, ' ' ORDER BY partner_id) "
                  "FROM partner_loads"),
            "0 1");
  EXPECT_THAT(Accept(first, referral), ReasonIs(common_pb::ERROR_REASON_ASSIGNMENT_SUPERSEDED));
  const auto engine = StartEngine();
  ASSERT_TRUE(BecomesReceived(referral));
  EXPECT_EQ(next_inbox.notices().size(), 1);
  // Who had it is told that it has it no more.
  EXPECT_TRUE(WaitUntil([&] { return inbox_.notices().size() == 3; }));
  EXPECT_TRUE(inbox_.notices().back().withdrawn());

  EXPECT_THAT(Accept(next, referral, /*fence=*/2), IsOk());
  MoveTo("2020-06-01 12:00");
  EXPECT_THAT(Round(), ElementsAre(kReckoned));  // see referral_outcome_deadlines_test.cc
  EXPECT_THAT(Worklist(), IsEmpty());
}

TEST_F(OverdueTest, TheNextPartnerHasAllTheStepsToo) {
  FakeInbox next_inbox;
  Register("A", inbox_.address());
  Register("B", next_inbox.address());
  const std::string referral = CreateReceived();
  MoveTo("2020-04-02 18:00");
  EXPECT_THAT(Round(), ElementsAre(kReminded));
  MoveTo("2020-04-07 18:00");
  EXPECT_THAT(Round(), ElementsAre(kGivenToNext));
  {
    const auto engine = StartEngine();
    ASSERT_TRUE(BecomesReceived(referral));
  }
  MoveTo("2020-04-09 18:00");
  EXPECT_THAT(Round(), ElementsAre(kReminded));
  MoveTo("2020-04-20 18:00");
  EXPECT_THAT(Round(), ElementsAre(kCoordinatorTold));
}

TEST_F(OverdueTest, WhenNobodyIsLeftACoordinatorIsToldAndThePartnerMayStillAccept) {
  const std::string partner = Register("CCAS", inbox_.address());
  const std::string referral = CreateReceived();
  MoveTo("2020-04-02 18:00");
  EXPECT_THAT(Round(), ElementsAre(kReminded));
  EXPECT_THAT(Worklist(), IsEmpty());
  MoveTo("2020-04-06 18:00");
  EXPECT_THAT(Round(), ElementsAre(kCoordinatorTold));
  EXPECT_THAT(OpenReasons(), ElementsAre(pb::WORKLIST_REASON_NOT_ACKNOWLEDGED));
  const pb::Referral stands = Read(referral);
  EXPECT_EQ(stands.assignments(0).state(), pb::ASSIGNMENT_STATE_OPEN);
  EXPECT_EQ(History(referral), "1/2 2/2 2/4 2/4");
  EXPECT_EQ(Value("SELECT open_referrals FROM partner_loads"), "1");
  EXPECT_THAT(Accept(partner, referral), IsOk());
  MoveTo("2020-06-01 12:00");
  EXPECT_THAT(Round(), ElementsAre(kReckoned));  // see referral_outcome_deadlines_test.cc
}

TEST_F(OverdueTest, WhatACoordinatorHasOnlySeenComesBackUntilSomebodyAccepts) {
  Register("CCAS", inbox_.address());
  const std::string referral = CreateReceived();
  MoveTo("2020-04-02 18:00");
  Round();
  MoveTo("2020-04-06 18:00");
  EXPECT_THAT(Round(), ElementsAre(kCoordinatorTold));
  const std::string told = History(referral);
  const std::string updates = Value("SELECT count(*) FROM outbox");

  // Nobody has looked yet: nothing new, and nothing is told to anybody.
  MoveTo("2020-04-08 18:00");
  EXPECT_THAT(Round(), ElementsAre(kStillWaits));
  EXPECT_THAT(Round(), IsEmpty());
  EXPECT_EQ(DeadlineOf(referral), "2020-04-10 17:00");
  EXPECT_EQ(History(referral), told);
  EXPECT_EQ(Value("SELECT count(*) FROM outbox"), updates);

  const pb::WorklistItem item = ItemOf(referral, pb::WORKLIST_REASON_NOT_ACKNOWLEDGED);
  ASSERT_THAT(Decide(item.worklist_item_id(), pb::WORKLIST_DECISION_SEEN), IsOk());
  EXPECT_THAT(Worklist(), IsEmpty());
  MoveTo("2020-04-10 18:00");
  EXPECT_THAT(Round(), ElementsAre(kCoordinatorTold));
  EXPECT_THAT(OpenReasons(), ElementsAre(pb::WORKLIST_REASON_NOT_ACKNOWLEDGED));

  // Somebody new covers the commune: Easter Monday over, it is asked.
  const std::string late = Register("Voisins", "127.0.0.1:7009");
  MoveTo("2020-04-15 18:00");
  EXPECT_THAT(Round(), ElementsAre(kGivenToNext));
  EXPECT_EQ(Read(referral).assignments(1).partner_id(), late);
}

TEST_F(OverdueTest, AnEmergencyComesToTheCoordinatorAtItsFirstDeadlineBesides) {
  Register("A", inbox_.address());
  Register("B", "127.0.0.1:7009");
  MoveTo("2020-04-12 03:00");  // the night of Easter Sunday
  const std::string referral =
      CreateReceived([](auto& request) { request.set_urgency(common_pb::URGENCY_EMERGENCY); });
  EXPECT_THAT(OpenReasons(), ElementsAre(pb::WORKLIST_REASON_EMERGENCY));
  MoveTo("2020-04-12 03:14");
  EXPECT_THAT(Round(), IsEmpty());
  MoveTo("2020-04-12 03:16");
  EXPECT_THAT(Round(), ElementsAre(kReminded));
  EXPECT_THAT(OpenReasons(),
              ElementsAre(pb::WORKLIST_REASON_EMERGENCY, pb::WORKLIST_REASON_NOT_ACKNOWLEDGED));
  MoveTo("2020-04-12 03:32");
  EXPECT_THAT(Round(), ElementsAre(kGivenToNext));
  // B's machine is not there, and there is nobody else: in working hours again.
  MoveTo("2020-04-12 03:48");
  EXPECT_THAT(Round(), ElementsAre(kStillWaits));
  EXPECT_EQ(DeadlineOf(referral), "2020-04-14 15:00");
}

TEST_F(OverdueTest, WhoWasNeverToldIsNotRemindedButTheNextOneAsked) {
  const std::string address = [] { return FakeInbox().address(); }();  // nobody listens any more
  Register("A", address);
  const std::string next = Register("B", inbox_.address());
  const std::string referral = CreateOne();
  {
    const auto engine = StartEngine();
    ASSERT_TRUE(
        WaitUntil([&] { return Value("SELECT tries || ' ' || state FROM deliveries") == "1 1"; }));
  }
  MoveTo("2020-04-02 18:00");
  EXPECT_THAT(Round(), ElementsAre(kGivenToNext));
  EXPECT_EQ(Read(referral).assignments(1).partner_id(), next);
  // Its machine may have it all the same: it is told that it has it no more.
  EXPECT_EQ(
      Value("SELECT state || ' ' || is_withdrawal FROM deliveries WHERE assignment_fence = 1"),
      "1 true");
}

TEST_F(OverdueTest, APartnerWithoutSoftwareIsRemindedByHand) {
  Register("Voisins");
  const std::string referral = CreateOne();
  const std::string item =
      ItemOf(referral, pb::WORKLIST_REASON_TELEPHONE_PARTNER).worklist_item_id();
  ASSERT_THAT(Decide(item, pb::WORKLIST_DECISION_SEEN), IsOk());  // somebody has telephoned
  MoveTo("2020-04-02 18:00");
  EXPECT_THAT(Round(), ElementsAre(kReminded));
  EXPECT_THAT(OpenReasons(), ElementsAre(pb::WORKLIST_REASON_TELEPHONE_PARTNER));
  EXPECT_NE(Worklist()[0].worklist_item_id(), item);
}

TEST_F(OverdueTest, APartnerWithoutSoftwareThatNobodyTelephonedKeepsNoCaseFromTheNext) {
  Register("A");
  const std::string next = Register("B", inbox_.address());
  const std::string referral = CreateOne();
  MoveTo("2020-04-02 18:00");
  EXPECT_THAT(Round(), ElementsAre(kGivenToNext));
  EXPECT_EQ(Read(referral).assignments(1).partner_id(), next);
  EXPECT_THAT(Worklist(), IsEmpty());  // nobody is to be telephoned any more
  EXPECT_EQ(Value("SELECT decided_by FROM worklist_items"), "referral");
}

// Who took the call down and let the deadline pass is called again.
TEST_F(OverdueTest, WhoWasReachedByTelephoneIsCalledAgainThenTheSecondContactThenTheNext) {
  RegisterWithSecondContact("A", "");
  const std::string next = Register("B", inbox_.address());
  const std::string referral = CreateOne();
  pb::RecordPartnerAnswerRequest report;
  report.set_request_id(NewId());
  report.set_referral_id(referral);
  report.set_assignment_fence(1);
  report.set_answer(pb::PARTNER_ANSWER_KIND_RECEIVED);
  report.set_answered_by("Accueil");
  ASSERT_THAT(
      Call(referrals_, &pb::ReferralService::Stub::RecordPartnerAnswer, report, Coordinator()),
      IsOk());
  EXPECT_THAT(Worklist(), IsEmpty());
  MoveTo("2020-04-02 18:00");
  EXPECT_THAT(Round(), ElementsAre(kReminded));
  pb::WorklistItem item = ItemOf(referral, pb::WORKLIST_REASON_TELEPHONE_PARTNER);
  EXPECT_EQ(item.telephone(), "+33561000000");
  MoveTo("2020-04-06 18:00");
  EXPECT_THAT(Round(), ElementsAre(kSecondContact));
  item = ItemOf(referral, pb::WORKLIST_REASON_TELEPHONE_PARTNER);
  EXPECT_EQ(item.telephone(), "+33561000009");
  EXPECT_EQ(item.telephone_role(), "astreinte");
  EXPECT_EQ(DeadlineOf(referral), "2020-04-08 17:00");
  EXPECT_EQ(History(referral), "1/2 2/5 2/4 2/4");
  MoveTo("2020-04-08 18:00");
  EXPECT_THAT(Round(), ElementsAre(kGivenToNext));
  EXPECT_EQ(Read(referral).assignments(1).partner_id(), next);
  EXPECT_THAT(Worklist(), SizeIs(1));  // it is to be told that it has the case no more
  ItemOf(referral, pb::WORKLIST_REASON_WITHDRAWAL_NOT_TOLD);
  // Its yes comes too late, by telephone too.
  report.set_request_id(NewId());
  report.set_answer(pb::PARTNER_ANSWER_KIND_ACCEPTED);
  EXPECT_THAT(
      Call(referrals_, &pb::ReferralService::Stub::RecordPartnerAnswer, report, Coordinator()),
      ReasonIs(common_pb::ERROR_REASON_ASSIGNMENT_SUPERSEDED));
}

TEST_F(OverdueTest, ASecondContactIsTelephonedWhenAMachineAloneDoesNotHelp) {
  const std::string partner = RegisterWithSecondContact("A", inbox_.address());
  const std::string referral = CreateReceived();
  MoveTo("2020-04-02 18:00");
  EXPECT_THAT(Round(), ElementsAre(kReminded));
  EXPECT_THAT(Worklist(), IsEmpty());
  MoveTo("2020-04-06 18:00");
  EXPECT_THAT(Round(), ElementsAre(kSecondContact));
  EXPECT_EQ(ItemOf(referral, pb::WORKLIST_REASON_TELEPHONE_PARTNER).telephone(), "+33561000009");
  MoveTo("2020-04-08 18:00");
  EXPECT_THAT(Round(), ElementsAre(kCoordinatorTold));
  EXPECT_EQ(ItemOf(referral, pb::WORKLIST_REASON_NOT_ACKNOWLEDGED).telephone(), "+33561000009");
  EXPECT_THAT(Accept(partner, referral), IsOk());
  EXPECT_THAT(Worklist(), IsEmpty());
}

TEST_F(OverdueTest, ACaseThatDoesNotOpenComesToTheCoordinatorToo) {
  Register("A", inbox_.address());
  Register("B", "127.0.0.1:7009");
  const std::string referral = CreateReceived();
  test_database_.Query("UPDATE referrals SET need = '\\x07'");
  MoveTo("2020-04-02 18:00");
  EXPECT_THAT(Round(), ElementsAre(kReminded));
  MoveTo("2020-04-06 18:00");
  EXPECT_THAT(Round(), ElementsAre(kCoordinatorTold));
  EXPECT_EQ(Read(referral).assignments_size(), 1);
}

TEST_F(OverdueTest, ADeadlineThatAMoreUrgentFindingMadeSoonerCounts) {
  Register("CCAS", inbox_.address());
  pb::CreateReferralRequest request = Creation();
  ASSERT_THAT(Create(request), IsOk());
  request.set_request_id(NewId());
  request.set_finding_id(NewId());
  request.set_urgency(common_pb::URGENCY_PRIORITY);
  const auto raised = Create(request);
  ASSERT_THAT(raised, IsOk());
  EXPECT_EQ(DeadlineOf(raised->referral_id()), "2020-04-01 15:00");
  MoveTo("2020-04-01 15:01");
  EXPECT_EQ(List().size(), 1);
}

TEST_F(OverdueTest, CallTrackingIsToldOfEachStep) {
  Register("A", inbox_.address());
  Register("B", "127.0.0.1:7009");
  const std::string referral = CreateReceived();
  MoveTo("2020-04-02 18:00");
  Round();
  MoveTo("2020-04-06 18:00");
  Round();
  StartRelay();
  ASSERT_TRUE(WaitUntil([&] { return intake_.updates().size() == 4; }));
  std::vector<int64_t> versions;
  for (const auto& update : intake_.updates()) {
    versions.push_back(update.version());
    EXPECT_EQ(update.referral_id(), referral);
    EXPECT_FALSE(update.not_covered());
  }
  EXPECT_THAT(versions, ::testing::UnorderedElementsAre(1, 2, 3, 4));
}

}  // namespace
}  // namespace veille::referral
