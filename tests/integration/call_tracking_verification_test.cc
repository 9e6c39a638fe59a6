// The call that asks the tenant whether the help came that a partner reports.

#include <gmock/gmock.h>

#include "integration/call_tracking_flagged_fixture.h"

namespace veille::call_tracking {
namespace {

using ::testing::IsEmpty;
using testing::IsOk;
using testing::ReasonIs;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using testing::WaitUntil;

const auto kNoCallDue = common_pb::ERROR_REASON_NO_CALL_DUE;

// vo-1 has flagged a household, which is done; vo-2 is there too.
class VerificationTest : public FlaggedFixture {
 protected:
  void SetUp() override {
    household_ = registry_.Add();
    campaign_ = Run();
    Enrol("vo-1");
    Enrol("vo-2");
    finding_ = Flag(campaign_).finding_id();
    ASSERT_EQ(State(), "DONE");
  }
  bool Complete(int version = 4) {
    return Applied(UpdateOf(campaign_, finding_, referral_id_, version));
  }
  std::string State() { return Value("SELECT state FROM cohort_households"); }
  std::string ToVerify() { return Value("SELECT to_verify FROM cohort_households"); }
  pb::ExplainHouseholdResponse Explained() {
    const auto explained = Explain(campaign_, household_.id);
    EXPECT_THAT(explained, IsOk());
    return explained.ok() ? *explained : pb::ExplainHouseholdResponse();
  }
  // A record that nothing was found in, and what the tenant said about the help.
  pb::RecordCallRequest Answering(const pb::CallSheet& sheet, pb::Verification came) const {
    pb::RecordCallRequest record = Record(sheet);
    record.clear_answers();
    for (const pb::OutcomeToVerify& outcome : sheet.outcomes_to_verify()) {
      pb::VerifiedOutcome& said = *record.add_verified_outcomes();
      said.set_referral_id(outcome.referral_id());
      said.set_came(came);
    }
    return record;
  }
  pb::RecordCallRequest Ending(const pb::CallSheet& sheet, pb::Disposition disposition) const {
    pb::RecordCallRequest record = Record(sheet);
    record.clear_answers();
    record.set_disposition(disposition);
    return record;
  }
  // A second finding of the household, of another need, with a referral of its own.
  void AddFinding(const std::string& id, const std::string& tenant) {
    test_database_.Query(
        "INSERT INTO findings (landlord_id, finding_id, campaign_id, household_id, attempt_id, "
        "tenant_id, kind, need, need_key, urgency, raised_by_volunteer, shared, sharing_basis, "
        "find_time, volunteer_id) SELECT landlord_id, '" +
        id + "', campaign_id, household_id, attempt_id, '" + tenant +
        "', kind, need, need_key, urgency, raised_by_volunteer, shared, sharing_basis, find_time, "
        "volunteer_id FROM findings LIMIT 1");
  }

