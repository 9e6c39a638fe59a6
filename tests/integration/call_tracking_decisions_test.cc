// What waits for a coordinator: it survives whatever happens meanwhile, is listed, and is decided.

#include <gmock/gmock.h>

#include <algorithm>
#include <optional>
#include <thread>
#include <vector>

#include "common/rpc/fields.h"
#include "common/rpc/status.h"
#include "common/status/errors.h"
#include "integration/call_tracking_fixture.h"

namespace veille::call_tracking {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::ReasonIs;
using ::testing::SizeIs;
using testing::WaitUntil;

class DecisionsTest : public CallTrackingFixture {
 protected:
  void SetUp() override {
    household_ = registry_.Add();
    campaign_ = RunCampaign();
    Enrol("vo-1");
  }
  // The subject says yes to one question and, if given, whether its need may be shared.
  pb::RecordCallRequest Saying(const pb::CallSheet& sheet, const std::string& question,
                               std::optional<bool> agreed = std::nullopt) {
    pb::RecordCallRequest record = CallTrackingFixture::Saying(sheet, question);
    if (agreed.has_value()) {
      const auto need = question == "meals" ? common_pb::NEED_MEALS : common_pb::NEED_SAFETY;
      Agree(record, record.answers(0).tenant_id(), need, *agreed);
    }
    return record;
  }
  // Meals are needed and shared, then the call breaks off. The finding's id.
  std::string BreakOffWithSharedMeals() {
    pb::RecordCallRequest record = Saying(MustLease(campaign_), "meals", true);
    record.set_disposition(pb::DISPOSITION_PARTIAL);
    const auto recorded = Send(record);
    EXPECT_THAT(recorded, IsOk());
    return recorded->findings(0).finding_id();
  }
  void WaitForTheRetry() {
    clock_.Advance(absl::Hours(4));
    ASSERT_TRUE(
        WaitUntil([&] { return Value("SELECT count(*) FROM call_queue WHERE is_due") == "1"; }));
  }
  void Tell(const std::string& finding, int64_t version, common_pb::ReferralState state,
            bool not_covered = false) {
    pb::RecordReferralUpdateRequest update;
    update.set_request_id(NewId());
    update.set_referral_id(referral_id_);
    update.set_finding_id(finding);
    update.set_campaign_id(campaign_);
    update.set_version(version);
    update.set_state(state);
    update.set_not_covered(not_covered);
    if (state == common_pb::REFERRAL_STATE_COMPLETED) {
      update.set_outcome(common_pb::REFERRAL_OUTCOME_HELPED);
    }
    *update.mutable_update_time() = rpc::ToProto(clock_.Now());
    ASSERT_THAT(
        Call(intake_, &pb::IntakeService::Stub::RecordReferralUpdate, update, Service("referral")),
        IsOk());
  }
  void Object() {
    pb::RecordHouseholdChangeRequest change;
    change.set_request_id(NewId());
    change.set_household_id(household_.id);
    change.set_version(2);
    change.set_kind(pb::HOUSEHOLD_CHANGE_KIND_OBJECTION);
    ASSERT_THAT(Call(intake_, &pb::IntakeService::Stub::RecordHouseholdChange, change,
                     Service("tenant-registry")),
                IsOk());
  }
  pb::ExplainHouseholdResponse MustExplain() {
    const auto explained = Explain(campaign_, household_.id);
    EXPECT_THAT(explained, IsOk());
    return explained.ok() ? *explained : pb::ExplainHouseholdResponse();
  }
  absl::StatusOr<pb::ListDecisionsResponse> List(int page_size = 0, const std::string& token = "") {
    pb::ListDecisionsRequest request;
    request.set_campaign_id(campaign_);
    request.set_page_size(page_size);
    request.set_page_token(token);
    return Call(campaigns_, &pb::CampaignService::Stub::ListDecisions, request, Coordinator());
  }
  pb::DecideHouseholdRequest Deciding(const pb::Decision& decision) const {
    pb::DecideHouseholdRequest request;
    request.set_request_id(NewId());
    request.set_campaign_id(campaign_);
    request.set_household_id(decision.household_id());
    request.set_etag(decision.etag());
    request.set_note("The daughter brings meals.");
    return request;
  }
  absl::StatusOr<pb::DecideHouseholdResponse> Decide(const pb::DecideHouseholdRequest& request) {
    return Call(campaigns_, &pb::CampaignService::Stub::DecideHousehold, request, Coordinator());
  }

