// Recording: what one call changes, and what it never changes.

#include <gmock/gmock.h>

#include "common/rpc/fields.h"
#include "integration/call_tracking_fixture.h"

namespace veille::call_tracking {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::ReasonIs;
using ::testing::SizeIs;
using testing::WaitUntil;

class RecordsTest : public CallTrackingFixture {
 protected:
  // A campaign with one household, a volunteer, and the sheet that it leased.
  void SetUp() override {
    household_ = registry_.Add();
    campaign_ = RunCampaign();
    Enrol("vo-1");
    sheet_ = MustLease(campaign_);
  }
  pb::RecordCallRequest Ending(pb::Disposition disposition) const {
    pb::RecordCallRequest record = Record(sheet_);
    record.clear_answers();
    record.set_disposition(disposition);
    return record;
  }
  std::string HouseholdState() { return Value("SELECT state FROM cohort_households"); }
  void Expire() {
    test_database_.MoveClock(absl::Minutes(16));
    ASSERT_TRUE(WaitUntil([&] { return Value("SELECT count(*) FROM call_queue") == "1"; }));
  }

  RegisteredHousehold household_;
  std::string campaign_;
  pb::CallSheet sheet_;
};

TEST_F(RecordsTest, ACallToItsEnd) {
  pb::RecordCallRequest record = Saying(sheet_, "well");
  record.mutable_duration()->set_seconds(300);
  const auto recorded = Send(record);
  ASSERT_THAT(recorded, IsOk());
  EXPECT_FALSE(recorded->late());
  EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_DONE);
  ASSERT_THAT(recorded->findings(), SizeIs(1));
  EXPECT_EQ(recorded->findings(0).kind(), pb::FINDING_KIND_ALL_WELL);
  EXPECT_EQ(recorded->findings(0).rule_id(), "rule_well");
  EXPECT_EQ(Value("SELECT attempt_id FROM attempts"), recorded->attempt_id());
  EXPECT_EQ(Value("SELECT duration_seconds FROM attempts"), "300");
  EXPECT_EQ(Value("SELECT state FROM leases"), "RECORDED");
  EXPECT_EQ(HouseholdState(), "DONE");
  EXPECT_EQ(Value("SELECT count(*) FROM answers"), "1");
  EXPECT_EQ(Value("SELECT count(*) FROM outbox"), "0");
  EXPECT_EQ(Value("SELECT count(*) FROM audit_events WHERE method = 'RecordCall'"), "1");
}

TEST_F(RecordsTest, AnAgreedNeedGoesToTheReferralService) {
  pb::RecordCallRequest record = Saying(sheet_, "meals");
  Agree(record, household_.subjects[0], common_pb::NEED_MEALS).set_words("a hot meal at noon");
  const auto recorded = Send(record);
  ASSERT_THAT(recorded, IsOk());
  ASSERT_THAT(recorded->findings(), SizeIs(1));
  EXPECT_TRUE(recorded->findings(0).shared());
  EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_DONE);
  ASSERT_TRUE(WaitUntil([&] { return referral_.requests().size() == 1; }));
  const referral_pb::CreateReferralRequest told = referral_.requests()[0];
  EXPECT_EQ(told.finding_id(), recorded->findings(0).finding_id());
  EXPECT_EQ(told.tenant_id(), household_.subjects[0]);
  EXPECT_EQ(told.need(), common_pb::NEED_MEALS);
  EXPECT_EQ(told.urgency(), common_pb::URGENCY_PRIORITY);
  EXPECT_EQ(told.words(), "a hot meal at noon");
  EXPECT_EQ(told.basis().agreement().text_version(), "share-1");
  EXPECT_EQ(told.commune_code(), "31555");
  EXPECT_EQ(told.contact().family_name(), "Durand");
}