  RegisteredHousehold household_;
  std::string campaign_;
  std::string finding_;
  const std::string referral_id_ = NewId();
};

TEST_F(VerificationTest, IsForTheVolunteerWhoFlaggedItThenForAnybody) {
  ASSERT_TRUE(Complete());
  const auto waiting = Explained();
  EXPECT_EQ(waiting.bucket(), pb::CALLABILITY_BUCKET_VERIFICATION_WAITING);
  EXPECT_EQ(waiting.until_time().seconds(), absl::ToUnixSeconds(start_ + kGrace));
  EXPECT_EQ(waiting.findings(0).verification(), pb::VERIFICATION_OPEN);
  EXPECT_THAT(Lease(campaign_, "vo-2"), ReasonIs(kNoCallDue));

  MoveTo(start_ + kGrace + absl::Minutes(1));
  WaitUntilDueForAll();
  EXPECT_EQ(Explained().bucket(), pb::CALLABILITY_BUCKET_DUE);
  const pb::CallSheet sheet = MustLease(campaign_, "vo-2");
  EXPECT_FALSE(sheet.lease().weekly_call());
  ASSERT_THAT(sheet.outcomes_to_verify(), SizeIs(1));
  EXPECT_EQ(sheet.outcomes_to_verify(0).referral_id(), referral_id_);
  EXPECT_EQ(sheet.outcomes_to_verify(0).tenant_id(), household_.subjects[0]);
  EXPECT_EQ(sheet.outcomes_to_verify(0).need(), common_pb::NEED_MEALS);
  EXPECT_EQ(sheet.outcomes_to_verify(0).outcome(), common_pb::REFERRAL_OUTCOME_HELPED);
  EXPECT_EQ(sheet.outcomes_to_verify(0).report_time().seconds(), absl::ToUnixSeconds(start_));
}

TEST_F(VerificationTest, AYesClosesTheLoop) {
  ASSERT_TRUE(Complete());
  const pb::CallSheet sheet = MustLease(campaign_, "vo-1");  // at once
  const auto recorded = Send(Answering(sheet, pb::VERIFICATION_CAME));
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_DONE);
  EXPECT_FALSE(recorded->has_next_attempt_time());
  const auto explained = Explained();
  EXPECT_EQ(explained.bucket(), pb::CALLABILITY_BUCKET_DONE);
  EXPECT_EQ(explained.findings(0).verification(), pb::VERIFICATION_CAME);
  EXPECT_EQ(ToVerify(), "0");
  const auto report = Report(campaign_);
  EXPECT_EQ(report.attempts(), 2);
  EXPECT_EQ(report.reached(), 1);
  EXPECT_EQ(report.completed(), 1);
  EXPECT_EQ(report.needs_decision(), 0);
}

TEST_F(VerificationTest, ANoAndADoNotKnowWaitForACoordinator) {
  ASSERT_TRUE(Complete());
  const auto recorded = Send(Answering(MustLease(campaign_), pb::VERIFICATION_DID_NOT_COME));
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_NEEDS_DECISION);
  const auto explained = Explained();
  EXPECT_EQ(explained.decision_reason(), pb::DECISION_REASON_HELP_DID_NOT_COME);
  EXPECT_EQ(explained.findings(0).decision_reason(), pb::DECISION_REASON_HELP_DID_NOT_COME);
  EXPECT_EQ(explained.findings(0).verification(), pb::VERIFICATION_DID_NOT_COME);

  // The partner's next word takes nothing from the coordinator.
  EXPECT_TRUE(Complete(5));
  EXPECT_EQ(Explained().decision_reason(), pb::DECISION_REASON_HELP_DID_NOT_COME);
  EXPECT_EQ(Report(campaign_).needs_decision(), 1);
}

TEST_F(VerificationTest, OneThatTheTenantCannotAnswer) {
  ASSERT_TRUE(Complete());
  ASSERT_THAT(Send(Answering(MustLease(campaign_), pb::VERIFICATION_UNKNOWN)), IsOk());
  EXPECT_EQ(Explained().decision_reason(), pb::DECISION_REASON_NOT_VERIFIED);
  EXPECT_EQ(Explained().findings(0).verification(), pb::VERIFICATION_UNKNOWN);
}

TEST_F(VerificationTest, IsBegunOncePerReferral) {
  const auto update = UpdateOf(campaign_, finding_, referral_id_, 4);
  EXPECT_TRUE(Applied(update));
  EXPECT_TRUE(Applied(update));  // the same again
  EXPECT_FALSE(Complete(4));
  EXPECT_FALSE(Applied(
      UpdateOf(campaign_, finding_, referral_id_, 3, common_pb::REFERRAL_STATE_IN_PROGRESS)));
  EXPECT_EQ(ToVerify(), "1");
  ASSERT_THAT(Send(Answering(MustLease(campaign_), pb::VERIFICATION_CAME)), IsOk());
  EXPECT_TRUE(Applied(update));
  EXPECT_TRUE(Complete(5));  // completed as before: the tenant has been asked
  EXPECT_EQ(State(), "DONE");
  EXPECT_EQ(Value("SELECT count(*) FROM call_queue"), "0");
}

TEST_F(VerificationTest, AnOlderVersionAfterTheLastBeginsNothing) {
  ASSERT_TRUE(
      Applied(UpdateOf(campaign_, finding_, referral_id_, 6, common_pb::REFERRAL_STATE_CANCELLED)));
  EXPECT_FALSE(Complete(5));
  EXPECT_EQ(ToVerify(), "0");
  EXPECT_EQ(Explained().decision_reason(), pb::DECISION_REASON_REFERRAL_ENDED);
}