  const std::string referral_id_ = NewId();
  RegisteredHousehold household_;
  std::string campaign_;
};

// ---- what survives

TEST_F(DecisionsTest, ADecisionThatComesDuringACallIsNotOverwrittenByItsRecord) {
  const std::string finding = BreakOffWithSharedMeals();
  WaitForTheRetry();
  const pb::CallSheet sheet = MustLease(campaign_);
  Tell(finding, 2, common_pb::REFERRAL_STATE_REQUESTED, /*not_covered=*/true);
  EXPECT_EQ(MustExplain().bucket(), pb::CALLABILITY_BUCKET_LEASED);
  EXPECT_EQ(MustExplain().decision_reason(), pb::DECISION_REASON_NOT_COVERED);
  const auto recorded = Send(Saying(sheet, "well"));
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_NEEDS_DECISION);
  EXPECT_EQ(MustExplain().decision_reason(), pb::DECISION_REASON_NOT_COVERED);
  // A partner was found: the call had ended well.
  Tell(finding, 3, common_pb::REFERRAL_STATE_REQUESTED);
  EXPECT_EQ(MustExplain().bucket(), pb::CALLABILITY_BUCKET_DONE);
}

TEST_F(DecisionsTest, OneThatIsSettledDuringTheCallWaitsNoMore) {
  const std::string finding = BreakOffWithSharedMeals();
  WaitForTheRetry();
  const pb::CallSheet sheet = MustLease(campaign_);
  Tell(finding, 2, common_pb::REFERRAL_STATE_REJECTED);
  Tell(finding, 3, common_pb::REFERRAL_STATE_REQUESTED);
  const auto recorded = Send(Saying(sheet, "well"));
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_DONE);
}

TEST_F(DecisionsTest, OneThatComesDuringACallOutlivesALeaseThatRunsOut) {
  const std::string finding = BreakOffWithSharedMeals();
  WaitForTheRetry();
  MustLease(campaign_);
  Tell(finding, 2, common_pb::REFERRAL_STATE_FAILED);
  test_database_.MoveClock(absl::Minutes(16));
  ASSERT_TRUE(
      WaitUntil([&] { return Value("SELECT state FROM cohort_households") == "NEEDS_DECISION"; }));
  EXPECT_EQ(Value("SELECT count(*) FROM call_queue"), "0");
  Tell(finding, 3, common_pb::REFERRAL_STATE_REQUESTED);
  EXPECT_EQ(MustExplain().bucket(), pb::CALLABILITY_BUCKET_DUE);
  EXPECT_THAT(Lease(campaign_), IsOk());
}

TEST_F(DecisionsTest, OneFindingThatIsSettledDoesNotHideAnother) {
  pb::RecordCallRequest record = Saying(MustLease(campaign_), "meals", true);
  pb::RaisedFinding& raised = *record.add_raised_findings();
  raised.set_tenant_id(household_.subjects[0]);
  raised.set_need(common_pb::NEED_ADMIN);
  raised.set_urgency(common_pb::URGENCY_ROUTINE);
  const auto recorded = Send(record);
  ASSERT_THAT(recorded, IsOk());
  const std::string& meals = recorded->findings(0).shared() ? recorded->findings(0).finding_id()
                                                            : recorded->findings(1).finding_id();
  EXPECT_EQ(MustExplain().decision_reason(), pb::DECISION_REASON_NOT_AGREED);
  Tell(meals, 2, common_pb::REFERRAL_STATE_FAILED);
  EXPECT_EQ(MustExplain().decision_reason(), pb::DECISION_REASON_REFERRAL_ENDED);
  Tell(meals, 3, common_pb::REFERRAL_STATE_REQUESTED);
  EXPECT_EQ(MustExplain().decision_reason(), pb::DECISION_REASON_NOT_AGREED);
  EXPECT_EQ(MustExplain().bucket(), pb::CALLABILITY_BUCKET_AWAITING_DECISION);
}

