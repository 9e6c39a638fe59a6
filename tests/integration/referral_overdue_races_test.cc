// Who wins when a person answers at the moment at which the deadline passes; several clocks at
// once, and a step that fails.

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "integration/referral_overdue_fixture.h"
#include "referral/assignment/acknowledgement_clock.h"

namespace veille::referral {
namespace {

using ::testing::IsEmpty;
using enum OverdueOutcome;
using testing::IsOk;
using testing::ReasonIs;
using testing::WaitUntil;

class OverdueRacesTest : public OverdueFixture {};

// The acceptance has the row: the clock passes over it.
TEST_F(OverdueRacesTest, AnAcceptanceThatIsFasterWins) {
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
  EXPECT_EQ(Take(overdue), kReckoned);  // as it was listed before
  EXPECT_THAT(List(), IsEmpty());
  EXPECT_EQ(History(referral), "1/2 2/2 3/1");
  EXPECT_EQ(inbox_.notices().size(), 1);
}

// The clock has the row: the acceptance waits, and hears that the case is another's now.
TEST_F(OverdueRacesTest, AnAcceptanceThatIsLaterIsTold) {
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
TEST_F(OverdueRacesTest, AcceptancesAndTheClockAtOnceNeverBothWin) {
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

TEST_F(OverdueRacesTest, AStepThatIsRunAgainOrComesLateChangesNothing) {
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

TEST_F(OverdueRacesTest, SeveralClocksTakeEachStepOnceInSmallBatches) {
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

TEST_F(OverdueRacesTest, OneThatCannotBeTakenOnHoldsUpNoOther) {
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

}  // namespace
}  // namespace veille::referral
