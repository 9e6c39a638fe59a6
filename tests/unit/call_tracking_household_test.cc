#include "call_tracking/domain/household.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "call_tracking/domain/names.h"

namespace veille::call_tracking {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'584'436'800);

HouseholdStanding Fresh() {
  HouseholdStanding standing;
  standing.state = HouseholdState::kLeased;
  standing.phone_hashes = {"a", "b", "c"};
  standing.phone_hash = "a";
  return standing;
}

class AdvanceTest : public ::testing::Test {
 protected:
  HouseholdStanding After(Disposition disposition, HouseholdStanding before = Fresh()) {
    const AttemptEnd end = {disposition, before.phone_hash, kNow + absl::Hours(2), &findings_};
    return Advance(std::move(before), end, rules_, kNow);
  }
  void AddRule(Disposition disposition, absl::Duration delay, int maximum, bool next_phone) {
    rules_.push_back({static_cast<int>(disposition), delay, maximum, next_phone});
  }
  void AddFinding(FindingKind kind, DecisionReason decision) {
    Finding finding;
    finding.kind = kind;
    finding.decision = decision;
    findings_.push_back(finding);
  }

  std::vector<RetryRule> rules_;
  std::vector<Finding> findings_;
};

TEST_F(AdvanceTest, ACallToItsEndIsDone) {
  for (const Disposition end : {Disposition::kCompleted, Disposition::kAnsweredByProxy}) {
    const HouseholdStanding standing = After(end);
    EXPECT_EQ(standing.state, HouseholdState::kDone);
    EXPECT_EQ(standing.attempts, 1);
    EXPECT_TRUE(standing.progress.reached);
    EXPECT_FALSE(standing.next_attempt_time.has_value());
  }
}

TEST_F(AdvanceTest, AnAgreedWeeklyCallFollowsUpEvenWhenItWasFoundInAnEarlierCall) {
  AddFinding(FindingKind::kWeeklyCall, DecisionReason::kNone);
  EXPECT_EQ(After(Disposition::kCompleted).state, HouseholdState::kFollowedUp);
  const HouseholdStanding broken_off = After(Disposition::kPartial);
  EXPECT_EQ(broken_off.state, HouseholdState::kPending);
  findings_.clear();
  EXPECT_EQ(After(Disposition::kCompleted, broken_off).state, HouseholdState::kFollowedUp);
}

TEST_F(AdvanceTest, WithoutARuleItWaitsFourHoursFiveTimesTheNextPhoneEachTime) {
  HouseholdStanding standing = Fresh();
  for (const char* next : {"b", "c", "a", "b"}) {
    standing = After(Disposition::kNoAnswer, standing);
    EXPECT_EQ(standing.wait, WaitReason::kRetry);
    EXPECT_EQ(standing.next_attempt_time, kNow + absl::Hours(4));
    EXPECT_EQ(standing.phone_hash, next);
  }
  standing = After(Disposition::kNoAnswer, standing);
  EXPECT_EQ(standing.state, HouseholdState::kPending);
  EXPECT_EQ(standing.wait, WaitReason::kExhausted);
  EXPECT_FALSE(standing.next_attempt_time.has_value());
}

TEST_F(AdvanceTest, ARuleCountsItsOwnDispositionOnly) {
  AddRule(Disposition::kBusy, absl::Minutes(10), 2, false);
  HouseholdStanding standing = After(Disposition::kNoAnswer);
  standing = After(Disposition::kBusy, standing);
  EXPECT_EQ(standing.next_attempt_time, kNow + absl::Minutes(10));
  EXPECT_EQ(standing.phone_hash, "b");  // as it was: the rule keeps the phone
  standing = After(Disposition::kBusy, standing);
  EXPECT_EQ(standing.wait, WaitReason::kExhausted);
}

TEST_F(AdvanceTest, ANumberThatDoesNotWorkIsDialledNoMore) {
  HouseholdStanding standing = After(Disposition::kWrongNumber);
  EXPECT_THAT(standing.phone_hashes, ElementsAre("b", "c"));
  EXPECT_EQ(standing.phone_hash, "b");
  standing = After(Disposition::kOutOfService, standing);
  EXPECT_EQ(standing.phone_hash, "c");
  standing = After(Disposition::kOutOfService, standing);
  EXPECT_THAT(standing.phone_hashes, IsEmpty());
  EXPECT_EQ(standing.phone_hash, "");
  EXPECT_EQ(standing.state, HouseholdState::kPending);
  EXPECT_EQ(standing.wait, WaitReason::kNoNumberLeft);
  EXPECT_FALSE(standing.progress.reached);
}

TEST_F(AdvanceTest, APhoneThatTheCampaignDoesNotKnowIsNotTakenAway) {
  const AttemptEnd end = {Disposition::kWrongNumber, "", std::nullopt, &findings_};
  const HouseholdStanding standing = Advance(Fresh(), end, {}, kNow);
  EXPECT_THAT(standing.phone_hashes, ElementsAre("a", "b", "c"));
  EXPECT_EQ(standing.phone_hash, "b");
}

TEST_F(AdvanceTest, AnAppointmentKeepsItsTimeAndPhone) {
  const HouseholdStanding standing = After(Disposition::kCallbackRequested);
  EXPECT_EQ(standing.wait, WaitReason::kAppointment);
  EXPECT_EQ(standing.next_attempt_time, kNow + absl::Hours(2));
  EXPECT_EQ(standing.phone_hash, "a");
  EXPECT_LT(PriorityOf(WaitReason::kAppointment), PriorityOf(WaitReason::kFirst));
  EXPECT_LT(PriorityOf(WaitReason::kFirst), PriorityOf(WaitReason::kRetry));
}

TEST_F(AdvanceTest, ObjectionMoveAndDeathCloseTheHousehold) {
  EXPECT_TRUE(After(Disposition::kObjection).objection);
  EXPECT_TRUE(After(Disposition::kObjection).progress.refused);
  for (const Disposition end :
       {Disposition::kObjection, Disposition::kMoved, Disposition::kDeceased}) {
    EXPECT_EQ(After(end).state, HouseholdState::kClosed);
  }
}

TEST_F(AdvanceTest, ARefusalAndAStayInHospitalAreTriedAgainOnlyByARule) {
  EXPECT_EQ(After(Disposition::kRefusedThisCall).state, HouseholdState::kClosed);
  EXPECT_TRUE(After(Disposition::kRefusedThisCall).progress.refused);
  EXPECT_EQ(After(Disposition::kHospitalised).state, HouseholdState::kDone);
  AddRule(Disposition::kRefusedThisCall, absl::Hours(48), 2, false);
  AddRule(Disposition::kHospitalised, absl::Hours(72), 2, false);
  EXPECT_EQ(After(Disposition::kRefusedThisCall).next_attempt_time, kNow + absl::Hours(48));
  EXPECT_FALSE(After(Disposition::kRefusedThisCall).progress.refused);
  EXPECT_EQ(After(Disposition::kHospitalised).next_attempt_time, kNow + absl::Hours(72));
}

TEST_F(AdvanceTest, WhatWasNotAgreedToWaitsForTheCoordinator) {
  AddFinding(FindingKind::kNeed, DecisionReason::kNotAgreed);
  for (const Disposition end : {Disposition::kCompleted, Disposition::kPartial}) {
    EXPECT_EQ(After(end).state, HouseholdState::kNeedsDecision);
    EXPECT_EQ(After(end).decision, DecisionReason::kNotAgreed);
  }
  EXPECT_EQ(After(Disposition::kObjection).state, HouseholdState::kClosed);
}

TEST_F(AdvanceTest, AnEmergencyIsTheCoordinatorsWhateverElseWasSaid) {
  EXPECT_EQ(After(Disposition::kEmergencyTransferred).decision, DecisionReason::kEmergency);
  AddFinding(FindingKind::kNeed, DecisionReason::kNotAgreed);
  AddFinding(FindingKind::kNeed, DecisionReason::kEmergency);
  EXPECT_EQ(After(Disposition::kObjection).state, HouseholdState::kNeedsDecision);
  EXPECT_EQ(After(Disposition::kCompleted).decision, DecisionReason::kEmergency);
}

TEST_F(AdvanceTest, AHouseholdClosedMeanwhileStaysClosed) {
  HouseholdStanding closed = Fresh();
  closed.state = HouseholdState::kClosed;
  const HouseholdStanding standing = After(Disposition::kNoAnswer, closed);
  EXPECT_EQ(standing.state, HouseholdState::kClosed);
  EXPECT_EQ(standing.attempts, 1);
  EXPECT_FALSE(standing.next_attempt_time.has_value());
}

TEST_F(AdvanceTest, EveryDispositionLeadsSomewhereThatIsInOrder) {
  for (int value = 1; value <= 18; ++value) {
    const auto disposition = static_cast<Disposition>(value);
    const HouseholdStanding standing = After(disposition);
    const bool waits = standing.next_attempt_time.has_value();
    EXPECT_NE(standing.state, HouseholdState::kLeased) << NameOf(disposition);
    if (waits) {
      EXPECT_EQ(standing.state, HouseholdState::kPending) << NameOf(disposition);
    }
    EXPECT_EQ(standing.state == HouseholdState::kNeedsDecision,
              standing.decision != DecisionReason::kNone);
    EXPECT_EQ(FromName<Disposition>(NameOf(disposition)), disposition);
  }
}

TEST(Progress, ReadsWhatItWrote) {
  Progress progress;
  EXPECT_EQ(DecodeProgress(Encode(progress)), progress);
  progress.attempts = {{Disposition::kNoAnswer, 3}, {Disposition::kCompleted, 1}};
  progress.reached = progress.completed = progress.weekly = true;
  EXPECT_EQ(DecodeProgress(Encode(progress)), progress);
  EXPECT_EQ(DecodeProgress("r x"), std::nullopt);
}

}  // namespace
}  // namespace veille::call_tracking