// What the register has too much or too little of does not keep a case from its partner.
TEST_F(RecordsTest, ALongAddressManyPhonesAndAMissingNameAreMadeToFit) {
  registry_.Remove(household_.id);
  household_.family_name = "";
  household_.given_name = "Odette";
  household_.address_lines = {"", "Résidence " + std::string(195, 'x') + "é", "31000 Toulouse"};
  for (int i = 0; i < 100; ++i) household_.address_lines[0] += "chêne ";  // 700 bytes
  for (int i = 0; i < 24; ++i) household_.phone_hashes.push_back(NewId().substr(4, 32));
  registry_.Add(household_);
  pb::RecordCallRequest record = Saying(sheet_, "meals");
  Agree(record, household_.subjects[0], common_pb::NEED_MEALS);
  ASSERT_THAT(Send(record), IsOk());
  ASSERT_TRUE(WaitUntil([&] { return referral_.requests().size() == 1; }));
  const referral_pb::SharedContact contact = referral_.requests()[0].contact();
  EXPECT_EQ(contact.family_name(), "Odette");
  EXPECT_EQ(contact.given_name(), "");
  EXPECT_THAT(contact.phones(), SizeIs(20));
  ASSERT_THAT(contact.address_lines(), SizeIs(6));  // as many as a referral has
  std::string address;
  for (const std::string& line : contact.address_lines()) {
    EXPECT_LE(line.size(), 200);
    address += line;
  }
  const std::string whole = household_.address_lines[0] + household_.address_lines[1];
  EXPECT_EQ(address.substr(0, whole.size()), whole);  // no character is cut in two
}

TEST_F(RecordsTest, ANeedThatIsNotAgreedToWaitsForTheCoordinator) {
  pb::RecordCallRequest record = Saying(sheet_, "meals");
  Agree(record, household_.subjects[0], common_pb::NEED_MEALS, false);
  const auto recorded = Send(record);
  ASSERT_THAT(recorded, IsOk());
  EXPECT_FALSE(recorded->findings(0).shared());
  EXPECT_EQ(recorded->findings(0).decision_reason(), pb::DECISION_REASON_NOT_AGREED);
  EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_NEEDS_DECISION);
  EXPECT_EQ(Value("SELECT decision_reason FROM cohort_households"), "NOT_AGREED");
  EXPECT_EQ(Value("SELECT count(*) FROM outbox"), "0");
  EXPECT_THAT(referral_.requests(), IsEmpty());
}

TEST_F(RecordsTest, AnEmergencyIsSharedAndSaysWhatToDoNow) {
  const auto recorded = Send(Saying(sheet_, "danger"));
  ASSERT_THAT(recorded, IsOk());
  EXPECT_TRUE(recorded->findings(0).shared());
  EXPECT_EQ(recorded->findings(0).decision_reason(), pb::DECISION_REASON_EMERGENCY);
  EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_NEEDS_DECISION);
  ASSERT_THAT(recorded->emergency_instructions(), SizeIs(1));
  EXPECT_NE(recorded->emergency_instructions(0).text().find("112"), std::string::npos);
  ASSERT_TRUE(WaitUntil([&] { return referral_.requests().size() == 1; }));
  EXPECT_NE(referral_.requests()[0].basis().vital_interest_reason(), "");
}

TEST_F(RecordsTest, NothingSaidStandsPlainInTheDatabase) {
  pb::RecordCallRequest record = Saying(sheet_, "meals");
  Agree(record, household_.subjects[0], common_pb::NEED_MEALS).set_words("a hot meal at noon");
  auto& raised = *record.add_raised_findings();
  raised.set_tenant_id(household_.subjects[0]);
  raised.set_need(common_pb::NEED_ADMIN);
  raised.set_urgency(common_pb::URGENCY_ROUTINE);
  raised.set_words("a letter");
  ASSERT_THAT(Send(record), IsOk());
  EXPECT_EQ(Value("SELECT string_agg(DISTINCT data_type, ',') FROM information_schema.columns "
                  "WHERE table_schema = 'public' AND (column_name IN ('disposition', 'need', "
                  "'words', 'agreed', 'value', 'rule_id', 'progress', 'record', 'payload', "
                  "'referral_outcome') AND table_name <> 'campaign_retry_rules')"),
            "bytea");
  EXPECT_EQ(Value("SELECT count(*) FROM findings WHERE raised_by_volunteer"), "1");
  EXPECT_EQ(Value("SELECT count(*) FROM agreements"), "1");
}

