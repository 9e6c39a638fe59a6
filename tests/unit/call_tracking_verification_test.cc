// How a household comes to be asked whether help came, and where that ends. Pure.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "call_tracking/domain/call_hours.h"
#include "call_tracking/domain/household.h"

namespace veille::call_tracking {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'584'436'800);  // Tuesday 17 March 2020, 10:20
constexpr absl::Duration kGrace = absl::Hours(2);

HouseholdStanding In(HouseholdState state) {
  HouseholdStanding standing;
  standing.state = state;
  standing.phone_hashes = {"a", "b"};
  standing.phone_hash = "a";
  standing.progress.attempts = {{Disposition::kNoAnswer, 4}, {Disposition::kCompleted, 1}};
  return standing;
}

class VerifyingTest : public ::testing::Test {
 protected:
  VerifyingTest() {
    campaign_.start_time = kNow - absl::Hours(24);
    campaign_.end_time = kNow + absl::Hours(24 * 56);
    campaign_.weekly.grace = kGrace;
  }
  // A household that was done, in the call that asks about so many outcomes.
  static HouseholdStanding Asked(int outcomes = 1) {
    HouseholdStanding standing = ToVerify(In(HouseholdState::kDone), outcomes, kGrace, kNow);
    standing.state = HouseholdState::kLeased;
    standing.next_attempt_time = std::nullopt;
    return standing;
  }
  // After a call in which `verified` of its outcomes were asked about.
  HouseholdStanding After(Disposition disposition, HouseholdStanding before, int verified = 0,
                          DecisionReason unhelped = DecisionReason::kNone) {
    before.to_verify -= verified;
    const AttemptEnd end{.disposition = disposition,
                         .phone_hash = before.phone_hash,
                         .callback_time = now_ + absl::Hours(2),
                         .findings = &findings_,
                         .agreements = &agreements_,
                         .volunteer = VolunteerId::Random(),
                         .call_time = now_,
                         .verified = verified,
                         .unhelped = unhelped};
    return Advance(std::move(before), end, campaign_, ZoneOf("Europe/Paris"), now_);
  }

