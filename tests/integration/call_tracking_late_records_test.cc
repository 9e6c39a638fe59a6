// Late records: what is said after somebody else got the household stands before a coordinator.

#include <gmock/gmock.h>

#include "integration/call_tracking_fixture.h"

namespace veille::call_tracking {
namespace {

using ::testing::IsEmpty;
using testing::IsOk;
using ::testing::SizeIs;
using testing::WaitUntil;

// vo-1's lease ran out during the call, and vo-2 calls the household now.
class LateRecordsTest : public CallTrackingFixture {
 protected:
  void SetUp() override {
    household_ = registry_.Add();
    campaign_ = RunCampaign();
    Enrol("vo-1");
    Enrol("vo-2");
    lost_ = MustLease(campaign_, "vo-1");
    test_database_.MoveClock(absl::Minutes(16));
    ASSERT_TRUE(WaitUntil([&] { return Value("SELECT count(*) FROM call_queue") == "1"; }));
    held_ = MustLease(campaign_, "vo-2");
  }
  pb::RecordCallResponse MustBeLate(const pb::RecordCallRequest& record) {
    const auto late = Send(record);
    EXPECT_THAT(late, IsOk());
    if (!late.ok()) return {};
    EXPECT_TRUE(late->late());
    EXPECT_EQ(Value("SELECT count(*) FROM leases WHERE state = 'LIVE'"), "1");
    return *late;
  }
  // How the household stands once vo-2 has recorded that all is well.
  pb::HouseholdState AfterTheOther() {
    const auto recorded = Send(Record(held_), "vo-2");
    EXPECT_THAT(recorded, IsOk());
    EXPECT_FALSE(recorded->late());
    return recorded->household_state();
  }