TEST_F(RecordsTest, TheSameRequestIsAnsweredFromWhatStands) {
  pb::RecordCallRequest record = Saying(sheet_, "meals");
  Agree(record, household_.subjects[0], common_pb::NEED_MEALS);
  const auto first = Send(record);
  const auto second = Send(record);
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(second->attempt_id(), first->attempt_id());
  ASSERT_THAT(second->findings(), SizeIs(1));
  EXPECT_EQ(second->findings(0).finding_id(), first->findings(0).finding_id());
  EXPECT_TRUE(second->findings(0).shared());
  EXPECT_EQ(second->household_state(), first->household_state());
  EXPECT_EQ(Value("SELECT count(*) FROM attempts"), "1");
  EXPECT_EQ(Report(campaign_).attempts(), 1);
}

TEST_F(RecordsTest, ASecondRecordOfALeaseIsRefused) {
  ASSERT_THAT(Send(Saying(sheet_, "well")), IsOk());
  EXPECT_THAT(Send(Saying(sheet_, "well")), ReasonIs(common_pb::ERROR_REASON_LEASE_FINISHED));
  EXPECT_EQ(Value("SELECT count(*) FROM attempts"), "1");
}

TEST_F(RecordsTest, ARequestIdOfAnotherActIsRefused) {
  pb::RecordCallRequest record = Saying(sheet_, "well");
  record.set_request_id(Value("SELECT request_id FROM leases"));
  EXPECT_THAT(Send(record), ReasonIs(common_pb::ERROR_REASON_REQUEST_ID_REUSED));
  EXPECT_EQ(Value("SELECT count(*) FROM attempts"), "0");
}

TEST_F(RecordsTest, StrangersAndWrongFencesAreRefused) {
  Enrol("vo-2");
  EXPECT_THAT(Send(Saying(sheet_, "well"), "vo-2"),
              ReasonIs(common_pb::ERROR_REASON_LEASE_NOT_FOUND));
  EXPECT_THAT(Call(calls_, &pb::CallService::Stub::RecordCall, Saying(sheet_, "well"),
                   OfOtherLandlord(Volunteer())),
              ReasonIs(common_pb::ERROR_REASON_LEASE_NOT_FOUND));
  pb::RecordCallRequest record = Saying(sheet_, "well");
  record.set_fence(2);
  EXPECT_THAT(Send(record), ReasonIs(common_pb::ERROR_REASON_FENCE_MISMATCH));
  record = Saying(sheet_, "well");
  record.mutable_answers(0)->set_tenant_id(NewId());
  EXPECT_THAT(Send(record), ReasonIs(common_pb::ERROR_REASON_UNKNOWN_SUBJECT));
  EXPECT_EQ(HouseholdState(), "LEASED");
  EXPECT_EQ(Value("SELECT count(*) FROM attempts"), "0");
  EXPECT_THAT(Send(Saying(sheet_, "well")), IsOk());
}

TEST_F(RecordsTest, NoAnswerWaitsForItsRetry) {
  const auto recorded = Send(Ending(pb::DISPOSITION_NO_ANSWER));
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_PENDING);
  EXPECT_EQ(recorded->next_attempt_time().seconds(),
            absl::ToUnixSeconds(clock_.Now() + absl::Hours(4)));
  EXPECT_THAT(Lease(campaign_), ReasonIs(common_pb::ERROR_REASON_NO_CALL_DUE));
  clock_.Advance(absl::Hours(4));
  ASSERT_TRUE(
      WaitUntil([&] { return Value("SELECT count(*) FROM call_queue WHERE is_due") == "1"; }));
  const pb::CallSheet again = MustLease(campaign_);
  EXPECT_EQ(again.lease().attempt_number(), 2);
  EXPECT_EQ(again.lease().fence(), 2);
}

TEST_F(RecordsTest, AnAppointmentIsKept) {
  pb::RecordCallRequest record = Ending(pb::DISPOSITION_CALLBACK_REQUESTED);
  *record.mutable_callback_time() = rpc::ToProto(clock_.Now() + absl::Hours(26));
  const auto recorded = Send(record);
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->next_attempt_time().seconds(), record.callback_time().seconds());
  EXPECT_EQ(Value("SELECT wait_reason FROM cohort_households"), "APPOINTMENT");
  EXPECT_EQ(Value("SELECT priority FROM call_queue"), "10");
}