TEST_F(VerificationTest, NobodyAnswersUntilTheAttemptsAreUsedUp) {
  ASSERT_TRUE(Complete());
  auto recorded = Send(Ending(MustLease(campaign_), pb::DISPOSITION_NO_ANSWER));
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_PENDING);
  EXPECT_EQ(recorded->next_attempt_time().seconds(),
            absl::ToUnixSeconds(start_ + absl::Minutes(10)));
  EXPECT_EQ(Explained().bucket(), pb::CALLABILITY_BUCKET_VERIFICATION_WAITING);

  MoveTo(start_ + absl::Minutes(11));
  WaitUntilDueForAll();
  const pb::CallSheet second = MustLease(campaign_, "vo-2");  // retries are everybody's
  EXPECT_THAT(second.outcomes_to_verify(), SizeIs(1));
  recorded = Send(Ending(second, pb::DISPOSITION_NO_ANSWER), "vo-2");
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_NEEDS_DECISION);
  EXPECT_EQ(Explained().decision_reason(), pb::DECISION_REASON_NOT_VERIFIED);
  EXPECT_EQ(Value("SELECT settled_state FROM cohort_households"), "DONE");
  EXPECT_EQ(Report(campaign_).not_reached(), 0);
}

TEST_F(VerificationTest, ACallThatDoesNotAskAndOneThatIsRefusedAreNotTheEnd) {
  ASSERT_TRUE(Complete());
  ASSERT_THAT(Send(Ending(MustLease(campaign_), pb::DISPOSITION_REFUSED_THIS_CALL)), IsOk());
  EXPECT_EQ(Explained().decision_reason(), pb::DECISION_REASON_NOT_VERIFIED);
  EXPECT_EQ(Value("SELECT settled_state FROM cohort_households"), "DONE");
  EXPECT_EQ(Report(campaign_).refused(), 0);
}

TEST_F(VerificationTest, IsAskedAfterTheCallThatIsBeingMade) {
  test_database_.Query(
      "UPDATE cohort_households SET state = 'PENDING', wait_reason = 'RETRY', "
      "next_attempt_time = veille_now(); INSERT INTO call_queue (landlord_id, "
      "campaign_id, household_id, time_zone, phone_hash, priority, due_time, "
      "is_due) SELECT landlord_id, campaign_id, household_id, time_zone, "
      "phone_hash, 30, veille_now(), true FROM cohort_households");
  const pb::CallSheet sheet = MustLease(campaign_, "vo-2");
  EXPECT_THAT(sheet.outcomes_to_verify(), IsEmpty());
  ASSERT_TRUE(Complete());
  EXPECT_EQ(State(), "LEASED");
  EXPECT_EQ(ToVerify(), "1");
  pb::GetCallSheetRequest again;
  again.set_campaign_id(campaign_);
  again.set_lease_id(sheet.lease().lease_id());
  const auto shown = Call(calls_, &pb::CallService::Stub::GetCallSheet, again, Volunteer("vo-2"));
  ASSERT_THAT(shown, IsOk());
  EXPECT_THAT(shown->call_sheet().outcomes_to_verify(), SizeIs(1));

  const auto recorded = Send(Record(sheet), "vo-2");  // which has not asked
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_PENDING);
  EXPECT_EQ(Value("SELECT wait_reason FROM cohort_households"), "VERIFICATION");
  MoveTo(start_ + kGrace + absl::Minutes(1));
  WaitUntilDueForAll();
  const auto not_asked = Send(Record(MustLease(campaign_)));  // nor has this one
  ASSERT_THAT(not_asked, IsOk());
  EXPECT_EQ(Explained().decision_reason(), pb::DECISION_REASON_NOT_VERIFIED);
}

TEST_F(VerificationTest, AHouseholdWithAWeeklyCallIsAskedInIt) {
  test_database_.Query(
      "UPDATE cohort_households SET state = 'FOLLOWED_UP', wait_reason = 'WEEKLY', "
      "weekly_volunteer_id = (SELECT volunteer_id FROM volunteers WHERE subject = 'vo-2'), "
      "weekly_start_time = veille_now() - interval '1 day', kept_until = veille_now() + interval "
      "'6 days 2 hours', next_attempt_time = veille_now() + interval '6 days', "
      "progress = progress || convert_to(' w:" +
      household_.subjects[0] + "', 'UTF8')");
  ASSERT_TRUE(Complete());
  EXPECT_EQ(State(), "FOLLOWED_UP");
  EXPECT_EQ(ToVerify(), "1");
  EXPECT_EQ(Explained().bucket(), pb::CALLABILITY_BUCKET_WEEKLY_CALL_WAITING);
  MoveTo(start_ + absl::Hours(24 * 6) + absl::Minutes(1));
  const pb::CallSheet weekly = MustLease(campaign_, "vo-2");
  EXPECT_TRUE(weekly.lease().weekly_call());
  const auto recorded = Send(Answering(weekly, pb::VERIFICATION_CAME), "vo-2");
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_FOLLOWED_UP);
  EXPECT_EQ(ToVerify(), "0");
}

