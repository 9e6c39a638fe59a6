// The steps of a campaign, and the bucket of a household: the first that holds.

#include <gtest/gtest.h>

#include <vector>

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

// Makes each bucket hold, whatever else holds.
class CallabilityPairsTest : public CallabilityTest {
 protected:
  using Arrange = void (CallabilityPairsTest::*)();

  void NotRunning() { campaign_.state = State::kPaused; }
  void Closed() {
    facts_.state = HouseholdState::kClosed;
    facts_.objection = false;  // closed by objection is told as that
  }
  void LeftOut() { facts_.left_out = LeftOutReason::kNoValidPhone; }
  void Objection() { facts_.objection = true; }
  void Leased() { facts_.lease = HoldingLease{.volunteer = {}, .expire_time = now_}; }
  void AwaitingDecision() { facts_.state = HouseholdState::kNeedsDecision; }
  void Done() { facts_.state = HouseholdState::kDone; }
  void Exhausted() { Wait(WaitReason::kExhausted); }
  void NoNumberLeft() { facts_.has_phone = false; }
  void Appointment() { WaitUntilLater(WaitReason::kAppointment); }
  void Retry() { WaitUntilLater(WaitReason::kRetry); }
  void Weekly() {
    WaitUntilLater(WaitReason::kWeekly);
    facts_.state = HouseholdState::kFollowedUp;
  }
  // Now is a Sunday, 14:26 in Paris.
  void OutsideCallHours() {
    campaign_.draft.call_hours = {{.weekday = 1, .start_minute = 540, .end_minute = 720}};
  }
  void Due() {}

  void Reset() {
    campaign_ = running_;
    facts_ = CallabilityFacts();
    facts_.wait = WaitReason::kFirst;
    facts_.time_zone = "Europe/Paris";
  }

  const std::vector<Arrange> in_order_ = {&CallabilityPairsTest::NotRunning,
                                          &CallabilityPairsTest::Closed,
                                          &CallabilityPairsTest::LeftOut,
                                          &CallabilityPairsTest::Objection,
                                          &CallabilityPairsTest::Leased,
                                          &CallabilityPairsTest::AwaitingDecision,
                                          &CallabilityPairsTest::Done,
                                          &CallabilityPairsTest::Exhausted,
                                          &CallabilityPairsTest::NoNumberLeft,
                                          &CallabilityPairsTest::Appointment,
                                          &CallabilityPairsTest::Retry,
                                          &CallabilityPairsTest::Weekly,
                                          &CallabilityPairsTest::OutsideCallHours,
                                          &CallabilityPairsTest::Due};

 private:
  void Wait(WaitReason reason) {
    facts_.state = HouseholdState::kPending;
    facts_.wait = reason;
  }
  void WaitUntilLater(WaitReason reason) {
    Wait(reason);
    facts_.next_attempt_time = now_ + absl::Hours(1);
  }

  const Campaign running_ = campaign_;
};

TEST_F(CallabilityPairsTest, OfAnyTwoThatHoldTheFirstInTheOrderIsTheBucket) {
  for (size_t i = 0; i < in_order_.size(); ++i) {
    for (size_t k = i; k < in_order_.size(); ++k) {
      Reset();
      (this->*in_order_[k])();  // of two that exclude each other the first is left
      (this->*in_order_[i])();
      EXPECT_EQ(static_cast<size_t>(Of()), i + 1) << "beside " << k + 1;
      EXPECT_FALSE(Sentence(Of()).empty());
    }
  }
}

TEST_F(CallabilityPairsTest, AWeeklyCallThatHasComeIsDueInTheCallHours) {
  Weekly();
  EXPECT_EQ(Explain(campaign_, facts_, now_).until, now_ + absl::Hours(1));
  facts_.next_attempt_time = now_;
  EXPECT_EQ(Of(), Bucket::kDue);
  OutsideCallHours();
  EXPECT_EQ(Of(), Bucket::kOutsideCallHours);
  facts_.next_attempt_time = std::nullopt;  // the campaign ends before it
  EXPECT_EQ(Of(), Bucket::kWeeklyCallWaiting);
  NoNumberLeft();
  EXPECT_EQ(Of(), Bucket::kNoNumberLeft);
}

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