// An app without a connection sends its records when it has one again, whenever that is.
TEST_F(RecordsTest, AnAppointmentThatHasPassedMeanwhileIsDueAtOnce) {
  pb::RecordCallRequest record = Ending(pb::DISPOSITION_CALLBACK_REQUESTED);
  *record.mutable_callback_time() = rpc::ToProto(clock_.Now() - absl::Hours(5));
  const auto recorded = Send(record);
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->next_attempt_time().seconds(), absl::ToUnixSeconds(clock_.Now()));
  EXPECT_EQ(Value("SELECT is_due FROM call_queue"), "t");
  EXPECT_EQ(MustLease(campaign_).lease().attempt_number(), 2);
}

TEST_F(RecordsTest, ACallThatWasDialledLongAgoIsTaken) {
  pb::RecordCallRequest record = Saying(sheet_, "well");
  *record.mutable_dial_time() = rpc::ToProto(clock_.Now());
  test_database_.MoveClock(absl::Hours(24 * 10));
  clock_.Advance(absl::Hours(24 * 10));
  const auto recorded = Send(record);
  ASSERT_THAT(recorded, IsOk());
  EXPECT_FALSE(recorded->late());
  EXPECT_EQ(HouseholdState(), "DONE");
  // The same request again, later still.
  clock_.Advance(absl::Hours(24 * 10));
  EXPECT_EQ(Send(record)->attempt_id(), recorded->attempt_id());
}

// The register took the last phone away during the call: what was said is kept all the same.
TEST_F(RecordsTest, AnAppointmentWithoutAPhoneIsKeptOutOfTheQueue) {
  test_database_.Query("UPDATE cohort_households SET phone_hashes = '', phone_hash = NULL");
  pb::RecordCallRequest record = Ending(pb::DISPOSITION_CALLBACK_REQUESTED);
  *record.mutable_callback_time() = rpc::ToProto(clock_.Now() + absl::Hours(26));
  EXPECT_THAT(Send(record), IsOk());
  EXPECT_EQ(Value("SELECT count(*) FROM attempts"), "1");
  EXPECT_EQ(Value("SELECT count(*) FROM call_queue"), "0");
}

TEST_F(RecordsTest, AWrongNumberGoesBackToTheRegistry) {
  const auto recorded = Send(Ending(pb::DISPOSITION_WRONG_NUMBER));
  ASSERT_THAT(recorded, IsOk());
  EXPECT_FALSE(recorded->has_next_attempt_time());  // it was the only number
  EXPECT_EQ(Value("SELECT wait_reason FROM cohort_households"), "NO_NUMBER_LEFT");
  ASSERT_TRUE(WaitUntil([&] { return registry_.reports().size() == 1; }));
  const registry_pb::ReportPhoneRequest report = registry_.reports()[0];
  EXPECT_EQ(report.attempt_id(), recorded->attempt_id());
  EXPECT_EQ(report.household_id(), household_.id);
  EXPECT_EQ(report.phone_hash(), household_.phone_hashes[0]);
  EXPECT_EQ(report.fault(), registry_pb::PHONE_FAULT_WRONG_NUMBER);
}

