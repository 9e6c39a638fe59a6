// Weekly calls: the same volunteer first, others after the grace, until the campaign ends.

#include <gmock/gmock.h>

#include "common/rpc/fields.h"
#include "integration/call_tracking_fixture.h"

namespace veille::call_tracking {
namespace {

using testing::IsOk;
using testing::ReasonIs;
using testing::WaitUntil;

constexpr absl::Duration kWeek = absl::Hours(24 * 7);
const auto kNoCallDue = common_pb::ERROR_REASON_NO_CALL_DUE;

// vo-1 has called a household whose subject wants a call every week.
class WeeklyCallsTest : public CallTrackingFixture {
 protected:
  void SetUp() override {
    household_ = registry_.Add();
    pb::CreateCampaignRequest creation = Creation(PublishScript());
    creation.mutable_campaign()->mutable_weekly_cadence()->mutable_grace()->set_seconds(3600);
    auto& rule = *creation.mutable_campaign()->add_retry_rules();
    rule.set_disposition(pb::DISPOSITION_NO_ANSWER);
    rule.mutable_delay()->set_seconds(600);
    rule.set_maximum_attempts(2);
    const auto created =
        Call(campaigns_, &pb::CampaignService::Stub::CreateCampaign, creation, Coordinator());
    ASSERT_THAT(created, IsOk());
    campaign_ = created->campaign().campaign_id();
    ASSERT_THAT(Open(campaign_), IsOk());
    Enrol("vo-1");
    Enrol("vo-2");
    first_ = MustLease(campaign_);
    pb::RecordCallRequest record = Record(first_);
    record.mutable_answers(0)->set_question_id("lonely");
    AgreeToWeeklyCalls(record, household_.subjects[0]);
    const auto recorded = Send(record);
    ASSERT_THAT(recorded, IsOk());
    ASSERT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_FOLLOWED_UP);
    slot_ = absl::FromUnixSeconds(recorded->next_attempt_time().seconds());
  }

  // Business time and the time of leases, and the campaign's zone is open still.
  void MoveTo(absl::Time time) {
    test_database_.MoveClock(time - start_);
    clock_.Set(time);
  }
  void WaitUntilDueForAll() {
    ASSERT_TRUE(
        WaitUntil([&] { return Value("SELECT count(*) FROM call_queue WHERE is_due") == "1"; }));
  }
  pb::RecordCallRequest NoAnswer(const pb::CallSheet& sheet) const {
    pb::RecordCallRequest record = Record(sheet);
    record.clear_answers();
    record.set_disposition(pb::DISPOSITION_NO_ANSWER);
    return record;
  }

  const absl::Time start_ = clock_.Now();
  RegisteredHousehold household_;
  std::string campaign_;
  pb::CallSheet first_;
  absl::Time slot_;
};

TEST_F(WeeklyCallsTest, ComesInAWeekToItsOwnVolunteerAndNotBefore) {
  EXPECT_FALSE(first_.lease().weekly_call());
  EXPECT_LE(start_ + kWeek - absl::Hours(1) - absl::Minutes(1), slot_);  // the clocks may change
  EXPECT_LE(slot_, start_ + kWeek + absl::Hours(1));
  EXPECT_EQ(Report(campaign_).weekly_calls(), 1);
  EXPECT_THAT(Lease(campaign_, "vo-1"), ReasonIs(kNoCallDue));
  const auto waiting = Explain(campaign_, household_.id);
  ASSERT_THAT(waiting, IsOk());
  EXPECT_EQ(waiting->bucket(), pb::CALLABILITY_BUCKET_WEEKLY_CALL_WAITING);
  EXPECT_EQ(waiting->until_time().seconds(), absl::ToUnixSeconds(slot_));

  MoveTo(slot_);
  EXPECT_EQ(Explain(campaign_, household_.id)->bucket(), pb::CALLABILITY_BUCKET_DUE);
  EXPECT_THAT(Lease(campaign_, "vo-2"), ReasonIs(kNoCallDue));
  const pb::CallSheet weekly = MustLease(campaign_);
  EXPECT_TRUE(weekly.lease().weekly_call());
  EXPECT_EQ(weekly.lease().attempt_number(), 2);
  EXPECT_EQ(Report(campaign_).weekly_calls(), 1);
  const auto recorded = Send(Record(weekly));
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_FOLLOWED_UP);
  EXPECT_GT(recorded->next_attempt_time().seconds(), absl::ToUnixSeconds(slot_ + kWeek / 2));
}