TEST_F(DecisionsTest, AnObjectionDuringTheCallDoesNotHideAnEmergency) {
  const pb::CallSheet sheet = MustLease(campaign_);
  Object();
  pb::RecordCallRequest record = Saying(sheet, "danger", false);
  record.set_disposition(pb::DISPOSITION_PARTIAL);
  const auto recorded = Send(record);
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_NEEDS_DECISION);
  EXPECT_FALSE(recorded->findings(0).shared());
  const auto explained = MustExplain();
  EXPECT_EQ(explained.bucket(), pb::CALLABILITY_BUCKET_OBJECTION);
  EXPECT_EQ(explained.decision_reason(), pb::DECISION_REASON_EMERGENCY);
  EXPECT_EQ(Report(campaign_).needs_decision(), 1);
  ASSERT_THAT(List()->decisions(), SizeIs(1));
  // Decided, it is closed as the household wanted.
  const auto decided = Decide(Deciding(List()->decisions(0)));
  ASSERT_THAT(decided, IsOk());
  EXPECT_EQ(decided->household_state(), pb::HOUSEHOLD_STATE_CLOSED);
  EXPECT_THAT(Lease(campaign_), ReasonIs(common_pb::ERROR_REASON_NO_CALL_DUE));
}

TEST_F(DecisionsTest, AnObjectionLeavesWhatWaits) {
  ASSERT_THAT(Send(Saying(MustLease(campaign_), "meals", false)), IsOk());
  Object();
  EXPECT_EQ(Value("SELECT state || ' ' || settled_state FROM cohort_households"),
            "NEEDS_DECISION CLOSED");
  EXPECT_EQ(Report(campaign_).needs_decision(), 1);
}

// ---- what cannot be sent

TEST_F(DecisionsTest, ANeedThatTheReferralServiceRefusesForGoodComesBackToAPerson) {
  referral_.Refuse(rpc::ToGrpc(errors::Make(absl::StatusCode::kInvalidArgument,
                                            common_pb::ERROR_REASON_INVALID_FIELDS, "no")));
  ASSERT_THAT(Send(Saying(MustLease(campaign_), "meals", true)), IsOk());
  ASSERT_TRUE(WaitUntil([&] { return Value("SELECT count(*) FROM outbox") == "0"; }));
  const auto explained = MustExplain();
  EXPECT_EQ(explained.bucket(), pb::CALLABILITY_BUCKET_AWAITING_DECISION);
  EXPECT_EQ(explained.decision_reason(), pb::DECISION_REASON_NOT_SENDABLE);
  ASSERT_THAT(explained.findings(), SizeIs(1));
  EXPECT_EQ(explained.findings(0).decision_reason(), pb::DECISION_REASON_NOT_SENDABLE);
  EXPECT_FALSE(explained.findings(0).shared());
  EXPECT_THAT(Report(campaign_).referrals(), IsEmpty());
  EXPECT_EQ(Report(campaign_).needs_decision(), 1);
  EXPECT_THAT(referral_.requests(), SizeIs(1));
}

TEST_F(DecisionsTest, ANeedOfSomebodyWhomTheRegisterHasNoMoreComesBackToAPerson) {
  const pb::CallSheet sheet = MustLease(campaign_);
  registry_.Remove(household_.id);
  ASSERT_THAT(Send(Saying(sheet, "meals", true)), IsOk());
  ASSERT_TRUE(WaitUntil([&] { return Value("SELECT count(*) FROM outbox") == "0"; }));
  EXPECT_EQ(MustExplain().decision_reason(), pb::DECISION_REASON_NOT_SENDABLE);
  EXPECT_THAT(referral_.requests(), IsEmpty());
}