// The register drops the first phone during the call: positions are those of the sheet.
TEST_F(RecordsTest, APositionIsThatOfTheSheetWhateverChangedDuringTheCall) {
  ASSERT_THAT(Send(Saying(sheet_, "well")), IsOk());
  RegisteredHousehold two = registry_.Add();
  registry_.Remove(two.id);
  two.id = NewId();
  two.phone_hashes = {std::string(32, 'a'), std::string(32, 'b')};
  registry_.Add(two);
  campaign_ = RunCampaign();
  test_database_.Query("DELETE FROM call_queue WHERE household_id <> '" + two.id + "'");
  sheet_ = MustLease(campaign_);
  ASSERT_EQ(sheet_.lease().household_id(), two.id);
  pb::RecordHouseholdChangeRequest change;
  change.set_request_id(NewId());
  change.set_household_id(two.id);
  change.set_version(2);
  change.set_kind(pb::HOUSEHOLD_CHANGE_KIND_PHONES);
  change.add_phone_hashes(two.phone_hashes[1]);
  ASSERT_THAT(Call(intake_, &pb::IntakeService::Stub::RecordHouseholdChange, change,
                   Service("tenant-registry")),
              IsOk());
  pb::GetCallSheetRequest again;
  again.set_campaign_id(campaign_);
  again.set_lease_id(sheet_.lease().lease_id());
  const auto sheet = Call(calls_, &pb::CallService::Stub::GetCallSheet, again, Volunteer());
  ASSERT_THAT(sheet, IsOk());
  EXPECT_EQ(sheet->call_sheet().lease().phone_position(), 1);
  EXPECT_EQ(sheet->call_sheet().contact().phones(1).position(), 2);

  pb::RecordCallRequest record = Ending(pb::DISPOSITION_WRONG_NUMBER);
  record.set_phone_position(1);
  ASSERT_THAT(Send(record), IsOk());
  ASSERT_TRUE(WaitUntil([&] { return registry_.reports().size() == 1; }));
  EXPECT_EQ(registry_.reports()[0].phone_hash(), two.phone_hashes[0]);
  EXPECT_EQ(Value("SELECT convert_from(phone_hash, 'UTF8') FROM call_queue"), two.phone_hashes[1]);
}

TEST_F(RecordsTest, AnObjectionClosesTheHousehold) {
  const auto recorded = Send(Ending(pb::DISPOSITION_OBJECTION));
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_CLOSED);
  EXPECT_EQ(Value("SELECT objection FROM cohort_households"), "t");
  EXPECT_EQ(Report(campaign_).refused(), 1);
}

// Not in the next campaign either, nor every week: the register hears of it, once.
TEST_F(RecordsTest, AnObjectionReachesTheRegisterAsOneToCallsOnly) {
  const pb::RecordCallRequest record = Ending(pb::DISPOSITION_OBJECTION);
  const auto recorded = Send(record);
  ASSERT_THAT(recorded, IsOk());
  ASSERT_TRUE(WaitUntil([&] { return Value("SELECT count(*) FROM outbox") == "0"; }));
  EXPECT_EQ(Send(record)->attempt_id(), recorded->attempt_id());
  EXPECT_EQ(Value("SELECT count(*) FROM outbox"), "0");
  ASSERT_EQ(registry_.objections().size(), 1u);
  const registry_pb::RecordObjectionRequest objection = registry_.objections()[0];
  EXPECT_EQ(objection.request_id(), recorded->attempt_id());
  EXPECT_EQ(objection.household_id(), household_.id);
  EXPECT_EQ(objection.tenant_id(), "");
  EXPECT_TRUE(objection.calls_only());
  EXPECT_EQ(objection.objection_time().seconds(), absl::ToUnixSeconds(clock_.Now()));
}

TEST_F(RecordsTest, WhoRefusesThisCallOnlyIsNotWrittenDownAsObjecting) {
  ASSERT_THAT(Send(Ending(pb::DISPOSITION_REFUSED_THIS_CALL)), IsOk());
  EXPECT_EQ(Value("SELECT count(*) FROM outbox"), "0");
  EXPECT_TRUE(registry_.objections().empty());
}

TEST_F(RecordsTest, AfterTheLeaseRanOutItIsAcceptedWhileNobodyElseHasTheHousehold) {
  Expire();
  const auto recorded = Send(Saying(sheet_, "well"));
  ASSERT_THAT(recorded, IsOk());
  EXPECT_FALSE(recorded->late());
  EXPECT_EQ(HouseholdState(), "DONE");
  EXPECT_EQ(Value("SELECT state FROM leases"), "RECORDED");
  EXPECT_EQ(Value("SELECT count(*) FROM call_queue"), "0");
}

TEST_F(RecordsTest, TheNextAttemptOfAHouseholdThatWaitsForADecisionIsNotPromised) {
  pb::RecordCallRequest record = Saying(sheet_, "meals");  // not asked whether to share it
  record.set_disposition(pb::DISPOSITION_PARTIAL);
  for (int i = 0; i < 2; ++i) {  // the second is the same request again
    const auto recorded = Send(record);
    ASSERT_THAT(recorded, IsOk());
    EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_NEEDS_DECISION);
    EXPECT_FALSE(recorded->has_next_attempt_time());
  }
  EXPECT_EQ(Value("SELECT settled_state || ' ' || wait_reason FROM cohort_households"),
            "PENDING RETRY");
  EXPECT_EQ(Value("SELECT count(*) FROM call_queue"), "0");
}