TEST_F(WeeklyCallsTest, IsAnybodysAfterTheGrace) {
  MoveTo(slot_ + absl::Minutes(59));
  EXPECT_THAT(Lease(campaign_, "vo-2"), ReasonIs(kNoCallDue));
  MoveTo(slot_ + absl::Minutes(61));
  WaitUntilDueForAll();
  const pb::CallSheet taken = MustLease(campaign_, "vo-2");
  EXPECT_TRUE(taken.lease().weekly_call());
  ASSERT_THAT(Send(Record(taken), "vo-2"), IsOk());
  // Next week it is the old volunteer's again.
  EXPECT_EQ(Value("SELECT v.subject FROM call_queue AS q JOIN volunteers AS v "
                  "ON v.volunteer_id = q.volunteer_id"),
            "vo-1");
}

TEST_F(WeeklyCallsTest, ComesBeforeEverythingElseForItsVolunteer) {
  MoveTo(slot_);
  const std::string other = NewId();
  test_database_.Query(
      "INSERT INTO cohort_households (landlord_id, campaign_id, household_id, commune_code, "
      "time_zone, register_version, phone_hashes, phone_hash, wait_reason, next_attempt_time) "
      "SELECT landlord_id, campaign_id, '" +
      other +
      "', commune_code, time_zone, 1, decode(repeat('ab', 32), 'hex'), "
      "decode(repeat('ab', 32), 'hex'), 'APPOINTMENT', veille_now() - interval '1 hour' "
      "FROM cohort_households; "
      "INSERT INTO call_queue (landlord_id, campaign_id, household_id, time_zone, phone_hash, "
      "priority, due_time, is_due) SELECT landlord_id, campaign_id, household_id, time_zone, "
      "phone_hash, 10, next_attempt_time, true FROM cohort_households WHERE household_id = '" +
      other + "'");
  EXPECT_EQ(MustLease(campaign_).lease().household_id(), household_.id);
}

TEST_F(WeeklyCallsTest, OfSomebodyAwayOrGoneIsAnybodysAtOnce) {
  MoveTo(slot_);
  EXPECT_THAT(Lease(campaign_, "vo-2"), ReasonIs(kNoCallDue));
  test_database_.Query(
      "UPDATE volunteers SET absence_start_time = veille_now() - interval '1 hour', "
      "absence_end_time = veille_now() + interval '1 hour' WHERE subject = 'vo-1'");
  WaitUntilDueForAll();
  EXPECT_TRUE(MustLease(campaign_, "vo-2").lease().weekly_call());
}

TEST_F(WeeklyCallsTest, GoesToWhoCallsInsteadOfSomebodyWhoLeft) {
  test_database_.Query("UPDATE volunteers SET state = 'LEFT' WHERE subject = 'vo-1'");
  MoveTo(slot_);
  WaitUntilDueForAll();
  ASSERT_THAT(Send(Record(MustLease(campaign_, "vo-2")), "vo-2"), IsOk());
  EXPECT_EQ(Value("SELECT v.subject FROM call_queue AS q JOIN volunteers AS v "
                  "ON v.volunteer_id = q.volunteer_id"),
            "vo-2");
}

TEST_F(WeeklyCallsTest, MissedWeeksAreOneCall) {
  MoveTo(slot_ + 3 * kWeek);
  WaitUntilDueForAll();
  const auto recorded = Send(Record(MustLease(campaign_)));
  ASSERT_THAT(recorded, IsOk());
  EXPECT_GT(recorded->next_attempt_time().seconds(),
            absl::ToUnixSeconds(slot_ + 3 * kWeek + kWeek / 2));
  EXPECT_THAT(Lease(campaign_, "vo-1"), ReasonIs(kNoCallDue));
  EXPECT_EQ(Value("SELECT count(*) FROM call_queue"), "1");
}

TEST_F(WeeklyCallsTest, ThatReachesNobodyIsRetriedByItsVolunteerThenWaitsForNextWeek) {
  MoveTo(slot_);
  auto recorded = Send(NoAnswer(MustLease(campaign_)));
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_PENDING);
  EXPECT_EQ(Report(campaign_).weekly_calls(), 1);
  MoveTo(slot_ + absl::Minutes(11));
  EXPECT_THAT(Lease(campaign_, "vo-2"), ReasonIs(kNoCallDue));  // within the grace
  const pb::CallSheet again = MustLease(campaign_);
  EXPECT_TRUE(again.lease().weekly_call());
  recorded = Send(NoAnswer(again));
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_FOLLOWED_UP);
  EXPECT_GT(recorded->next_attempt_time().seconds(), absl::ToUnixSeconds(slot_));
}