TEST_F(DecisionsTest, WhatMayPassIsSentAgain) {
  referral_.Refuse(grpc::Status(grpc::StatusCode::UNAVAILABLE, "down"));
  ASSERT_THAT(Send(Saying(MustLease(campaign_), "meals", true)), IsOk());
  ASSERT_TRUE(WaitUntil([&] { return Value("SELECT max(tries) FROM outbox") != "0"; }));
  EXPECT_EQ(MustExplain().bucket(), pb::CALLABILITY_BUCKET_DONE);
  referral_.Refuse(grpc::Status::OK);
  test_database_.Query("UPDATE outbox SET due_time = now()");
  EXPECT_TRUE(WaitUntil([&] { return Value("SELECT count(*) FROM outbox") == "0"; }));
  EXPECT_EQ(MustExplain().bucket(), pb::CALLABILITY_BUCKET_DONE);
}

// The first try arrived, its answer was lost, and the second was refused: there is a referral.
TEST_F(DecisionsTest, ARefusalIsTakenBackByTheReferralThatExists) {
  const pb::CallSheet sheet = MustLease(campaign_);
  registry_.Remove(household_.id);
  const auto recorded = Send(Saying(sheet, "meals", true));
  ASSERT_THAT(recorded, IsOk());
  ASSERT_TRUE(WaitUntil([&] { return Value("SELECT count(*) FROM outbox") == "0"; }));
  Tell(recorded->findings(0).finding_id(), 1, common_pb::REFERRAL_STATE_REQUESTED);
  EXPECT_EQ(MustExplain().bucket(), pb::CALLABILITY_BUCKET_DONE);
  EXPECT_TRUE(MustExplain().findings(0).shared());
}

// The answer to the first try was lost, and by the second the referral had run its course.
TEST_F(DecisionsTest, AReferralThatHasBeenCompletedMeanwhileIsNotTakenForOneThatNobodyCovers) {
  referral_.AnswerExisting(referral_id_, common_pb::REFERRAL_STATE_COMPLETED);
  const auto recorded = Send(Saying(MustLease(campaign_), "meals", true));
  ASSERT_THAT(recorded, IsOk());
  ASSERT_TRUE(WaitUntil([&] { return Value("SELECT count(*) FROM outbox") == "0"; }));
  EXPECT_EQ(Value("SELECT count(*) FROM findings WHERE decision_reason IS NOT NULL"), "0");
  Tell(recorded->findings(0).finding_id(), 5, common_pb::REFERRAL_STATE_COMPLETED);
  EXPECT_EQ(Value("SELECT referral_state FROM findings"), "COMPLETED");
}

TEST_F(DecisionsTest, UpdatesOfOneReferralLockItsFindingsInOneOrder) {
  referral_.AnswerExisting(referral_id_);
  const auto recorded = Send(Saying(MustLease(campaign_), "meals", true));
  ASSERT_THAT(recorded, IsOk());
  ASSERT_TRUE(WaitUntil([&] { return Value("SELECT referral_version FROM findings") == "1"; }));
  const std::string own = recorded->findings(0).finding_id();
  const std::string twin = "00000000-0000-4000-8000-000000000000";  // before any other
  test_database_.Query(
      "INSERT INTO findings (landlord_id, finding_id, campaign_id, household_id, attempt_id, "
      "tenant_id, kind, need, need_key, urgency, raised_by_volunteer, shared, sharing_basis, "
      "find_time, referral_id, referral_version, referral_state) SELECT landlord_id, '" +
      twin +
      "', campaign_id, household_id, attempt_id, tenant_id, kind, need, need_key, urgency, "
      "raised_by_volunteer, shared, sharing_basis, find_time, referral_id, referral_version, "
      "referral_state FROM findings");
  test_database_.Query("BEGIN");
  test_database_.Query("SELECT FROM findings WHERE finding_id = '" + twin + "' FOR UPDATE");
  std::thread telling([&] { Tell(own, 2, common_pb::REFERRAL_STATE_ACCEPTED); });
  EXPECT_TRUE(WaitUntil(
      [&] { return Value("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted") == "t"; }));
  // It waits for the first of them, and holds nothing behind it.
  EXPECT_EQ(Value("SELECT count(*) FROM (SELECT FROM findings WHERE finding_id = '" + own +
                  "' FOR UPDATE SKIP LOCKED) AS free"),
            "1");
  test_database_.Query("COMMIT");
  telling.join();
  EXPECT_EQ(Value("SELECT count(*) FROM findings WHERE referral_state = 'ACCEPTED'"), "2");
}