  absl::Time now_ = kNow;
  CampaignDraft campaign_;
  const std::vector<Finding> findings_;
  const std::vector<Agreement> agreements_;
};

TEST_F(VerifyingTest, AHouseholdThatNobodyCallsAnyMoreWaitsForTheCallThatAsks) {
  HouseholdStanding exhausted = In(HouseholdState::kPending);
  exhausted.wait = WaitReason::kExhausted;
  for (const HouseholdStanding& idle : {In(HouseholdState::kDone), exhausted}) {
    const HouseholdStanding standing = ToVerify(idle, 1, kGrace, kNow);
    EXPECT_EQ(standing.state, HouseholdState::kPending);
    EXPECT_EQ(standing.wait, WaitReason::kVerification);
    EXPECT_EQ(standing.next_attempt_time, kNow + kGrace);
    EXPECT_EQ(standing.to_verify, 1);
    EXPECT_TRUE(standing.progress.attempts.empty());  // its tries are counted afresh
  }
}

TEST_F(VerifyingTest, OneThatIsCalledAnywayCarriesTheQuestion) {
  HouseholdStanding retry = In(HouseholdState::kPending);
  retry.wait = WaitReason::kRetry;
  retry.next_attempt_time = kNow + absl::Hours(1);
  HouseholdStanding weekly = In(HouseholdState::kFollowedUp);
  weekly.next_attempt_time = kNow + absl::Hours(100);
  for (const HouseholdStanding& before : {retry, weekly, In(HouseholdState::kLeased)}) {
    const HouseholdStanding standing = ToVerify(before, 2, kGrace, kNow);
    EXPECT_EQ(standing.state, before.state);
    EXPECT_EQ(standing.wait, before.wait);
    EXPECT_EQ(standing.next_attempt_time, before.next_attempt_time);
    EXPECT_EQ(standing.to_verify, 2);
  }
}

TEST_F(VerifyingTest, NobodyAsksAClosedHouseholdAndNobodyCanAskOneWithoutANumber) {
  EXPECT_EQ(ToVerify(In(HouseholdState::kClosed), 1, kGrace, kNow).to_verify, 0);
  HouseholdStanding mute = In(HouseholdState::kDone);
  mute.phone_hashes.clear();
  mute.phone_hash.clear();
  const HouseholdStanding standing = ToVerify(mute, 1, kGrace, kNow);
  EXPECT_EQ(standing.state, HouseholdState::kNeedsDecision);
  EXPECT_EQ(standing.settled, HouseholdState::kDone);
  EXPECT_EQ(standing.decision, DecisionReason::kNotVerified);
}

TEST_F(VerifyingTest, BehindADecisionItWaitsForItAndThenForTheCall) {
  const HouseholdStanding decided =
      Decided(In(HouseholdState::kDone), DecisionReason::kReferralEnded);
  const HouseholdStanding standing = ToVerify(decided, 1, kGrace, kNow);
  EXPECT_EQ(standing.state, HouseholdState::kNeedsDecision);
  EXPECT_EQ(standing.decision, DecisionReason::kReferralEnded);
  EXPECT_EQ(standing.settled, HouseholdState::kPending);
  const HouseholdStanding after = Decided(standing, DecisionReason::kNone);
  EXPECT_EQ(after.wait, WaitReason::kVerification);
}

TEST_F(VerifyingTest, AnAnswerEndsIt) {
  for (const Disposition end : {Disposition::kCompleted, Disposition::kAnsweredByProxy,
                                Disposition::kPartial, Disposition::kUnableToTalk}) {
    const HouseholdStanding standing = After(end, Asked(), 1);
    EXPECT_EQ(standing.state, HouseholdState::kDone);
    EXPECT_FALSE(standing.next_attempt_time.has_value());
  }
}

TEST_F(VerifyingTest, HelpThatDidNotComeWaitsForACoordinator) {
  const HouseholdStanding standing =
      After(Disposition::kCompleted, Asked(), 1, ReasonOf(Verification::kDidNotCome));
  EXPECT_EQ(standing.state, HouseholdState::kNeedsDecision);
  EXPECT_EQ(standing.decision, DecisionReason::kHelpDidNotCome);
  EXPECT_EQ(standing.settled, HouseholdState::kDone);
  EXPECT_EQ(ReasonOf(Verification::kUnknown), DecisionReason::kNotVerified);
  EXPECT_EQ(ReasonOf(Verification::kCame), DecisionReason::kNone);
}

TEST_F(VerifyingTest, WhatIsLeftIsAskedInAnotherCall) {
  const HouseholdStanding standing = After(Disposition::kCompleted, Asked(2), 1);
  EXPECT_EQ(standing.state, HouseholdState::kPending);
  EXPECT_EQ(standing.wait, WaitReason::kVerification);
  EXPECT_EQ(standing.to_verify, 1);
}

TEST_F(VerifyingTest, TriesUntilTheyAreUsedUpAndSaysSo) {
  campaign_.retry_rules.push_back(
      {static_cast<int>(Disposition::kNoAnswer), absl::Minutes(10), 2, true});
  HouseholdStanding standing = After(Disposition::kNoAnswer, Asked());
  EXPECT_EQ(standing.wait, WaitReason::kVerification);
  EXPECT_EQ(standing.next_attempt_time, kNow + absl::Minutes(10));
  EXPECT_EQ(standing.phone_hash, "b");
  standing.state = HouseholdState::kLeased;
  standing = After(Disposition::kNoAnswer, standing);
  EXPECT_EQ(standing.state, HouseholdState::kNeedsDecision);
  EXPECT_EQ(standing.settled, HouseholdState::kDone);
  EXPECT_EQ(standing.decision, DecisionReason::kNotVerified);
  EXPECT_EQ(standing.to_verify, 0);
}

TEST_F(VerifyingTest, IsNotSilentWhenNobodyWillAsk) {
  // A call to its end that did not ask, a refusal, the end of the campaign.
  EXPECT_EQ(After(Disposition::kCompleted, Asked()).decision, DecisionReason::kNotVerified);
  const HouseholdStanding refused = After(Disposition::kRefusedThisCall, Asked());
  EXPECT_EQ(refused.decision, DecisionReason::kNotVerified);
  EXPECT_EQ(refused.settled, HouseholdState::kDone);
  EXPECT_FALSE(refused.progress.refused);
  now_ = campaign_.end_time;
  HouseholdStanding first = In(HouseholdState::kLeased);
  first.to_verify = 1;
  EXPECT_EQ(After(Disposition::kCompleted, first).decision, DecisionReason::kNotVerified);
}

TEST_F(VerifyingTest, WhoObjectsMovedOrDiedIsNotAsked) {
  for (const Disposition end :
       {Disposition::kObjection, Disposition::kMoved, Disposition::kDeceased}) {
    const HouseholdStanding standing = After(end, Asked());
    EXPECT_EQ(standing.state, HouseholdState::kClosed);
    EXPECT_EQ(standing.decision, DecisionReason::kNone);
    EXPECT_EQ(standing.to_verify, 0);
  }
}

TEST_F(VerifyingTest, AnAppointmentIsKeptAndOneThatHasPassedIsAtOnce) {
  EXPECT_EQ(After(Disposition::kCallbackRequested, Asked()).wait, WaitReason::kAppointment);
  const HouseholdStanding before = Asked();
  const AttemptEnd end{.disposition = Disposition::kCallbackRequested,
                       .phone_hash = "a",
                       .callback_time = kNow - absl::Hours(3),
                       .findings = &findings_,
                       .agreements = &agreements_,
                       .volunteer = VolunteerId::Random(),
                       .call_time = kNow};
  const HouseholdStanding standing = Advance(before, end, campaign_, ZoneOf("Europe/Paris"), kNow);
  EXPECT_EQ(standing.next_attempt_time, kNow);
}

TEST_F(VerifyingTest, ALateAnswerSparesTheCall) {
  HouseholdStanding waiting = ToVerify(In(HouseholdState::kDone), 1, kGrace, kNow);
  waiting.to_verify = 0;  // the late call asked
  const AttemptEnd end{.disposition = Disposition::kCompleted,
                       .phone_hash = "",
                       .callback_time = std::nullopt,
                       .findings = &findings_,
                       .agreements = &agreements_,
                       .volunteer = VolunteerId::Random(),
                       .call_time = kNow,
                       .verified = 1,
                       .unhelped = DecisionReason::kHelpDidNotCome};
  const HouseholdStanding standing =
      WithLateRecord(waiting, end, campaign_, ZoneOf("Europe/Paris"), kNow);
  EXPECT_EQ(standing.decision, DecisionReason::kHelpDidNotCome);
  EXPECT_EQ(standing.settled, HouseholdState::kDone);
}

}  // namespace
}  // namespace veille::call_tracking
