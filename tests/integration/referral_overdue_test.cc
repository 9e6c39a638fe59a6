// What follows when nobody at the partner accepts in time: the steps, who wins when a person
// answers at that moment, and several clocks at once.

#include <gmock/gmock.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "common/async/sync_wait.h"
#include "integration/referral_fixture.h"
#include "referral/assignment/acknowledgement_clock.h"

namespace veille::referral {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using enum OverdueOutcome;
using testing::IsOk;
using testing::ReasonIs;
using testing::WaitUntil;

class OverdueTest : public ReferralFixture {
 protected:
  OverdueTest() { MoveTo("2020-04-01 08:00"); }  // a Wednesday

  // The time of the programme and of its database, in Paris.
  void MoveTo(const std::string& text) {
    absl::Time time;
    std::string error;
    ASSERT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M", text, paris_, &time, &error)) << error;
    clock_.Set(time);
    test_database_.MoveClock(time - absl::Now());
  }

  std::string DeadlineOf(const std::string& referral) {
    return absl::FormatTime(
        "%Y-%m-%d %H:%M",
        absl::FromUnixSeconds(Read(referral).acknowledge_deadline_time().seconds()), paris_);
  }

  std::vector<Overdue> List(int limit = 1000) {
    return *async::SyncWait(database_->Read(
        db::Within(absl::Seconds(5)), [&](db::ReadTx& tx) -> absl::StatusOr<std::vector<Overdue>> {
          return ListOverdue(tx, Overdue(), limit);
        }));
  }

  // `meanwhile` happens after the step and before its commit.
  OverdueOutcome Take(const Overdue& overdue, const std::function<void()>& meanwhile = [] {}) {
    const auto taken =
        async::SyncWait(database_->Write(db::Within(absl::Seconds(30), {overdue.landlord}),
                                         [&](db::WriteTx& tx) -> absl::StatusOr<OverdueOutcome> {
                                           auto outcome = TakeOverdueStep(tx, seal_, overdue);
                                           meanwhile();
                                           return outcome;
                                         }));
    EXPECT_THAT(taken, IsOk());
    return taken.value_or(kNothing);
  }

  // What one round of the clock does now.
  std::vector<OverdueOutcome> Round() {
    std::vector<OverdueOutcome> outcomes;
    for (const Overdue& overdue : List()) outcomes.push_back(Take(overdue));
    return outcomes;
  }

  bool BecomesReceived(const std::string& referral) {
    return WaitUntil([&] { return Read(referral).state() == common_pb::REFERRAL_STATE_RECEIVED; });
  }

  // A referral that its partner's machine has received.
  std::string CreateReceived(
      const std::function<void(pb::CreateReferralRequest&)>& change = nullptr) {
    const std::string referral = CreateOne(change);
    const auto engine = StartEngine();
    EXPECT_TRUE(BecomesReceived(referral));
    return referral;
  }

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

  std::string History(const std::string& referral) {
    return Value(
        "SELECT string_agg(state || '/' || actor, ' ' ORDER BY version) "
        "FROM referral_events WHERE referral_id = '" +
        referral + "'");
  }