// ---- listing and deciding

TEST_F(DecisionsTest, EmergenciesAreListedFirstPageByPage) {
  for (int i = 0; i < 4; ++i) registry_.Add();
  campaign_ = RunCampaign();
  std::vector<std::string> emergencies;
  std::vector<std::string> others;
  for (int i = 0; i < 5; ++i) {
    const pb::CallSheet sheet = MustLease(campaign_);
    const bool danger = i % 2 == 1;
    ASSERT_THAT(Send(Saying(sheet, danger ? "danger" : "meals", false)), IsOk());
    (danger ? emergencies : others).push_back(sheet.lease().household_id());
  }
  std::sort(emergencies.begin(), emergencies.end());
  std::sort(others.begin(), others.end());
  std::vector<std::string> listed;
  std::string token;
  do {
    const auto page = List(2, token);
    ASSERT_THAT(page, IsOk());
    for (const pb::Decision& decision : page->decisions()) {
      listed.push_back(decision.household_id());
      ASSERT_THAT(decision.findings(), SizeIs(1));
      EXPECT_EQ(decision.findings(0).decision_reason(), decision.reason());
      EXPECT_EQ(decision.state(), pb::HOUSEHOLD_STATE_NEEDS_DECISION);
    }
    token = page->next_page_token();
  } while (!token.empty());
  std::vector<std::string> expected = emergencies;
  expected.insert(expected.end(), others.begin(), others.end());
  EXPECT_EQ(listed, expected);
}

TEST_F(DecisionsTest, AHouseholdGoesOnFromWhereItsCallLeftIt) {
  pb::RecordCallRequest record = Saying(MustLease(campaign_), "meals", false);
  record.set_disposition(pb::DISPOSITION_PARTIAL);
  ASSERT_THAT(Send(record), IsOk());
  const pb::DecideHouseholdRequest request = Deciding(List()->decisions(0));
  for (int i = 0; i < 2; ++i) {  // the second is the same request again
    const auto decided = Decide(request);
    ASSERT_THAT(decided, IsOk());
    EXPECT_EQ(decided->household_state(), pb::HOUSEHOLD_STATE_PENDING);
    EXPECT_EQ(decided->next_attempt_time().seconds(),
              absl::ToUnixSeconds(clock_.Now() + absl::Hours(4)));
  }
  EXPECT_THAT(List()->decisions(), IsEmpty());
  EXPECT_EQ(Report(campaign_).needs_decision(), 0);
  EXPECT_EQ(MustExplain().bucket(), pb::CALLABILITY_BUCKET_WAITING_FOR_RETRY);
  EXPECT_EQ(Value("SELECT count(*) FROM call_queue"), "1");
  EXPECT_EQ(Value("SELECT reason || ' ' || decider FROM decisions"), "NOT_AGREED co-1");
  EXPECT_EQ(Value("SELECT count(*) FROM audit_events WHERE method = 'DecideHousehold'"), "1");
  // The list showed the household once; the empty one showed nobody.
  EXPECT_EQ(
      Value("SELECT string_agg(object_kind || ' ' || (object_id = '" + request.household_id() +
            "'), ', ' ORDER BY object_kind) FROM audit_events WHERE method = 'ListDecisions'"),
      "decision list false, decision list false, household true");
  WaitForTheRetry();
  EXPECT_THAT(Lease(campaign_), IsOk());
}