TEST_F(WeeklyCallsTest, GivenBackStaysItsVolunteersWhileTheGraceLasts) {
  MoveTo(slot_);
  const pb::Lease lease = MustLease(campaign_).lease();
  pb::ReleaseLeaseRequest release;
  release.set_request_id(NewId());
  release.set_campaign_id(campaign_);
  release.set_lease_id(lease.lease_id());
  release.set_fence(lease.fence());
  ASSERT_THAT(Call(calls_, &pb::CallService::Stub::ReleaseLease, release, Volunteer()), IsOk());
  EXPECT_EQ(Value("SELECT state FROM cohort_households"), "FOLLOWED_UP");
  EXPECT_THAT(Lease(campaign_, "vo-2"), ReasonIs(kNoCallDue));
  EXPECT_TRUE(MustLease(campaign_).lease().weekly_call());
  // Run out: the same.
  MoveTo(slot_ + absl::Minutes(20));
  ASSERT_TRUE(
      WaitUntil([&] { return Value("SELECT count(*) FROM call_queue WHERE NOT is_due") == "1"; }));
  EXPECT_THAT(Lease(campaign_, "vo-2"), ReasonIs(kNoCallDue));
  EXPECT_TRUE(MustLease(campaign_).lease().weekly_call());
}

TEST_F(WeeklyCallsTest, ALonelyTenantIsNotAskedAgain) {
  MoveTo(slot_);
  pb::RecordCallRequest record = Record(MustLease(campaign_));
  record.mutable_answers(0)->set_question_id("lonely");
  const auto recorded = Send(record);
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->findings(0).kind(), pb::FINDING_KIND_WEEKLY_CALL);
  EXPECT_EQ(recorded->findings(0).decision_reason(), pb::DECISION_REASON_UNSPECIFIED);
  EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_FOLLOWED_UP);
}

TEST_F(WeeklyCallsTest, EndWhenTheTenantTakesThemBack) {
  MoveTo(slot_);
  pb::RecordCallRequest record = Record(MustLease(campaign_));
  AgreeToWeeklyCalls(record, household_.subjects[0], false);
  const auto recorded = Send(record);
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_DONE);
  EXPECT_EQ(Report(campaign_).weekly_calls(), 0);
  EXPECT_EQ(Value("SELECT count(*) FROM call_queue"), "0");
}

TEST_F(WeeklyCallsTest, EndWithAnObjection) {
  pb::RecordHouseholdChangeRequest change;
  change.set_request_id(NewId());
  change.set_household_id(household_.id);
  change.set_version(2);
  change.set_kind(pb::HOUSEHOLD_CHANGE_KIND_OBJECTION);
  ASSERT_THAT(Call(intake_, &pb::IntakeService::Stub::RecordHouseholdChange, change,
                   Service("tenant-registry")),
              IsOk());
  EXPECT_EQ(Report(campaign_).weekly_calls(), 0);
  EXPECT_EQ(Value("SELECT count(*) FROM call_queue"), "0");
  MoveTo(slot_);
  EXPECT_THAT(Lease(campaign_, "vo-1"), ReasonIs(kNoCallDue));
}

TEST_F(WeeklyCallsTest, OutliveThePhoneForWhichTheRegisterHasNoneAndGetTheNextOne) {
  pb::RecordHouseholdChangeRequest change;
  change.set_household_id(household_.id);
  change.set_kind(pb::HOUSEHOLD_CHANGE_KIND_PHONES);
  for (int version = 2; version <= 3; ++version) {
    change.set_request_id(NewId());
    change.set_version(version);
    if (version == 3) change.add_phone_hashes(std::string(32, 'n'));
    ASSERT_THAT(Call(intake_, &pb::IntakeService::Stub::RecordHouseholdChange, change,
                     Service("tenant-registry")),
                IsOk());
    EXPECT_EQ(Value("SELECT count(*) FROM call_queue"), version == 3 ? "1" : "0");
    EXPECT_EQ(Value("SELECT state FROM cohort_households"), "FOLLOWED_UP");
  }
  MoveTo(slot_);
  EXPECT_THAT(Lease(campaign_, "vo-2"), ReasonIs(kNoCallDue));
  EXPECT_TRUE(MustLease(campaign_).lease().weekly_call());
}

TEST_F(WeeklyCallsTest, EndWithTheCampaign) {
  MoveTo(slot_ + 7 * kWeek - absl::Hours(2));
  WaitUntilDueForAll();
  const auto recorded = Send(Record(MustLease(campaign_)));
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_FOLLOWED_UP);
  EXPECT_FALSE(recorded->has_next_attempt_time());
  EXPECT_EQ(Value("SELECT count(*) FROM call_queue"), "0");
}

}  // namespace
}  // namespace veille::call_tracking