TEST_F(VerificationTest, TwoReferralsOfOneHouseholdAreOneCall) {
  const std::string other_finding = NewId();
  const std::string other_referral = NewId();
  AddFinding(other_finding, household_.subjects[0]);
  ASSERT_TRUE(Complete());
  const pb::CallSheet sheet = MustLease(campaign_);
  ASSERT_TRUE(Applied(UpdateOf(campaign_, other_finding, other_referral, 3)));  // meanwhile
  ASSERT_THAT(sheet.outcomes_to_verify(), SizeIs(1));
  const auto recorded = Send(Answering(sheet, pb::VERIFICATION_CAME));
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_PENDING);  // for the other
  EXPECT_EQ(ToVerify(), "1");
  MoveTo(start_ + kGrace + absl::Minutes(1));
  WaitUntilDueForAll();
  const pb::CallSheet second = MustLease(campaign_);
  ASSERT_THAT(second.outcomes_to_verify(), SizeIs(1));
  EXPECT_EQ(second.outcomes_to_verify(0).referral_id(), other_referral);
  ASSERT_THAT(Send(Answering(second, pb::VERIFICATION_CAME)), IsOk());
  EXPECT_EQ(State(), "DONE");
}

TEST_F(VerificationTest, AnObjectionEndsIt) {
  ASSERT_TRUE(Complete());
  Object(household_.id);
  EXPECT_EQ(Explained().bucket(), pb::CALLABILITY_BUCKET_OBJECTION);
  EXPECT_EQ(Value("SELECT count(*) FROM call_queue"), "0");
  EXPECT_EQ(ToVerify(), "0");
}

TEST_F(VerificationTest, NothingBeginsForAHouseholdThatObjected) {
  Object(household_.id);
  ASSERT_TRUE(Complete());
  EXPECT_EQ(State(), "CLOSED");
  EXPECT_EQ(ToVerify(), "0");
  EXPECT_EQ(Value("SELECT count(*) FROM call_queue"), "0");
  EXPECT_EQ(Explained().findings(0).verification(), pb::VERIFICATION_UNSPECIFIED);
}

TEST_F(VerificationTest, TheObjectionOfOneTenantLeavesTheOthersToBeAsked) {
  const std::string other_tenant = NewId();
  test_database_.Query(
      "INSERT INTO cohort_subjects (landlord_id, campaign_id, household_id, tenant_id) "
      "SELECT landlord_id, campaign_id, household_id, '" +
      other_tenant + "' FROM cohort_households");
  const std::string other_finding = NewId();
  AddFinding(other_finding, other_tenant);
  ASSERT_TRUE(Complete());
  ASSERT_TRUE(Applied(UpdateOf(campaign_, other_finding, NewId(), 3)));
  EXPECT_EQ(ToVerify(), "2");
  Object(household_.id, household_.subjects[0]);
  EXPECT_EQ(ToVerify(), "1");
  EXPECT_EQ(State(), "PENDING");
  Object(household_.id, household_.subjects[0]);
  test_database_.Query("UPDATE findings SET verification = NULL WHERE tenant_id = '" +
                       other_tenant + "'");
  test_database_.Query("DELETE FROM household_changes");
  Object(household_.id, household_.subjects[0]);  // nobody is left to be asked
  EXPECT_EQ(State(), "DONE");
  EXPECT_EQ(Value("SELECT count(*) FROM call_queue"), "0");
}

TEST_F(VerificationTest, NothingBeginsWhenTheCampaignIsOver) {
  test_database_.Query("UPDATE campaigns SET state = 'CLOSED'");
  ASSERT_TRUE(Complete());
  EXPECT_EQ(State(), "DONE");
  EXPECT_EQ(ToVerify(), "0");
  EXPECT_EQ(Value("SELECT referral_state FROM findings"), "COMPLETED");
  EXPECT_EQ(Value("SELECT count(*) FROM call_queue"), "0");
}

TEST_F(VerificationTest, OfAVolunteerWhoIsAwayIsAnybodysAtOnce) {
  test_database_.Query("UPDATE volunteers SET state = 'LEFT' WHERE subject = 'vo-1'");
  ASSERT_TRUE(Complete());
  WaitUntilDueForAll();
  EXPECT_THAT(MustLease(campaign_, "vo-2").outcomes_to_verify(), SizeIs(1));
}

TEST_F(VerificationTest, AHouseholdWithoutANumberCannotBeAsked) {
  test_database_.Query("UPDATE cohort_households SET phone_hash = NULL, phone_hashes = ''");
  ASSERT_TRUE(Complete());
  EXPECT_EQ(Explained().decision_reason(), pb::DECISION_REASON_NOT_VERIFIED);
}