TEST_F(RecordsTest, TheReportCountsHouseholdsOnce) {
  ASSERT_THAT(Send(Ending(pb::DISPOSITION_PARTIAL)), IsOk());
  clock_.Advance(absl::Hours(5));
  ASSERT_TRUE(
      WaitUntil([&] { return Value("SELECT count(*) FROM call_queue WHERE is_due") == "1"; }));
  sheet_ = MustLease(campaign_);
  ASSERT_THAT(Send(Saying(sheet_, "well")), IsOk());
  const pb::CampaignReport report = Report(campaign_);
  EXPECT_EQ(report.attempts(), 2);
  EXPECT_EQ(report.reached(), 1);
  EXPECT_EQ(report.completed(), 1);
  EXPECT_THAT(report.dispositions(), SizeIs(2));
}

// A script that asks about health, and whether the answers may be kept.
class HealthAnswersTest : public CallTrackingFixture {
 protected:
  void SetUp() override {
    registry_.Add();
    pb::PublishScriptRequest publication;
    publication.set_request_id(NewId());
    *publication.mutable_script() = SampleScript();
    pb::Script& script = *publication.mutable_script();
    script.mutable_questions(1)->set_health(true);  // "meals"
    auto& text = *script.add_agreement_texts();
    text = script.agreement_texts(0);
    text.set_text_version("health-1");
    text.set_kind(pb::AGREEMENT_KIND_STORE_HEALTH_ANSWERS);
    const auto published =
        Call(scripts_, &pb::ScriptService::Stub::PublishScript, publication, Coordinator());
    ASSERT_THAT(published, IsOk());
    const auto created = Call(campaigns_, &pb::CampaignService::Stub::CreateCampaign,
                              Creation(published->script().script_id()), Coordinator());
    ASSERT_THAT(created, IsOk());
    campaign_ = created->campaign().campaign_id();
    ASSERT_THAT(Open(campaign_), IsOk());
    Enrol();
  }

  // A call that breaks off after two answers, one of them about health; how many were stored.
  std::string StoredAfterSaying(std::optional<bool> agreed) {
    clock_.Advance(absl::Hours(5));
    absl::StatusOr<pb::LeaseNextCallResponse> leased = Lease(campaign_);
    EXPECT_TRUE(WaitUntil([&] {
      if (!leased.ok()) leased = Lease(campaign_);
      return leased.ok();
    }));
    pb::RecordCallRequest record = Record(leased->call_sheet());
    record.set_disposition(pb::DISPOSITION_PARTIAL);
    pb::Answer& health = *record.add_answers();
    health = record.answers(0);
    health.set_question_id("meals");
    health.set_boolean(false);
    if (agreed.has_value()) {
      pb::Agreement& agreement = *record.add_agreements();
      agreement.set_tenant_id(health.tenant_id());
      agreement.set_kind(pb::AGREEMENT_KIND_STORE_HEALTH_ANSWERS);
      agreement.set_text_version("health-1");
      agreement.set_agreed(*agreed);
    }
    const auto recorded = Send(record);
    EXPECT_THAT(recorded, IsOk());
    return Value(
        "SELECT string_agg(question_id, ' ' ORDER BY question_id) FROM answers "
        "WHERE attempt_id = '" +
        recorded->attempt_id() + "'");
  }

  std::string campaign_;
};

TEST_F(HealthAnswersTest, AreKeptOnlyWhereTheSubjectAgreedLast) {
  EXPECT_EQ(StoredAfterSaying(std::nullopt), "well");
  EXPECT_EQ(StoredAfterSaying(true), "meals well");
  EXPECT_EQ(StoredAfterSaying(std::nullopt), "meals well");  // as agreed before
  EXPECT_EQ(StoredAfterSaying(false), "well");
}

}  // namespace
}  // namespace veille::call_tracking