TEST_F(DecisionsTest, LateRecordsAreListedWithTheirHouseholdAndDecidedWithIt) {
  Enrol("vo-2");
  const pb::CallSheet lost = MustLease(campaign_);
  test_database_.MoveClock(absl::Minutes(16));
  ASSERT_TRUE(WaitUntil([&] { return Value("SELECT count(*) FROM call_queue") == "1"; }));
  const auto held = Lease(campaign_, "vo-2");
  ASSERT_THAT(held, IsOk());
  const auto late = Send(Saying(lost, "meals", false));
  ASSERT_THAT(late, IsOk());
  const pb::Decision decision = List()->decisions(0);
  EXPECT_EQ(decision.reason(), pb::DECISION_REASON_LATE_RECORD);
  EXPECT_EQ(decision.state(), pb::HOUSEHOLD_STATE_LEASED);
  ASSERT_THAT(decision.late_records(), SizeIs(1));
  EXPECT_EQ(decision.late_records(0).attempt_id(), late->attempt_id());
  EXPECT_EQ(decision.late_records(0).disposition(), pb::DISPOSITION_COMPLETED);
  // Decided while somebody calls: the lease lives, and nothing waits after it.
  const auto decided = Decide(Deciding(decision));
  ASSERT_THAT(decided, IsOk());
  EXPECT_EQ(decided->household_state(), pb::HOUSEHOLD_STATE_LEASED);
  const auto recorded = Send(Record(held->call_sheet()), "vo-2");
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_DONE);
  EXPECT_THAT(List()->decisions(), IsEmpty());
}

TEST_F(DecisionsTest, WhatTheCoordinatorHasNotSeenIsNotDecided) {
  ASSERT_THAT(Send(Saying(MustLease(campaign_), "meals", true)), IsOk());
  const std::string finding = Value("SELECT finding_id FROM findings");
  Tell(finding, 2, common_pb::REFERRAL_STATE_REJECTED);
  pb::DecideHouseholdRequest request = Deciding(List()->decisions(0));
  Tell(finding, 3, common_pb::REFERRAL_STATE_REQUESTED, /*not_covered=*/true);
  EXPECT_THAT(Decide(request), ReasonIs(common_pb::ERROR_REASON_ETAG_MISMATCH));
  request = Deciding(List()->decisions(0));
  EXPECT_THAT(Decide(request), IsOk());
  request.set_request_id(NewId());
  EXPECT_THAT(Decide(request), ReasonIs(common_pb::ERROR_REASON_ETAG_MISMATCH));  // nothing waits
}

TEST_F(DecisionsTest, RefusalsHaveTheirReasons) {
  ASSERT_THAT(Send(Saying(MustLease(campaign_), "meals", false)), IsOk());
  const pb::Decision decision = List()->decisions(0);
  pb::DecideHouseholdRequest request = Deciding(decision);
  for (const Identity& stranger : {Volunteer(), Service("referral")}) {
    EXPECT_THAT(Call(campaigns_, &pb::CampaignService::Stub::DecideHousehold, request, stranger),
                ReasonIs(common_pb::ERROR_REASON_ACCESS_DENIED));
  }
  EXPECT_THAT(Call(campaigns_, &pb::CampaignService::Stub::DecideHousehold, request,
                   OfOtherLandlord(Coordinator())),
              ReasonIs(common_pb::ERROR_REASON_HOUSEHOLD_NOT_FOUND));
  pb::ListDecisionsRequest listing;
  listing.set_campaign_id(campaign_);
  EXPECT_THAT(Call(campaigns_, &pb::CampaignService::Stub::ListDecisions, listing,
                   OfOtherLandlord(Coordinator())),
              ReasonIs(common_pb::ERROR_REASON_CAMPAIGN_NOT_FOUND));
  request = {};
  const auto refused = Decide(request);
  EXPECT_THAT(refused, ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS));
  EXPECT_THAT(FieldsOf(refused.status()),
              ElementsAre("request_id", "campaign_id", "household_id", "etag", "note"));
}

}  // namespace
}  // namespace veille::call_tracking
