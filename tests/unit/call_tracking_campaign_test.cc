// The steps of a campaign, and the bucket of a household: the first that holds.

#include <gtest/gtest.h>

#include "call_tracking/domain/callability.h"
#include "call_tracking/domain/campaign.h"

namespace veille::call_tracking {
namespace {

using State = CampaignState;
using Step = CampaignStep;
using Bucket = CallabilityBucket;

TEST(CampaignStepTest, EachStateAllowsItsSteps) {
  struct Row {
    State from;
    std::optional<State> open, pause, resume;
  };
  const Row rows[] = {
      {State::kDraft, State::kOpening, std::nullopt, std::nullopt},
      {State::kOpening, State::kOpening, std::nullopt, std::nullopt},
      {State::kRunning, State::kRunning, State::kPaused, State::kRunning},
      {State::kPaused, std::nullopt, State::kPaused, State::kRunning},
      {State::kClosed, std::nullopt, std::nullopt, std::nullopt},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(After(row.from, Step::kOpen), row.open) << static_cast<int>(row.from);
    EXPECT_EQ(After(row.from, Step::kPause), row.pause) << static_cast<int>(row.from);
    EXPECT_EQ(After(row.from, Step::kResume), row.resume) << static_cast<int>(row.from);
  }
}

class CallabilityTest : public ::testing::Test {
 protected:
  CallabilityTest() {
    campaign_.state = State::kRunning;
    campaign_.draft.start_time = now_ - absl::Hours(1);
    campaign_.draft.end_time = now_ + absl::Hours(1000);
    facts_.wait = WaitReason::kFirst;
    facts_.time_zone = "Europe/Paris";
  }
  Bucket Of() const { return Explain(campaign_, facts_, now_).bucket; }

  const absl::Time now_ = absl::FromUnixSeconds(1'600'000'000);
  Campaign campaign_;
  CallabilityFacts facts_;
};

// Everything holds at once; each is taken away in turn, and the next shows.
TEST_F(CallabilityTest, TheFirstThatHoldsIsTheBucket) {
  campaign_.state = State::kPaused;
  facts_.state = HouseholdState::kClosed;
  facts_.left_out = LeftOutReason::kObjection;
  facts_.lease = HoldingLease{};
  EXPECT_EQ(Of(), Bucket::kCampaignNotRunning);
  campaign_.state = State::kRunning;
  EXPECT_EQ(Of(), Bucket::kClosed);
  facts_.objection = true;  // closed by objection: that says more
  EXPECT_EQ(Of(), Bucket::kLeftOut);
  facts_.left_out = std::nullopt;
  EXPECT_EQ(Of(), Bucket::kObjection);
  facts_.objection = false;
  facts_.state = HouseholdState::kNeedsDecision;
  EXPECT_EQ(Of(), Bucket::kLeased);
  facts_.lease = std::nullopt;
  EXPECT_EQ(Of(), Bucket::kAwaitingDecision);
  facts_.state = HouseholdState::kDone;
  EXPECT_EQ(Of(), Bucket::kDone);
  facts_.state = HouseholdState::kPending;
  facts_.wait = WaitReason::kExhausted;
  facts_.has_phone = false;
  EXPECT_EQ(Of(), Bucket::kExhausted);
  facts_.wait = WaitReason::kAppointment;
  facts_.next_attempt_time = now_ + absl::Hours(1);
  EXPECT_EQ(Of(), Bucket::kNoNumberLeft);
  facts_.has_phone = true;
  EXPECT_EQ(Of(), Bucket::kAppointment);
  facts_.wait = WaitReason::kRetry;
  EXPECT_EQ(Of(), Bucket::kWaitingForRetry);
  facts_.wait = WaitReason::kWeekly;
  EXPECT_EQ(Of(), Bucket::kWeeklyCallWaiting);
  facts_.next_attempt_time = now_;
  // Now is a Sunday, 14:26 in Paris.
  campaign_.draft.call_hours = {{.weekday = 1, .start_minute = 540, .end_minute = 720}};
  EXPECT_EQ(Of(), Bucket::kOutsideCallHours);
  campaign_.draft.call_hours = {{.weekday = 7, .start_minute = 540, .end_minute = 1200}};
  EXPECT_EQ(Of(), Bucket::kDue);
}

TEST_F(CallabilityTest, SaysUntilWhen) {
  campaign_.draft.start_time = now_ + absl::Hours(3);
  EXPECT_EQ(Explain(campaign_, facts_, now_).until, now_ + absl::Hours(3));
  campaign_.draft.start_time = now_;
  facts_.wait = WaitReason::kRetry;
  facts_.next_attempt_time = now_ + absl::Minutes(5);
  EXPECT_EQ(Explain(campaign_, facts_, now_).until, now_ + absl::Minutes(5));
  facts_.is_due = true;  // the queue's clock is ahead of ours
  EXPECT_EQ(Of(), Bucket::kDue);
  facts_.lease = HoldingLease{.volunteer = {}, .expire_time = now_ + absl::Minutes(20)};
  EXPECT_EQ(Explain(campaign_, facts_, now_).until, now_ + absl::Minutes(20));
}

}  // namespace
}  // namespace veille::call_tracking
