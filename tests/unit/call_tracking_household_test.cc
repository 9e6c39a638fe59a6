#include "call_tracking/domain/household.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "call_tracking/domain/call_hours.h"
#include "call_tracking/domain/names.h"

namespace veille::call_tracking {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::TimeZone kZone = ZoneOf("Europe/Paris");
const absl::Time kNow = absl::FromUnixSeconds(1'584'436'800);  // Tuesday 17 March 2020, 10:20
constexpr absl::Duration kWeek = absl::Hours(24 * 7);

HouseholdStanding Fresh() {
  HouseholdStanding standing;
  standing.state = HouseholdState::kLeased;
  standing.phone_hashes = {"a", "b", "c"};
  standing.phone_hash = "a";
  return standing;
}

class AdvanceTest : public ::testing::Test {
 protected:
  AdvanceTest() {
    campaign_.start_time = kNow - absl::Hours(24);
    campaign_.end_time = kNow + absl::Hours(24 * 56);
  }
  HouseholdStanding After(Disposition disposition, HouseholdStanding before = Fresh()) {
    const AttemptEnd end = EndOf(disposition, before.phone_hash);
    return Advance(std::move(before), end, campaign_, kZone, now_);
  }
  HouseholdStanding AfterLate(Disposition disposition, HouseholdStanding before) {
    findings_ = FoundLate(findings_);
    return WithLateRecord(std::move(before), EndOf(disposition, ""), campaign_, kZone, now_);
  }
  AttemptEnd EndOf(Disposition disposition, const std::string& phone) const {
    return {.disposition = disposition,
            .phone_hash = phone,
            .callback_time = now_ + absl::Hours(2),
            .findings = &findings_,
            .agreements = &agreements_,
            .volunteer = volunteer_,
            .volunteer_stands_in = stands_in_,
            .call_time = now_};
  }
  void AddRule(Disposition disposition, absl::Duration delay, int maximum, bool next_phone) {
    campaign_.retry_rules.push_back({static_cast<int>(disposition), delay, maximum, next_phone});
  }
  void AddFinding(FindingKind kind, DecisionReason decision) {
    Finding finding;
    finding.tenant = tenant_;
    finding.kind = kind;
    finding.decision = decision;
    findings_.push_back(finding);
  }
  void SayOfWeeklyCalls(ids::TenantId tenant, bool agreed) {
    Agreement& said = agreements_.emplace_back();
    said.tenant = tenant;
    said.kind = AgreementKind::kWeeklyCall;
    said.agreed = agreed;
  }
  // The tenant is lonely, and says whether somebody may call every week.
  void AnswerWeekly(bool agreed) {
    AddFinding(FindingKind::kWeeklyCall,
               agreed ? DecisionReason::kNone : DecisionReason::kNotAgreed);
    SayOfWeeklyCalls(tenant_, agreed);
  }
  // A household whose weekly call was agreed to at kNow, a Tuesday at 10:20 in Paris; later calls
  // say nothing.
  HouseholdStanding FollowedUp() {
    AnswerWeekly(true);
    HouseholdStanding standing = After(Disposition::kCompleted);
    findings_.clear();
    agreements_.clear();
    return standing;
  }
  // The same when somebody has leased it for its call, so long after the first.
  HouseholdStanding LeasedWeekly(absl::Duration later) {
    now_ = kNow;
    HouseholdStanding standing = FollowedUp();
    now_ = kNow + later;
    standing.state = HouseholdState::kLeased;
    standing.next_attempt_time = std::nullopt;
    return standing;
  }

  const ids::TenantId tenant_ = ids::TenantId::Random();
  VolunteerId volunteer_ = VolunteerId::Random();
  bool stands_in_ = false;
  absl::Time now_ = kNow;
  CampaignDraft campaign_;
  std::vector<Finding> findings_;
  std::vector<Agreement> agreements_;
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
  const HouseholdStanding standing =
      Advance(Fresh(), EndOf(Disposition::kWrongNumber, ""), campaign_, kZone, kNow);
  EXPECT_THAT(standing.phone_hashes, ElementsAre("a", "b", "c"));
  EXPECT_EQ(standing.phone_hash, "b");
}

TEST_F(AdvanceTest, AnAppointmentKeepsItsTimeAndPhone) {
  const HouseholdStanding standing = After(Disposition::kCallbackRequested);
  EXPECT_EQ(standing.wait, WaitReason::kAppointment);
  EXPECT_EQ(standing.next_attempt_time, kNow + absl::Hours(2));
  EXPECT_EQ(standing.phone_hash, "a");
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
  for (const Disposition end :
       {Disposition::kCompleted, Disposition::kPartial, Disposition::kObjection}) {
    EXPECT_EQ(After(end).state, HouseholdState::kNeedsDecision);
    EXPECT_EQ(After(end).decision, DecisionReason::kNotAgreed);
  }
}

TEST_F(AdvanceTest, AfterTheDecisionItGoesOnFromWhereTheCallLeftIt) {
  AddFinding(FindingKind::kNeed, DecisionReason::kNotAgreed);
  const auto decided = [&](Disposition end) { return Decided(After(end), DecisionReason::kNone); };
  EXPECT_EQ(decided(Disposition::kCompleted).state, HouseholdState::kDone);
  EXPECT_EQ(decided(Disposition::kObjection).state, HouseholdState::kClosed);
  EXPECT_TRUE(decided(Disposition::kObjection).objection);
  const HouseholdStanding broken_off = decided(Disposition::kPartial);
  EXPECT_EQ(broken_off.state, HouseholdState::kPending);
  EXPECT_EQ(broken_off.wait, WaitReason::kRetry);
  EXPECT_EQ(broken_off.next_attempt_time, kNow + absl::Hours(4));
}

TEST_F(AdvanceTest, AnEmergencyIsTheCoordinatorsWhateverElseWasSaid) {
  EXPECT_EQ(After(Disposition::kEmergencyTransferred).decision, DecisionReason::kEmergency);
  AddFinding(FindingKind::kNeed, DecisionReason::kNotAgreed);
  AddFinding(FindingKind::kNeed, DecisionReason::kEmergency);
  EXPECT_EQ(After(Disposition::kObjection).state, HouseholdState::kNeedsDecision);
  EXPECT_EQ(After(Disposition::kCompleted).decision, DecisionReason::kEmergency);
}

TEST_F(AdvanceTest, ADecisionThatCameDuringTheCallSurvivesIt) {
  HouseholdStanding leased = Fresh();
  leased.decision = DecisionReason::kNotCovered;
  for (const Disposition end :
       {Disposition::kCompleted, Disposition::kNoAnswer, Disposition::kMoved}) {
    EXPECT_EQ(After(end, leased).state, HouseholdState::kNeedsDecision) << NameOf(end);
    EXPECT_EQ(After(end, leased).decision, DecisionReason::kNotCovered) << NameOf(end);
  }
  EXPECT_EQ(After(Disposition::kNoAnswer, leased).settled, HouseholdState::kPending);
  AddFinding(FindingKind::kNeed, DecisionReason::kEmergency);
  EXPECT_EQ(After(Disposition::kCompleted, leased).decision, DecisionReason::kEmergency);
  // Somebody who recorded after the lease ran out, and the household waits for a decision already.
  leased.state = HouseholdState::kPending;
  const HouseholdStanding waits = Decided(leased, DecisionReason::kReferralEnded);
  findings_.clear();
  EXPECT_EQ(After(Disposition::kCompleted, waits).decision, DecisionReason::kReferralEnded);
  EXPECT_EQ(After(Disposition::kCompleted, waits).settled, HouseholdState::kDone);
}

TEST_F(AdvanceTest, AHouseholdClosedMeanwhileStaysClosed) {
  HouseholdStanding closed = Fresh();
  closed.state = HouseholdState::kClosed;
  HouseholdStanding standing = After(Disposition::kNoAnswer, closed);
  EXPECT_EQ(standing.state, HouseholdState::kClosed);
  EXPECT_EQ(standing.attempts, 1);
  EXPECT_FALSE(standing.next_attempt_time.has_value());
  // But an emergency that was found in the call is not hidden by that.
  AddFinding(FindingKind::kNeed, DecisionReason::kEmergency);
  standing = After(Disposition::kPartial, closed);
  EXPECT_EQ(standing.state, HouseholdState::kNeedsDecision);
  EXPECT_EQ(standing.decision, DecisionReason::kEmergency);
  EXPECT_EQ(Decided(standing, DecisionReason::kNone).state, HouseholdState::kClosed);
}

TEST_F(AdvanceTest, ALateRecordLeavesTheCallToWhoHoldsTheHousehold) {
  HouseholdStanding standing = AfterLate(Disposition::kCompleted, Fresh());
  EXPECT_EQ(standing.state, HouseholdState::kLeased);
  EXPECT_EQ(standing.attempts, 0);
  EXPECT_EQ(standing.decision, DecisionReason::kNone);
  AddFinding(FindingKind::kAllWell, DecisionReason::kNone);
  EXPECT_EQ(AfterLate(Disposition::kCompleted, Fresh()).decision, DecisionReason::kNone);

  AddFinding(FindingKind::kNeed, DecisionReason::kNone);
  standing = AfterLate(Disposition::kCompleted, Fresh());
  EXPECT_EQ(standing.state, HouseholdState::kLeased);
  EXPECT_EQ(standing.decision, DecisionReason::kLateRecord);
  findings_.clear();
  standing = After(Disposition::kCompleted, standing);
  EXPECT_EQ(standing.state, HouseholdState::kNeedsDecision);
  EXPECT_EQ(standing.decision, DecisionReason::kLateRecord);
  EXPECT_EQ(standing.settled, HouseholdState::kDone);
}

TEST_F(AdvanceTest, ALateRecordOfAnEmergencyOrOfAnEndWaitsForTheCoordinator) {
  HouseholdStanding done = Fresh();
  done.state = HouseholdState::kDone;
  EXPECT_EQ(AfterLate(Disposition::kObjection, done).decision, DecisionReason::kLateRecord);
  EXPECT_EQ(AfterLate(Disposition::kObjection, done).state, HouseholdState::kNeedsDecision);
  EXPECT_EQ(AfterLate(Disposition::kEmergencyTransferred, done).decision,
            DecisionReason::kEmergency);
  AddFinding(FindingKind::kNeed, DecisionReason::kEmergency);
  EXPECT_EQ(AfterLate(Disposition::kPartial, done).decision, DecisionReason::kEmergency);
}

TEST_F(AdvanceTest, AWeeklyCallAgreedToInALateRecordIsNotLost) {
  AnswerWeekly(true);
  HouseholdStanding standing = AfterLate(Disposition::kCompleted, Fresh());
  EXPECT_EQ(standing.state, HouseholdState::kLeased);
  findings_.clear();
  agreements_.clear();
  EXPECT_EQ(After(Disposition::kCompleted, standing).settled, HouseholdState::kFollowedUp);

  AnswerWeekly(true);
  HouseholdStanding done = Fresh();
  done.state = HouseholdState::kDone;
  done = AfterLate(Disposition::kCompleted, done);
  EXPECT_EQ(done.settled, HouseholdState::kFollowedUp);
  EXPECT_EQ(done.next_attempt_time, kNow + kWeek);
}

TEST_F(AdvanceTest, AWeeklyCallComesOnTheSameWeekdayAtTheSameTime) {
  const HouseholdStanding standing = FollowedUp();
  EXPECT_EQ(standing.state, HouseholdState::kFollowedUp);
  EXPECT_EQ(standing.wait, WaitReason::kWeekly);
  EXPECT_EQ(standing.weekly, (WeeklyCall{volunteer_, kNow}));
  EXPECT_EQ(standing.next_attempt_time, kNow + kWeek);
  EXPECT_EQ(standing.kept_until, kNow + kWeek + absl::Hours(2));
  // Made an hour late: the next one comes at the old time of day, which the clocks keep.
  const HouseholdStanding again =
      After(Disposition::kCompleted, LeasedWeekly(kWeek + absl::Hours(1)));
  EXPECT_EQ(again.next_attempt_time, kNow + 2 * kWeek - absl::Hours(1));  // summer time
  EXPECT_EQ(again.weekly, standing.weekly);
}

TEST_F(AdvanceTest, AnEarlyOrLateCallIsThatWeeksAndMissedWeeksDoNotPileUp) {
  // By somebody else, one day before the next slot: that slot is not called again.
  EXPECT_EQ(
      After(Disposition::kCompleted, LeasedWeekly(2 * kWeek - absl::Hours(25))).next_attempt_time,
      kNow + 3 * kWeek - absl::Hours(1));
  EXPECT_EQ(After(Disposition::kCompleted, LeasedWeekly(5 * kWeek)).next_attempt_time,
            kNow + 6 * kWeek - absl::Hours(1));
}

TEST_F(AdvanceTest, AWeeklyCallThatReachesNobodyIsRetriedThenWaitsForTheNextWeek) {
  AddRule(Disposition::kNoAnswer, absl::Hours(3), 2, false);
  HouseholdStanding standing = After(Disposition::kNoAnswer, LeasedWeekly(kWeek));
  EXPECT_EQ(standing.state, HouseholdState::kPending);
  EXPECT_EQ(standing.wait, WaitReason::kRetry);
  EXPECT_EQ(standing.next_attempt_time, now_ + absl::Hours(3));
  EXPECT_EQ(standing.kept_until, kNow + kWeek + absl::Hours(2));  // still that call
  standing = After(Disposition::kNoAnswer, standing);
  EXPECT_EQ(standing.state, HouseholdState::kFollowedUp);
  EXPECT_EQ(standing.next_attempt_time, kNow + 2 * kWeek - absl::Hours(1));
  // The next week begins to count anew.
  EXPECT_THAT(standing.progress.attempts, IsEmpty());
}

TEST_F(AdvanceTest, ARetryDoesNotReachBeyondTheNextWeeklyCall) {
  AddRule(Disposition::kNoAnswer, absl::Hours(24 * 8), 9, false);
  EXPECT_EQ(After(Disposition::kNoAnswer, LeasedWeekly(kWeek)).state, HouseholdState::kFollowedUp);
}

TEST_F(AdvanceTest, RefusingOneWeeklyCallOrBeingInHospitalDoesNotEndThem) {
  for (const Disposition end : {Disposition::kRefusedThisCall, Disposition::kHospitalised}) {
    const HouseholdStanding standing = After(end, LeasedWeekly(kWeek));
    EXPECT_EQ(standing.state, HouseholdState::kFollowedUp);
    EXPECT_FALSE(standing.progress.refused);
  }
}

TEST_F(AdvanceTest, WeeklyCallsEndWhenTheyAreTakenBackOrTheHouseholdCloses) {
  HouseholdStanding standing = LeasedWeekly(kWeek);
  SayOfWeeklyCalls(tenant_, false);
  const HouseholdStanding ended = After(Disposition::kCompleted, standing);
  EXPECT_EQ(ended.state, HouseholdState::kDone);
  EXPECT_FALSE(ended.weekly.has_value());
  EXPECT_FALSE(ended.kept_until.has_value());
  // Somebody else of the household says no to a question of their own: the tenant's go on.
  agreements_[0].tenant = ids::TenantId::Random();
  EXPECT_EQ(After(Disposition::kCompleted, standing).state, HouseholdState::kFollowedUp);
  agreements_.clear();
  EXPECT_FALSE(After(Disposition::kObjection, standing).weekly.has_value());
  EXPECT_FALSE(After(Disposition::kDeceased, standing).weekly.has_value());
}

TEST_F(AdvanceTest, AWeeklyCallStaysItsVolunteersUntilTheyLeave) {
  const HouseholdStanding leased = LeasedWeekly(kWeek);
  const VolunteerId own = volunteer_;
  volunteer_ = VolunteerId::Random();  // who helped out once
  EXPECT_EQ(After(Disposition::kCompleted, leased).weekly->volunteer, own);
  stands_in_ = true;
  EXPECT_EQ(After(Disposition::kNoAnswer, leased).weekly->volunteer, own);
  EXPECT_EQ(After(Disposition::kCompleted, leased).weekly->volunteer, volunteer_);
}

TEST_F(AdvanceTest, AWeeklyCallAgreedToInACallThatBrokeOffIsKept) {
  AnswerWeekly(true);
  HouseholdStanding standing = After(Disposition::kPartial);
  EXPECT_EQ(standing.state, HouseholdState::kPending);
  EXPECT_FALSE(standing.kept_until.has_value());  // the retry is anybody's
  findings_.clear();
  agreements_.clear();
  EXPECT_EQ(After(Disposition::kCompleted, standing).state, HouseholdState::kFollowedUp);
  // Nobody answers any more: instead of being exhausted it is called in a week.
  for (int i = 0; i < 5; ++i) standing = After(Disposition::kNoAnswer, standing);
  EXPECT_EQ(standing.state, HouseholdState::kFollowedUp);
}

TEST_F(AdvanceTest, WhoAgreesToAWeeklyCallGetsOneWhateverTheRulesFound) {
  SayOfWeeklyCalls(tenant_, true);
  EXPECT_EQ(After(Disposition::kCompleted).state, HouseholdState::kFollowedUp);
}

TEST_F(AdvanceTest, ALonelyTenantNeedNotAgreeAgainEveryWeek) {
  const HouseholdStanding standing = FollowedUp();
  AddFinding(FindingKind::kWeeklyCall, DecisionReason::kNotAgreed);
  KeepAgreedWeeklyCalls(findings_, agreements_, standing.progress);
  EXPECT_EQ(findings_[0].decision, DecisionReason::kNone);
  findings_.clear();
  AnswerWeekly(false);
  KeepAgreedWeeklyCalls(findings_, agreements_, standing.progress);
  EXPECT_EQ(findings_[0].decision, DecisionReason::kNotAgreed);
  KeepAgreedWeeklyCalls(findings_, {}, Progress());  // never agreed
  EXPECT_EQ(findings_[0].decision, DecisionReason::kNotAgreed);
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
  progress.reached = progress.completed = true;
  progress.weekly = {ids::TenantId::Random(), ids::TenantId::Random()};
  EXPECT_EQ(DecodeProgress(Encode(progress)), progress);
  EXPECT_EQ(DecodeProgress("r x"), std::nullopt);
  EXPECT_EQ(DecodeProgress("r w:x"), std::nullopt);
  EXPECT_THAT(DecodeProgress("rcw 1:1")->weekly, ElementsAre(ids::TenantId()));
}

}  // namespace
}  // namespace veille::call_tracking