  RegisteredHousehold household_;
  std::string campaign_;
  pb::CallSheet lost_;
  pb::CallSheet held_;
};

TEST_F(LateRecordsTest, ANeedStandsBeforeACoordinatorWithoutDisturbingTheOtherCall) {
  const pb::RecordCallRequest record = Saying(lost_, "meals");
  for (int i = 0; i < 2; ++i) {  // the second is the same request again
    const pb::RecordCallResponse late = MustBeLate(record);
    EXPECT_EQ(late.household_state(), pb::HOUSEHOLD_STATE_LEASED);
    ASSERT_THAT(late.findings(), SizeIs(1));
    EXPECT_FALSE(late.findings(0).shared());
    EXPECT_EQ(late.findings(0).decision_reason(), pb::DECISION_REASON_LATE_RECORD);
    EXPECT_EQ(late.findings(0).finding_id(), Value("SELECT finding_id FROM findings"));
    EXPECT_EQ(late.attempt_id(), Value("SELECT attempt_id FROM late_records"));
  }
  // At once, while the household is called.
  const auto explained = Explain(campaign_, household_.id);
  ASSERT_THAT(explained, IsOk());
  EXPECT_EQ(explained->bucket(), pb::CALLABILITY_BUCKET_LEASED);
  EXPECT_EQ(explained->decision_reason(), pb::DECISION_REASON_LATE_RECORD);
  ASSERT_THAT(explained->findings(), SizeIs(1));
  EXPECT_EQ(explained->findings(0).need(), common_pb::NEED_MEALS);
  pb::CampaignReport report = Report(campaign_);
  EXPECT_EQ(report.needs_decision(), 1);
  EXPECT_EQ(report.late_records(), 1);
  EXPECT_EQ(report.needs_found(), 1);

  EXPECT_EQ(AfterTheOther(), pb::HOUSEHOLD_STATE_NEEDS_DECISION);
  EXPECT_EQ(Explain(campaign_, household_.id)->decision_reason(), pb::DECISION_REASON_LATE_RECORD);
  report = Report(campaign_);
  EXPECT_EQ(report.needs_decision(), 1);
  EXPECT_EQ(report.attempts(), 2);
  EXPECT_EQ(Value("SELECT count(*) FROM attempts"), "1");
}

TEST_F(LateRecordsTest, TheRecordIsKeptWhole) {
  pb::RecordCallRequest record = Saying(lost_, "meals");
  Agree(record, household_.subjects[0], common_pb::NEED_MEALS);
  MustBeLate(record);
  pb::RecordCallRequest stored;  // behind the byte of the seal's version
  const std::string hex = Value("SELECT encode(substr(record, 2), 'hex') FROM late_records");
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  ASSERT_TRUE(stored.ParseFromString(bytes));
  EXPECT_EQ(stored.SerializeAsString(), record.SerializeAsString());
}

TEST_F(LateRecordsTest, ANeedThatItsSubjectAgreedToShareIsShared) {
  pb::RecordCallRequest record = Saying(lost_, "meals");
  Agree(record, household_.subjects[0], common_pb::NEED_MEALS);
  const pb::RecordCallResponse late = MustBeLate(record);
  EXPECT_TRUE(late.findings(0).shared());
  EXPECT_EQ(late.findings(0).decision_reason(), pb::DECISION_REASON_LATE_RECORD);
  ASSERT_TRUE(WaitUntil([&] { return referral_.requests().size() == 1; }));
  EXPECT_EQ(referral_.requests()[0].finding_id(), late.findings(0).finding_id());
}

TEST_F(LateRecordsTest, AnEmergencyIsVisibleAtOnceAndGoesToTheWorklist) {
  const pb::RecordCallResponse late = MustBeLate(Saying(lost_, "danger"));
  EXPECT_EQ(late.findings(0).decision_reason(), pb::DECISION_REASON_EMERGENCY);
  EXPECT_THAT(late.emergency_instructions(), SizeIs(1));
  const auto explained = Explain(campaign_, household_.id);
  ASSERT_THAT(explained, IsOk());
  EXPECT_EQ(explained->decision_reason(), pb::DECISION_REASON_EMERGENCY);
  EXPECT_EQ(Report(campaign_).needs_decision(), 1);
  ASSERT_TRUE(WaitUntil([&] { return referral_.requests().size() == 1; }));
  EXPECT_EQ(referral_.requests()[0].urgency(), common_pb::URGENCY_EMERGENCY);
  EXPECT_EQ(AfterTheOther(), pb::HOUSEHOLD_STATE_NEEDS_DECISION);
  EXPECT_EQ(Explain(campaign_, household_.id)->decision_reason(), pb::DECISION_REASON_EMERGENCY);
}

TEST_F(LateRecordsTest, TheReasonOutlivesALeaseThatIsGivenBack) {
  MustBeLate(Saying(lost_, "meals"));
  pb::ReleaseLeaseRequest release;
  release.set_request_id(NewId());
  release.set_campaign_id(campaign_);
  release.set_lease_id(held_.lease().lease_id());
  release.set_fence(held_.lease().fence());
  ASSERT_THAT(Call(calls_, &pb::CallService::Stub::ReleaseLease, release, Volunteer("vo-2")),
              IsOk());
  EXPECT_EQ(Value("SELECT state || ' ' || decision_reason || ' ' || settled_state "
                  "FROM cohort_households"),
            "NEEDS_DECISION LATE_RECORD PENDING");
  EXPECT_EQ(Value("SELECT count(*) FROM call_queue"), "0");
}

TEST_F(LateRecordsTest, TheReasonOutlivesALeaseThatRunsOut) {
  MustBeLate(Saying(lost_, "meals"));
  test_database_.MoveClock(absl::Minutes(40));
  EXPECT_TRUE(
      WaitUntil([&] { return Value("SELECT state FROM cohort_households") == "NEEDS_DECISION"; }));
  EXPECT_EQ(Value("SELECT count(*) FROM call_queue"), "0");
}

TEST_F(LateRecordsTest, WhenAllIsWellNothingWaits) {
  const pb::RecordCallResponse late = MustBeLate(Saying(lost_, "well"));
  EXPECT_THAT(late.findings(), IsEmpty());
  EXPECT_EQ(Report(campaign_).needs_decision(), 0);
  EXPECT_EQ(AfterTheOther(), pb::HOUSEHOLD_STATE_DONE);
}

TEST_F(LateRecordsTest, AnObjectionAfterTheOtherCallStandsBeforeACoordinator) {
  ASSERT_EQ(AfterTheOther(), pb::HOUSEHOLD_STATE_DONE);
  pb::RecordCallRequest record = Record(lost_);
  record.clear_answers();
  record.set_disposition(pb::DISPOSITION_OBJECTION);
  const auto late = Send(record);
  ASSERT_THAT(late, IsOk());
  EXPECT_TRUE(late->late());
  EXPECT_EQ(late->household_state(), pb::HOUSEHOLD_STATE_NEEDS_DECISION);
  EXPECT_EQ(Value("SELECT decision_reason FROM cohort_households"), "LATE_RECORD");
}

TEST_F(LateRecordsTest, AnObjectionReachesTheRegister) {
  pb::RecordCallRequest record = Record(lost_);
  record.clear_answers();
  record.set_disposition(pb::DISPOSITION_OBJECTION);
  const pb::RecordCallResponse late = MustBeLate(record);
  EXPECT_EQ(MustBeLate(record).attempt_id(), late.attempt_id());
  ASSERT_TRUE(WaitUntil([&] { return Value("SELECT count(*) FROM outbox") == "0"; }));
  ASSERT_THAT(registry_.objections(), SizeIs(1));
  EXPECT_EQ(registry_.objections()[0].request_id(), late.attempt_id());
  EXPECT_TRUE(registry_.objections()[0].calls_only());
}

TEST_F(LateRecordsTest, AWrongNumberGoesBackToTheRegistry) {
  pb::RecordCallRequest record = Record(lost_);
  record.clear_answers();
  record.set_disposition(pb::DISPOSITION_WRONG_NUMBER);
  const pb::RecordCallResponse late = MustBeLate(record);
  ASSERT_TRUE(WaitUntil([&] { return registry_.reports().size() == 1; }));
  EXPECT_EQ(registry_.reports()[0].attempt_id(), late.attempt_id());
  EXPECT_EQ(registry_.reports()[0].phone_hash(), household_.phone_hashes[0]);
}

TEST_F(LateRecordsTest, AWeeklyCallAgreedToIsMade) {
  pb::RecordCallRequest record = Saying(lost_, "lonely");
  AgreeToWeeklyCalls(record, household_.subjects[0]);
  MustBeLate(record);
  EXPECT_EQ(AfterTheOther(), pb::HOUSEHOLD_STATE_NEEDS_DECISION);
  EXPECT_EQ(Value("SELECT settled_state FROM cohort_households"), "FOLLOWED_UP");
  EXPECT_EQ(Value("SELECT v.subject FROM cohort_households AS h JOIN volunteers AS v "
                  "ON v.volunteer_id = h.weekly_volunteer_id"),
            "vo-1");
  EXPECT_EQ(Report(campaign_).weekly_calls(), 1);
}

}  // namespace
}  // namespace veille::call_tracking
