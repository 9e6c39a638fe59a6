// What the operator watches, against what ExplainHousehold says of each household.

#include "call_tracking/census.h"

#include <array>

#include "call_tracking/store/operator_figures.h"
#include "common/async/sync_wait.h"
#include "integration/call_tracking_fixture.h"

namespace veille::call_tracking {
namespace {

using ::veille::testing::IsOk;
using Buckets = std::array<int64_t, Census::kBuckets>;

class CensusTest : public CallTrackingFixture {
 protected:
  // Runs `read` in a transaction, as the gathering of figures does.
  template <typename Read>
  auto In(Read read) {
    return async::SyncWait(database_->Read(db::Within(absl::Seconds(10)), read));
  }
  void GoOn(Census& census) {
    const absl::Status went =
        In([&](db::ReadTx& tx) -> absl::Status { return census.GoOn(tx, clock_.Now()); });
    ASSERT_THAT(went, IsOk());
  }
  // One whole count.
  Buckets Counted(CensusOptions options) {
    Census census(options);
    for (int steps = 0; steps < 1000 && !census.finished().has_value(); ++steps) GoOn(census);
    EXPECT_TRUE(census.finished().has_value());
    return census.finished().value_or(Census::Count()).households;
  }
  // The same, asked household by household.
  Buckets Explained(const std::string& campaign, const std::vector<std::string>& households) {
    Buckets buckets{};
    for (const std::string& household : households) {
      const auto explained = Explain(campaign, household);
      EXPECT_THAT(explained, IsOk());
      if (explained.ok()) ++buckets[static_cast<size_t>(explained->bucket())];
    }
    return buckets;
  }
  std::vector<WaitingDecisions> Decisions() {
    return *In([](db::ReadTx& tx) -> absl::StatusOr<std::vector<WaitingDecisions>> {
      return CountDecisions(tx);
    });
  }
  int64_t Leases() {
    return *In([](db::ReadTx& tx) -> absl::StatusOr<int64_t> { return CountLiveLeases(tx); });
  }
};

TEST_F(CensusTest, AgreesWithExplainHousehold) {
  std::vector<std::string> households;
  for (int i = 0; i < 24; ++i) households.push_back(registry_.Add().id);
  RegisteredHousehold twin = registry_.Add();
  households.push_back(twin.id);
  twin.id = NewId();  // of the same phone
  twin.subjects = {NewId()};
  registry_.Add(twin);
  households.push_back(twin.id);
  households.push_back(registry_.AddLeftOut(registry_pb::LEFT_OUT_REASON_UNDER_AGE).id);
  households.push_back(registry_.AddLeftOut(registry_pb::LEFT_OUT_REASON_OBJECTION).id);
  const std::string campaign = RunCampaign();
  // One of each, or more.
  const std::vector<std::string> standings = {
      "state = 'CLOSED'",
      "state = 'CLOSED', objection = true",
      "state = 'NEEDS_DECISION', decision_reason = 'NOT_AGREED'",
      "state = 'DONE'",
      "state = 'FOLLOWED_UP', next_attempt_time = NULL",
      "state = 'FOLLOWED_UP', next_attempt_time = now() + interval '1 day'",
      "wait_reason = 'EXHAUSTED', next_attempt_time = NULL",
      "wait_reason = 'NO_NUMBER_LEFT', phone_hash = NULL, next_attempt_time = NULL",
      "wait_reason = 'APPOINTMENT', next_attempt_time = now() + interval '1 hour'",
      "wait_reason = 'RETRY', next_attempt_time = now() + interval '1 hour'",
      "wait_reason = 'WEEKLY', next_attempt_time = now() + interval '1 hour'",
      "wait_reason = 'RETRY', next_attempt_time = now() - interval '1 hour'"};
  for (size_t i = 0; i < standings.size(); ++i) {
    const std::string household = "household_id = '" + households[i] + "'";
    // Those with an appointment stay in the queue, and are due by it.
    if (i != 8) test_database_.Query("DELETE FROM call_queue WHERE " + household);
    test_database_.Query("UPDATE cohort_households SET " + standings[i] + " WHERE " + household);
  }
  Enrol();
  MustLease(campaign);

  const Buckets explained = Explained(campaign, households);
  EXPECT_GE(explained[static_cast<size_t>(CallabilityBucket::kLeased)], 1);
  EXPECT_GE(explained[static_cast<size_t>(CallabilityBucket::kDue)], 1);
  EXPECT_EQ(explained[static_cast<size_t>(CallabilityBucket::kLeftOut)], 2);
  EXPECT_EQ(explained[static_cast<size_t>(CallabilityBucket::kWeeklyCallWaiting)], 3);
  EXPECT_EQ(Counted({}), explained);
  EXPECT_EQ(Counted({.page = 7, .budget = absl::ZeroDuration()}), explained);
  EXPECT_EQ(Counted({.page = 1}), explained);
}

TEST_F(CensusTest, CountsAllRunningCampaignsTogether) {
  for (int i = 0; i < 5; ++i) registry_.Add();
  EXPECT_EQ(Counted({}), Buckets{});  // there is none
  RunCampaign();
  RunCampaign();
  CreateCampaign();
  Buckets expected{};
  expected[static_cast<size_t>(CallabilityBucket::kDue)] = 10;
  EXPECT_EQ(Counted({.page = 3}), expected);
  clock_.Advance(absl::Hours(24 * 57));
  expected = {};
  expected[static_cast<size_t>(CallabilityBucket::kCampaignNotRunning)] = 10;
  EXPECT_EQ(Counted({}), expected);
}

// Each step counts one page; the last count that was finished stands meanwhile.
TEST_F(CensusTest, GoesOnWhereItStood) {
  for (int i = 0; i < 6; ++i) registry_.Add();
  RunCampaign();
  Census census({.page = 2, .budget = absl::ZeroDuration()});
  for (int step = 0; step < 4; ++step) {
    GoOn(census);
    EXPECT_FALSE(census.finished().has_value()) << step;
  }
  const absl::Time begin = clock_.Now();
  GoOn(census);
  ASSERT_TRUE(census.finished().has_value());
  EXPECT_EQ(census.finished()->begin_time, begin);
  clock_.Advance(absl::Minutes(1));
  GoOn(census);
  EXPECT_EQ(census.finished()->begin_time, begin);
}

TEST_F(CensusTest, SeesWhoWaitsForADecision) {
  registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol();
  EXPECT_EQ(Leases(), 0);
  const pb::CallSheet sheet = MustLease(campaign);
  EXPECT_EQ(Leases(), 1);
  EXPECT_TRUE(Decisions().empty());
  ASSERT_THAT(Send(Saying(sheet, "meals")), IsOk());  // and nothing about sharing it
  EXPECT_EQ(Leases(), 0);
  ASSERT_EQ(Decisions().size(), 1U);
  EXPECT_EQ(Decisions()[0].reason, DecisionReason::kNotAgreed);
  EXPECT_EQ(Decisions()[0].households, 1);
  EXPECT_LT(Decisions()[0].oldest, absl::Minutes(10));
  test_database_.MoveClock(absl::Hours(5));
  EXPECT_GE(Decisions()[0].oldest, absl::Hours(5));
  EXPECT_LT(Decisions()[0].oldest, absl::Hours(6));
}

}  // namespace
}  // namespace veille::call_tracking