TEST_F(VerificationTest, WaitsForADecisionThatCameBefore) {
  test_database_.Query(
      "UPDATE findings SET decision_reason = 'EMERGENCY'; UPDATE "
      "cohort_households SET state = 'NEEDS_DECISION', settled_state = 'DONE', "
      "decision_reason = 'EMERGENCY'");
  ASSERT_TRUE(Complete());
  EXPECT_EQ(Explained().decision_reason(), pb::DECISION_REASON_EMERGENCY);
  EXPECT_EQ(Value("SELECT count(*) FROM call_queue"), "0");
  EXPECT_EQ(Value("SELECT settled_state FROM cohort_households"), "PENDING");
}

TEST_F(VerificationTest, ALateAnswerIsNotLost) {
  ASSERT_TRUE(Complete());
  const pb::CallSheet sheet = MustLease(campaign_);
  test_database_.MoveClock(absl::Minutes(16));
  ASSERT_TRUE(WaitUntil([&] { return Value("SELECT count(*) FROM call_queue") == "1"; }));
  const pb::CallSheet other = MustLease(campaign_, "vo-2");
  auto late = Send(Answering(sheet, pb::VERIFICATION_DID_NOT_COME));
  ASSERT_THAT(late, IsOk());
  EXPECT_TRUE(late->late());
  EXPECT_EQ(State(), "LEASED");
  ASSERT_THAT(Send(Ending(other, pb::DISPOSITION_NO_ANSWER), "vo-2"), IsOk());
  EXPECT_EQ(State(), "NEEDS_DECISION");
  EXPECT_EQ(Explained().decision_reason(), pb::DECISION_REASON_HELP_DID_NOT_COME);
  EXPECT_EQ(Value("SELECT settled_state FROM cohort_households"), "DONE");
}

TEST_F(VerificationTest, RefusesWhatItDidNotAskAbout) {
  ASSERT_TRUE(Complete());
  const pb::CallSheet sheet = MustLease(campaign_);
  pb::RecordCallRequest record = Answering(sheet, pb::VERIFICATION_CAME);
  record.mutable_verified_outcomes(0)->set_referral_id(NewId());
  auto refused = Send(record);
  EXPECT_THAT(refused, ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS));
  EXPECT_THAT(FieldsOf(refused.status()), UnorderedElementsAre("verified_outcomes[0].referral_id"));
  record = Answering(sheet, pb::VERIFICATION_OPEN);
  *record.add_verified_outcomes() = record.verified_outcomes(0);
  record.add_verified_outcomes();
  record.set_disposition(pb::DISPOSITION_NO_ANSWER);
  EXPECT_THAT(FieldsOf(Send(record).status()),
              UnorderedElementsAre("verified_outcomes[0].came", "verified_outcomes[1].came",
                                   "verified_outcomes[1]", "verified_outcomes[2].referral_id",
                                   "verified_outcomes[2].came", "verified_outcomes"));
  EXPECT_EQ(Value("SELECT state FROM leases ORDER BY grant_time DESC LIMIT 1"), "LIVE");
  EXPECT_THAT(Send(Answering(sheet, pb::VERIFICATION_CAME)), IsOk());
}

TEST_F(VerificationTest, AnswersAboutAnotherHouseholdAreRefused) {
  ASSERT_TRUE(Complete());
  const pb::CallSheet sheet = MustLease(campaign_);
  test_database_.Query("UPDATE findings SET household_id = '" + NewId() + "'");
  const auto refused = Send([&] {
    pb::RecordCallRequest record = Record(sheet);
    pb::VerifiedOutcome& said = *record.add_verified_outcomes();
    said.set_referral_id(referral_id_);
    said.set_came(pb::VERIFICATION_DID_NOT_COME);
    return record;
  }());
  EXPECT_THAT(refused, ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS));
  EXPECT_EQ(Value("SELECT verification FROM findings"), "OPEN");
}

TEST_F(VerificationTest, OfAnotherLandlordBeginsNothing) {
  const auto update = UpdateOf(campaign_, finding_, referral_id_, 4);
  EXPECT_THAT(Call(intake_, &pb::IntakeService::Stub::RecordReferralUpdate, update,
                   OfOtherLandlord(Service("referral"))),
              ReasonIs(common_pb::ERROR_REASON_FINDING_NOT_FOUND));
  EXPECT_EQ(State(), "DONE");
}

}  // namespace
}  // namespace veille::call_tracking