  const absl::TimeZone paris_ = [] {
    absl::TimeZone zone;
    absl::LoadTimeZone("Europe/Paris", &zone);
    return zone;
  }();
  FakeInbox inbox_;
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
  EXPECT_THAT(Round(), IsEmpty());
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
  EXPECT_THAT(Round(), IsEmpty());
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
  EXPECT_THAT(OpenReasons(), ElementsAre(pb::WORKLIST_REASON_NOT_ACKNOWLEDGED));
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

// The acceptance has the row: the clock passes over it.
TEST_F(OverdueTest, AnAcceptanceThatIsFasterWins) {
  const std::string partner = Register("A", inbox_.address());
  Register("B", "127.0.0.1:7009");
  const std::string referral = CreateReceived();
  MoveTo("2020-04-02 18:00");
  const Overdue overdue = List().at(0);
  test_database_.Query("BEGIN");
  test_database_.Query("SELECT FROM referrals FOR UPDATE");
  EXPECT_EQ(Take(overdue), kNothing);
  test_database_.Query("COMMIT");
  ASSERT_THAT(Accept(partner, referral), IsOk());
  EXPECT_EQ(Take(overdue), kNothing);  // as it was listed before
  EXPECT_THAT(List(), IsEmpty());
  EXPECT_EQ(History(referral), "1/2 2/2 3/1");
  EXPECT_EQ(inbox_.notices().size(), 1);
}

// The clock has the row: the acceptance waits, and hears that the case is another's now.
TEST_F(OverdueTest, AnAcceptanceThatIsLaterIsTold) {
  const std::string partner = Register("A", inbox_.address());
  const std::string next = Register("B", "127.0.0.1:7009");
  const std::string referral = CreateReceived();
  MoveTo("2020-04-02 18:00");
  Round();
  MoveTo("2020-04-06 18:00");
  absl::StatusOr<partner_pb::AcceptReferralResponse> answer;
  std::thread person;
  const auto accept_and_wait = [&] {
    person = std::thread([&] { answer = Accept(partner, referral); });
    EXPECT_TRUE(WaitUntil([&] {
      return Value(
                 "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                 "AND wait_event_type = 'Lock'") == "1";
    }));
  };
  EXPECT_EQ(Take(List().at(0), accept_and_wait), kGivenToNext);
  person.join();
  EXPECT_THAT(answer, ReasonIs(common_pb::ERROR_REASON_ASSIGNMENT_SUPERSEDED));
  EXPECT_EQ(Read(referral).state(), common_pb::REFERRAL_STATE_REQUESTED);
  EXPECT_EQ(Read(referral).assignments(1).partner_id(), next);
}

// Many of both at once: each referral is accepted by the partner that has it, or is the other's.
TEST_F(OverdueTest, AcceptancesAndTheClockAtOnceNeverBothWin) {
  constexpr int kReferrals = 40;
  const std::string partner = Register("A", inbox_.address());
  Register("B", "127.0.0.1:7009");
  std::vector<std::string> referrals;
  for (int i = 0; i < kReferrals; ++i) referrals.push_back(CreateOne());
  // All were reminded already.
  test_database_.Query("UPDATE assignments SET overdue_step = 1");
  MoveTo("2020-04-02 18:00");
  std::vector<absl::StatusOr<partner_pb::AcceptReferralResponse>> answers(kReferrals);
  std::thread people([&] {
    for (int i = 0; i < kReferrals; ++i) {
      answers[static_cast<size_t>(i)] = Accept(partner, referrals[static_cast<size_t>(i)]);
    }
  });
  {
    AcknowledgementClock clock(*database_, seal_, {.interval = absl::Milliseconds(5)});
    people.join();
    EXPECT_TRUE(WaitUntil([&] { return List().empty(); }));
  }
  for (int i = 0; i < kReferrals; ++i) {
    const auto& answer = answers[static_cast<size_t>(i)];
    const pb::Referral read = Read(referrals[static_cast<size_t>(i)]);
    if (answer.ok()) {
      EXPECT_EQ(read.state(), common_pb::REFERRAL_STATE_ACCEPTED);
      EXPECT_EQ(read.assignments_size(), 1);
    } else {
      EXPECT_THAT(answer, ReasonIs(common_pb::ERROR_REASON_ASSIGNMENT_SUPERSEDED));
      EXPECT_EQ(read.state(), common_pb::REFERRAL_STATE_REQUESTED);
      EXPECT_EQ(read.assignments_size(), 2);
    }
  }
  EXPECT_EQ(Value("SELECT sum(open_referrals) FROM partner_loads"), absl::StrCat(kReferrals));
}

TEST_F(OverdueTest, AStepThatIsRunAgainOrComesLateChangesNothing) {
  const std::string first = Register("A", inbox_.address());
  Register("B", "127.0.0.1:7009");
  const std::string referral = CreateReceived();
  MoveTo("2020-04-02 18:00");
  const Overdue overdue = List().at(0);
  EXPECT_EQ(Take(overdue), kReminded);
  EXPECT_EQ(Take(overdue), kNothing);  // its COMMIT was not heard of
  ASSERT_THAT(Decline(first, referral), IsOk());
  MoveTo("2020-04-10 18:00");
  const std::string before = History(referral);
  EXPECT_EQ(Take(overdue), kNothing);  // the assignment has ended since
  EXPECT_EQ(History(referral), before);
  EXPECT_EQ(Value("SELECT sum(overdue_step) FROM assignments"), "1");
}

TEST_F(OverdueTest, SeveralClocksTakeEachStepOnceInSmallBatches) {
  constexpr int kReferrals = 500;
  Register("A", inbox_.address());
  for (int i = 0; i < kReferrals; ++i) CreateOne();
  test_database_.Query("UPDATE deliveries SET state = 3");
  MoveTo("2020-04-02 18:00");
  EXPECT_EQ(List(16).size(), 16);
  std::atomic<int> told = 0;
  {
    std::vector<std::unique_ptr<AcknowledgementClock>> clocks;
    for (int i = 0; i < 3; ++i) {
      clocks.push_back(std::make_unique<AcknowledgementClock>(
          *database_, seal_,
          AcknowledgementClockOptions{
              .interval = absl::Milliseconds(20), .batch = 16, .on_steps = [&] { ++told; }}));
    }
    ASSERT_TRUE(WaitUntil([&] { return List(1).empty(); }, absl::Minutes(1)));
  }
  const std::string all = absl::StrCat(kReferrals);
  EXPECT_EQ(Value("SELECT count(*) FROM assignments WHERE overdue_step = 1"), all);
  EXPECT_EQ(Value("SELECT count(*) FROM deliveries WHERE state = 1"), all);
  EXPECT_EQ(Value("SELECT count(*) FROM referral_events WHERE actor = 4"), all);
  EXPECT_EQ(Value("SELECT count(*) FROM referrals WHERE version = 2"), all);
  EXPECT_EQ(Value("SELECT count(*) FROM outbox"), absl::StrCat(2 * kReferrals));
  EXPECT_GE(told, kReferrals / 16);
  EXPECT_LE(told, kReferrals);
}

TEST_F(OverdueTest, OneThatCannotBeTakenOnHoldsUpNoOther) {
  Register("A", inbox_.address());
  const std::string broken = CreateOne();
  for (int i = 0; i < 5; ++i) CreateOne();
  test_database_.Query("UPDATE deliveries SET state = 3");
  test_database_.Query("UPDATE referrals SET version = 9223372036854775807 WHERE referral_id = '" +
                       broken + "'");
  MoveTo("2020-04-02 18:00");
  EXPECT_EQ(List().at(0).referral.ToString(), broken);
  AcknowledgementClock clock(*database_, seal_, {.interval = absl::Milliseconds(20), .batch = 1});
  ASSERT_TRUE(WaitUntil([&] { return List().size() == 1; }));
  EXPECT_EQ(List().at(0).referral.ToString(), broken);
  // It is not forgotten either.
  test_database_.Query("UPDATE referrals SET version = 1 WHERE referral_id = '" + broken + "'");
  EXPECT_TRUE(WaitUntil([&] { return List().empty(); }));
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
