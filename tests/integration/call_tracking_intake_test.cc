// Facts from the other services: taken once each, in whatever order they come.

#include "common/rpc/fields.h"
#include "integration/call_tracking_fixture.h"
#include "testing/wait_until.h"

namespace veille::call_tracking {
namespace {

using ::testing::ElementsAre;
using ::veille::testing::IsOk;
using ::veille::testing::ReasonIs;
using ::veille::testing::WaitUntil;

class IntakeTest : public CallTrackingFixture {
 protected:
  auto Update(const pb::RecordReferralUpdateRequest& request, const Identity& identity) {
    return Call(intake_, &pb::IntakeService::Stub::RecordReferralUpdate, request, identity);
  }
  auto Change(const pb::RecordHouseholdChangeRequest& request, const Identity& identity) {
    return Call(intake_, &pb::IntakeService::Stub::RecordHouseholdChange, request, identity);
  }
  Identity Referral() const { return Service("referral"); }
  Identity Registry() const { return Service("tenant-registry"); }

  // Makes a call that finds a need of meals, and that its subject agrees to share; the finding.
  pb::Finding FindMeals(const std::string& campaign) {
    pb::RecordCallRequest request = Saying(MustLease(campaign), "meals");
    Agree(request, request.answers(0).tenant_id(), common_pb::NEED_MEALS);
    const auto recorded = Send(request);
    EXPECT_THAT(recorded, IsOk());
    return recorded->findings(0);
  }
  // A call that ends with an objection, after its subject spoke of meals.
  pb::RecordCallRequest NeverAgain(const pb::CallSheet& sheet) {
    pb::RecordCallRequest request = Record(sheet);
    request.clear_answers();
    request.set_disposition(pb::DISPOSITION_OBJECTION);
    for (const auto& tenant : sheet.contact().tenants()) {
      if (!tenant.subject()) continue;
      auto& raised = *request.add_raised_findings();
      raised.set_tenant_id(tenant.tenant_id());
      raised.set_need(common_pb::NEED_MEALS);
      raised.set_urgency(common_pb::URGENCY_ROUTINE);
    }
    return request;
  }
  // Beside another household of one subject.
  RegisteredHousehold AddWithTwoSubjects() {
    auto household = registry_.Add();
    household.id = NewId();
    household.subjects = {NewId(), NewId()};
    household.phone_hashes = {std::string(32, 'p')};
    registry_.Add(household);
    return household;
  }
  pb::RecordReferralUpdateRequest UpdateOf(const std::string& campaign, const std::string& finding,
                                           int version, common_pb::ReferralState state) const {
    pb::RecordReferralUpdateRequest request;
    request.set_request_id(NewId());
    request.set_referral_id(referral_id_);
    request.set_finding_id(finding);
    request.set_campaign_id(campaign);
    request.set_version(version);
    request.set_state(state);
    if (state == common_pb::REFERRAL_STATE_COMPLETED) {
      request.set_outcome(common_pb::REFERRAL_OUTCOME_HELPED);
    }
    *request.mutable_update_time() = rpc::ToProto(clock_.Now());
    return request;
  }
  pb::RecordHouseholdChangeRequest ChangeOf(const std::string& household, int version,
                                            pb::HouseholdChangeKind kind) const {
    pb::RecordHouseholdChangeRequest request;
    request.set_request_id(NewId());
    request.set_household_id(household);
    request.set_version(version);
    request.set_kind(kind);
    return request;
  }
  bool Applied(const pb::RecordReferralUpdateRequest& request) {
    const auto answer = Update(request, Referral());
    EXPECT_THAT(answer, IsOk());
    return answer.ok() && answer->applied();
  }
  bool Applied(const pb::RecordHouseholdChangeRequest& request) {
    const auto answer = Change(request, Registry());
    EXPECT_THAT(answer, IsOk());
    return answer.ok() && answer->applied();
  }
  pb::CallabilityBucket Bucket(const std::string& campaign, const std::string& household) {
    const auto explained = Explain(campaign, household);
    EXPECT_THAT(explained, IsOk());
    return explained.ok() ? explained->bucket() : pb::CALLABILITY_BUCKET_UNSPECIFIED;
  }

  const std::string referral_id_ = NewId();
};

// ---- referrals

TEST_F(IntakeTest, TheHighestVersionOfAReferralStands) {
  const auto household = registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol();
  const std::string finding = FindMeals(campaign).finding_id();
  const auto received = UpdateOf(campaign, finding, 2, common_pb::REFERRAL_STATE_RECEIVED);
  EXPECT_TRUE(Applied(received));
  const auto stale = UpdateOf(campaign, finding, 1, common_pb::REFERRAL_STATE_REQUESTED);
  EXPECT_FALSE(Applied(stale));
  EXPECT_TRUE(Applied(UpdateOf(campaign, finding, 5, common_pb::REFERRAL_STATE_COMPLETED)));
  EXPECT_FALSE(Applied(UpdateOf(campaign, finding, 4, common_pb::REFERRAL_STATE_ACCEPTED)));
  // The same requests answer the same, whatever came since.
  EXPECT_TRUE(Applied(received));
  EXPECT_FALSE(Applied(stale));

  const auto explained = Explain(campaign, household.id);
  ASSERT_THAT(explained, IsOk());
  EXPECT_EQ(explained->bucket(), pb::CALLABILITY_BUCKET_VERIFICATION_WAITING);
  ASSERT_EQ(explained->findings_size(), 1);
  EXPECT_EQ(explained->findings(0).referral_state(), common_pb::REFERRAL_STATE_COMPLETED);
  EXPECT_EQ(explained->findings(0).referral_outcome(), common_pb::REFERRAL_OUTCOME_HELPED);
  const auto report = Report(campaign);
  ASSERT_EQ(report.referrals_size(), 1);
  EXPECT_EQ(report.referrals(0).state(), common_pb::REFERRAL_STATE_COMPLETED);
}

TEST_F(IntakeTest, AReferralThatComesToNothingWaitsForACoordinator) {
  const auto household = registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol();
  const std::string finding = FindMeals(campaign).finding_id();
  ASSERT_EQ(Bucket(campaign, household.id), pb::CALLABILITY_BUCKET_DONE);

  EXPECT_TRUE(Applied(UpdateOf(campaign, finding, 2, common_pb::REFERRAL_STATE_REJECTED)));
  const auto rejected = Explain(campaign, household.id);
  EXPECT_EQ(rejected->bucket(), pb::CALLABILITY_BUCKET_AWAITING_DECISION);
  EXPECT_EQ(rejected->decision_reason(), pb::DECISION_REASON_REFERRAL_ENDED);
  EXPECT_EQ(Report(campaign).needs_decision(), 1);

  // Another partner has it now.
  EXPECT_TRUE(Applied(UpdateOf(campaign, finding, 3, common_pb::REFERRAL_STATE_REQUESTED)));
  EXPECT_EQ(Bucket(campaign, household.id), pb::CALLABILITY_BUCKET_DONE);
  EXPECT_EQ(Report(campaign).needs_decision(), 0);

  auto not_covered = UpdateOf(campaign, finding, 4, common_pb::REFERRAL_STATE_REQUESTED);
  not_covered.set_not_covered(true);
  EXPECT_TRUE(Applied(not_covered));
  EXPECT_EQ(Explain(campaign, household.id)->decision_reason(), pb::DECISION_REASON_NOT_COVERED);
}

TEST_F(IntakeTest, AHouseholdToBeCalledAgainIsOnceItsReferralGoesOn) {
  const auto household = registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol();
  const std::string finding = FindMeals(campaign).finding_id();
  test_database_.Query(
      "UPDATE cohort_households SET state = 'PENDING', wait_reason = 'RETRY', "
      "next_attempt_time = now() - interval '1 minute'");
  EXPECT_TRUE(Applied(UpdateOf(campaign, finding, 2, common_pb::REFERRAL_STATE_FAILED)));
  EXPECT_EQ(Bucket(campaign, household.id), pb::CALLABILITY_BUCKET_AWAITING_DECISION);
  EXPECT_EQ(Value("SELECT count(*) FROM call_queue"), "0");
  EXPECT_TRUE(Applied(UpdateOf(campaign, finding, 3, common_pb::REFERRAL_STATE_RECEIVED)));
  EXPECT_EQ(Bucket(campaign, household.id), pb::CALLABILITY_BUCKET_DUE);
  EXPECT_THAT(Lease(campaign), IsOk());
}

TEST_F(IntakeTest, FindingsThatShareAReferralFollowIt) {
  const auto household = registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol();
  const std::string other_finding = NewId();  // another finding's referral takes this need
  referral_.AnswerExisting(referral_id_);
  FindMeals(campaign);
  ASSERT_TRUE(testing::WaitUntil(
      [&] { return Value("SELECT count(*) FROM findings WHERE referral_version = 1") == "1"; }));
  test_database_.Query(
      "INSERT INTO findings (landlord_id, finding_id, campaign_id, household_id, "
      "attempt_id, tenant_id, kind, need, need_key, urgency, "
      "raised_by_volunteer, shared, sharing_basis, find_time) SELECT "
      "landlord_id, '" +
      other_finding +
      "', campaign_id, household_id, "
      "attempt_id, tenant_id, kind, need, need_key, urgency, "
      "raised_by_volunteer, shared, sharing_basis, find_time FROM findings");
  EXPECT_TRUE(Applied(UpdateOf(campaign, other_finding, 4, common_pb::REFERRAL_STATE_ACCEPTED)));
  EXPECT_EQ(Value("SELECT count(*) FROM findings WHERE referral_state = 'ACCEPTED'"), "2");
  const auto report = Report(campaign);
  ASSERT_EQ(report.referrals_size(), 1);
  EXPECT_EQ(report.referrals(0).referrals(), 1);  // one referral of two findings
}

TEST_F(IntakeTest, FindingsOfAnotherLandlordAreNotFound) {
  registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol();
  const std::string finding = FindMeals(campaign).finding_id();
  const auto update = UpdateOf(campaign, finding, 2, common_pb::REFERRAL_STATE_RECEIVED);
  const auto not_found = ReasonIs(common_pb::ERROR_REASON_FINDING_NOT_FOUND);
  EXPECT_THAT(Update(update, OfOtherLandlord(Referral())), not_found);
  EXPECT_THAT(Update(UpdateOf(NewId(), finding, 2, common_pb::REFERRAL_STATE_RECEIVED), Referral()),
              not_found);
  EXPECT_THAT(
      Update(UpdateOf(campaign, NewId(), 2, common_pb::REFERRAL_STATE_RECEIVED), Referral()),
      not_found);
  EXPECT_THAT(Update(update, Registry()), ReasonIs(common_pb::ERROR_REASON_ACCESS_DENIED));
  EXPECT_THAT(Update(update, Coordinator()), ReasonIs(common_pb::ERROR_REASON_ACCESS_DENIED));
  EXPECT_TRUE(Applied(update));
  auto reused = UpdateOf(campaign, finding, 3, common_pb::REFERRAL_STATE_ACCEPTED);
  pb::RecordHouseholdChangeRequest change =
      ChangeOf(NewId(), 1, pb::HOUSEHOLD_CHANGE_KIND_OBJECTION);
  ASSERT_TRUE(Applied(change));
  reused.set_request_id(change.request_id());
  EXPECT_THAT(Update(reused, Referral()), ReasonIs(common_pb::ERROR_REASON_REQUEST_ID_REUSED));
}

TEST_F(IntakeTest, AnUpdateTellsAllThatIsWrongAtOnce) {
  pb::RecordReferralUpdateRequest request;
  request.set_referral_id("?");
  request.set_version(-1);
  request.set_state(static_cast<common_pb::ReferralState>(99));
  request.set_outcome(common_pb::REFERRAL_OUTCOME_HELPED);
  request.mutable_update_time()->set_nanos(-1);
  const auto refused = Update(request, Referral());
  EXPECT_THAT(refused, ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS));
  EXPECT_THAT(FieldsOf(refused.status()),
              ElementsAre("request_id", "referral_id", "finding_id", "campaign_id", "version",
                          "state", "outcome", "update_time"));
  auto completed = UpdateOf(NewId(), NewId(), 1, common_pb::REFERRAL_STATE_COMPLETED);
  completed.clear_outcome();
  EXPECT_THAT(FieldsOf(Update(completed, Referral()).status()), ElementsAre("outcome"));
}

// ---- households

TEST_F(IntakeTest, AnObjectionStopsACallThatIsBeingMade) {
  const auto household = registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol();
  const auto lease = Lease(campaign);
  ASSERT_THAT(lease, IsOk());
  const auto objection = ChangeOf(household.id, 2, pb::HOUSEHOLD_CHANGE_KIND_OBJECTION);
  EXPECT_TRUE(Applied(objection));
  EXPECT_TRUE(Applied(objection));  // again: the same answer
  EXPECT_EQ(Bucket(campaign, household.id), pb::CALLABILITY_BUCKET_OBJECTION);
  EXPECT_EQ(Value("SELECT count(*) FROM leases WHERE state = 'LIVE'"), "0");
  EXPECT_THAT(Lease(campaign), ReasonIs(common_pb::ERROR_REASON_NO_CALL_DUE));
  // What the tenant said meanwhile is kept, and the household stays closed.
  const auto recorded = Send(Record(lease->call_sheet()));
  ASSERT_THAT(recorded, IsOk());
  EXPECT_EQ(recorded->household_state(), pb::HOUSEHOLD_STATE_CLOSED);
  EXPECT_EQ(Value("SELECT count(*) FROM call_queue"), "0");
}

// What was found before is to be helped no further either: the referral service hears of it, once.
TEST_F(IntakeTest, AnObjectionIsToldToTheReferralService) {
  const RegisteredHousehold household = AddWithTwoSubjects();
  RunCampaign();
  auto objection = ChangeOf(household.id, 2, pb::HOUSEHOLD_CHANGE_KIND_OBJECTION);
  objection.add_tenant_ids(household.subjects[1]);
  EXPECT_TRUE(Applied(objection));
  EXPECT_TRUE(Applied(objection));
  EXPECT_TRUE(Applied(ChangeOf(household.id, 3, pb::HOUSEHOLD_CHANGE_KIND_LEFT)));
  EXPECT_TRUE(Applied(ChangeOf(household.id, 4, pb::HOUSEHOLD_CHANGE_KIND_OBJECTION)));
  ASSERT_TRUE(WaitUntil([&] { return Value("SELECT count(*) FROM outbox") == "0"; }));
  const auto told = referral_.objections();
  ASSERT_EQ(told.size(), 2u);
  const bool in_order = told[0].version() == 2;  // they may overtake each other
  const auto& first = told[in_order ? 0 : 1];
  const auto& second = told[in_order ? 1 : 0];
  EXPECT_EQ(first.household_id(), household.id);
  EXPECT_EQ(first.version(), 2);
  EXPECT_THAT(first.tenant_ids(), ElementsAre(household.subjects[1]));
  EXPECT_EQ(second.version(), 4);
  EXPECT_EQ(second.tenant_ids_size(), 0);
}

// "Send the meals, but never call again": what was agreed to in a call goes on.
TEST_F(IntakeTest, AnObjectionToCallsOnlyEndsCallsAndLeavesReferralsAlone) {
  const auto household = registry_.Add();
  const std::string first = RunCampaign();
  const std::string second = RunCampaign();
  Enrol();
  ASSERT_THAT(Lease(first), IsOk());
  auto objection = ChangeOf(household.id, 2, pb::HOUSEHOLD_CHANGE_KIND_OBJECTION);
  objection.set_calls_only(true);
  EXPECT_TRUE(Applied(objection));
  EXPECT_TRUE(Applied(objection));
  EXPECT_EQ(Value("SELECT count(*) FROM outbox"), "0");
  EXPECT_EQ(Value("SELECT count(*) FROM leases WHERE state = 'LIVE'"), "0");
  EXPECT_EQ(Bucket(first, household.id), pb::CALLABILITY_BUCKET_OBJECTION);
  EXPECT_EQ(Bucket(second, household.id), pb::CALLABILITY_BUCKET_OBJECTION);
  // One to the programme, said later, is told as ever.
  EXPECT_TRUE(Applied(ChangeOf(household.id, 3, pb::HOUSEHOLD_CHANGE_KIND_OBJECTION)));
  ASSERT_TRUE(WaitUntil([&] { return referral_.objections().size() == 1; }));
  EXPECT_EQ(referral_.objections()[0].version(), 3);
}

// What the register makes of an objection said in a call comes back to where it was said.
TEST_F(IntakeTest, AnObjectionThatComesBackChangesNothing) {
  const auto household = registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol();
  ASSERT_THAT(Send(NeverAgain(MustLease(campaign))), IsOk());  // not asked whether to share it
  const std::string standing =
      "SELECT concat_ws(' ', state, settled_state, decision_reason, objection, wait_reason, "
      "attempts, next_attempt_time, to_verify) FROM cohort_households";
  const std::string before = Value(standing);
  auto objection = ChangeOf(household.id, 2, pb::HOUSEHOLD_CHANGE_KIND_OBJECTION);
  objection.set_calls_only(true);
  EXPECT_TRUE(Applied(objection));
  EXPECT_EQ(Value(standing), before);
  EXPECT_EQ(Explain(campaign, household.id)->decision_reason(), pb::DECISION_REASON_NOT_AGREED);
}

// The case is sent with what the register says at that moment.
TEST_F(IntakeTest, ACaseSaysAsOfWhichVersionNobodyObjects) {
  registry_.Add();
  Enrol();
  FindMeals(RunCampaign());
  ASSERT_TRUE(WaitUntil([&] { return referral_.requests().size() == 1; }));
  EXPECT_EQ(referral_.requests()[0].household_version(), 1);
  EXPECT_FALSE(referral_.requests()[0].objection());
}

TEST_F(IntakeTest, ACaseSaysThatItsSubjectObjectsByNow) {
  RegisteredHousehold household = registry_.Add();
  Enrol();
  const std::string campaign = RunCampaign();
  const auto lease = MustLease(campaign);
  registry_.Remove(household.id);
  household.version = 2;
  household.objection = true;
  registry_.Add(household);
  pb::RecordCallRequest request = Saying(lease, "meals");
  Agree(request, request.answers(0).tenant_id(), common_pb::NEED_MEALS);
  ASSERT_THAT(Send(request), IsOk());
  ASSERT_TRUE(WaitUntil([&] { return referral_.requests().size() == 1; }));
  EXPECT_EQ(referral_.requests()[0].household_version(), 2);
  EXPECT_TRUE(referral_.requests()[0].objection());
}

TEST_F(IntakeTest, ACaseOfWhoObjectsToCallsOnlyIsSentAsAgreed) {
  RegisteredHousehold household = registry_.Add();
  Enrol();
  const auto lease = MustLease(RunCampaign());
  registry_.Remove(household.id);
  household.version = 2;
  household.objection = household.calls_only = true;
  registry_.Add(household);
  pb::RecordCallRequest request = NeverAgain(lease);
  Agree(request, household.subjects[0], common_pb::NEED_MEALS);
  ASSERT_THAT(Send(request), IsOk());
  ASSERT_TRUE(WaitUntil([&] { return referral_.requests().size() == 1; }));
  EXPECT_FALSE(referral_.requests()[0].objection());
}

TEST_F(IntakeTest, AHouseholdIsCalledWhileASubjectIsLeft) {
  const RegisteredHousehold household = AddWithTwoSubjects();
  const std::string campaign = RunCampaign();
  auto death = ChangeOf(household.id, 2, pb::HOUSEHOLD_CHANGE_KIND_DECEASED);
  death.add_tenant_ids(household.subjects[0]);
  EXPECT_TRUE(Applied(death));
  EXPECT_EQ(Bucket(campaign, household.id), pb::CALLABILITY_BUCKET_DUE);
  auto second = ChangeOf(household.id, 3, pb::HOUSEHOLD_CHANGE_KIND_DECEASED);
  second.add_tenant_ids(household.subjects[1]);
  EXPECT_TRUE(Applied(second));
  EXPECT_EQ(Bucket(campaign, household.id), pb::CALLABILITY_BUCKET_CLOSED);
  EXPECT_EQ(Value("SELECT count(*) FROM call_queue WHERE household_id = '" + household.id + "'"),
            "0");
  EXPECT_EQ(Value("SELECT count(*) FROM call_queue"), "1");
}

TEST_F(IntakeTest, WhatEndsCallsActsInWhateverOrder) {
  const auto household = registry_.Add();
  const std::string campaign = RunCampaign();
  auto phones = ChangeOf(household.id, 3, pb::HOUSEHOLD_CHANGE_KIND_PHONES);
  phones.add_phone_hashes(std::string(32, 'n'));
  EXPECT_TRUE(Applied(phones));
  EXPECT_TRUE(Applied(ChangeOf(household.id, 2, pb::HOUSEHOLD_CHANGE_KIND_LEFT)));
  EXPECT_EQ(Bucket(campaign, household.id), pb::CALLABILITY_BUCKET_CLOSED);
  // A change of a version that was taken is taken no more; older phones are no news.
  EXPECT_FALSE(Applied(ChangeOf(household.id, 2, pb::HOUSEHOLD_CHANGE_KIND_OBJECTION)));
  EXPECT_FALSE(Applied(ChangeOf(household.id, 1, pb::HOUSEHOLD_CHANGE_KIND_PHONES)));
  EXPECT_EQ(Bucket(campaign, household.id), pb::CALLABILITY_BUCKET_CLOSED);
}

TEST_F(IntakeTest, WhatTheRegisterKnewWhenItDrewEndsNoCalls) {
  auto household = registry_.Add();
  household.id = NewId();
  household.subjects = {NewId()};
  household.phone_hashes = {std::string(32, 'q')};
  household.version = 5;  // it left at version 4, and came back
  registry_.Add(household);
  const std::string campaign = RunCampaign();
  EXPECT_TRUE(Applied(ChangeOf(household.id, 4, pb::HOUSEHOLD_CHANGE_KIND_LEFT)));
  EXPECT_EQ(Bucket(campaign, household.id), pb::CALLABILITY_BUCKET_DUE);
}

TEST_F(IntakeTest, PhonesAreReplacedAndTheLastOneGoes) {
  const auto household = registry_.Add();
  const std::string campaign = RunCampaign();
  EXPECT_TRUE(Applied(ChangeOf(household.id, 2, pb::HOUSEHOLD_CHANGE_KIND_PHONES)));
  EXPECT_EQ(Bucket(campaign, household.id), pb::CALLABILITY_BUCKET_NO_NUMBER_LEFT);
  EXPECT_EQ(Value("SELECT count(*) FROM call_queue"), "0");
  auto found = ChangeOf(household.id, 3, pb::HOUSEHOLD_CHANGE_KIND_PHONES);
  found.add_phone_hashes(std::string(32, 'x'));
  found.add_phone_hashes(std::string(32, 'y'));
  EXPECT_TRUE(Applied(found));
  EXPECT_EQ(Bucket(campaign, household.id), pb::CALLABILITY_BUCKET_DUE);
  EXPECT_EQ(Value("SELECT convert_from(phone_hash, 'UTF8') FROM call_queue"), std::string(32, 'x'));

  // The phone that comes next stays when it is still one of them.
  auto swapped = ChangeOf(household.id, 4, pb::HOUSEHOLD_CHANGE_KIND_PHONES);
  swapped.add_phone_hashes(std::string(32, 'y'));
  swapped.add_phone_hashes(std::string(32, 'x'));
  EXPECT_TRUE(Applied(swapped));
  EXPECT_EQ(Value("SELECT convert_from(phone_hash, 'UTF8') FROM call_queue"), std::string(32, 'x'));
}

// However many there are, the change arrives, and the household is called by the first of them.
TEST_F(IntakeTest, MorePhonesThanACampaignDialsAreTaken) {
  const auto household = registry_.Add();
  const std::string campaign = RunCampaign();
  auto phones = ChangeOf(household.id, 2, pb::HOUSEHOLD_CHANGE_KIND_PHONES);
  for (int i = 0; i < 25; ++i)
    phones.add_phone_hashes(std::string(30, 'n') + std::to_string(10 + i));
  EXPECT_TRUE(Applied(phones));
  EXPECT_EQ(Value("SELECT length(phone_hashes) / 32 FROM cohort_households"), "20");
  EXPECT_EQ(Bucket(campaign, household.id), pb::CALLABILITY_BUCKET_DUE);
}

// One row of the register may bring an objection and another phone: one version, two changes.
TEST_F(IntakeTest, AVersionMayBothEndCallsAndChangePhones) {
  const auto household = registry_.Add();
  const std::string campaign = RunCampaign();
  auto phones = ChangeOf(household.id, 2, pb::HOUSEHOLD_CHANGE_KIND_PHONES);
  phones.add_phone_hashes(std::string(32, 'n'));
  EXPECT_TRUE(Applied(phones));
  EXPECT_TRUE(Applied(ChangeOf(household.id, 2, pb::HOUSEHOLD_CHANGE_KIND_OBJECTION)));
  EXPECT_EQ(Bucket(campaign, household.id), pb::CALLABILITY_BUCKET_OBJECTION);
}

// Somebody of the household objects, and the phones of an older version come later: it is still
// called.
TEST_F(IntakeTest, AnObjectionOfOneDoesNotHideOlderPhones) {
  const RegisteredHousehold household = AddWithTwoSubjects();
  const std::string campaign = RunCampaign();
  auto objection = ChangeOf(household.id, 6, pb::HOUSEHOLD_CHANGE_KIND_OBJECTION);
  objection.add_tenant_ids(household.subjects[0]);
  EXPECT_TRUE(Applied(objection));
  auto phones = ChangeOf(household.id, 5, pb::HOUSEHOLD_CHANGE_KIND_PHONES);
  phones.add_phone_hashes(std::string(32, 'n'));
  EXPECT_TRUE(Applied(phones));
  EXPECT_EQ(Bucket(campaign, household.id), pb::CALLABILITY_BUCKET_DUE);
  EXPECT_EQ(Value("SELECT convert_from(phone_hash, 'UTF8') FROM call_queue WHERE household_id = '" +
                  household.id + "'"),
            std::string(32, 'n'));
}

TEST_F(IntakeTest, AHouseholdThatNobodyCallsIsTaken) {
  const auto change = ChangeOf(NewId(), 1, pb::HOUSEHOLD_CHANGE_KIND_OBJECTION);
  EXPECT_TRUE(Applied(change));
  EXPECT_EQ(Value("SELECT count(*) FROM household_changes"), "1");
  EXPECT_THAT(Change(change, Referral()), ReasonIs(common_pb::ERROR_REASON_ACCESS_DENIED));
}

TEST_F(IntakeTest, AChangeReachesItsOwnLandlordOnly) {
  const auto household = registry_.Add();
  const std::string campaign = RunCampaign();
  const auto change = ChangeOf(household.id, 2, pb::HOUSEHOLD_CHANGE_KIND_OBJECTION);
  EXPECT_THAT(Change(change, OfOtherLandlord(Registry())), IsOk());
  EXPECT_EQ(Bucket(campaign, household.id), pb::CALLABILITY_BUCKET_DUE);
  EXPECT_THAT(Change(change, Registry()), IsOk());
  EXPECT_EQ(Bucket(campaign, household.id), pb::CALLABILITY_BUCKET_OBJECTION);
}

TEST_F(IntakeTest, AChangeTellsAllThatIsWrongAtOnce) {
  pb::RecordHouseholdChangeRequest request;
  request.set_household_id("?");
  request.set_kind(pb::HOUSEHOLD_CHANGE_KIND_OBJECTION);
  request.add_tenant_ids("?");
  request.add_phone_hashes("short");
  const auto refused = Change(request, Registry());
  EXPECT_THAT(refused, ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS));
  EXPECT_THAT(FieldsOf(refused.status()),
              ElementsAre("request_id", "household_id", "version", "tenant_ids[0]", "phone_hashes",
                          "phone_hashes[0]"));
  auto many = ChangeOf(NewId(), 1, pb::HOUSEHOLD_CHANGE_KIND_OBJECTION);
  for (int i = 0; i < 51; ++i) many.add_tenant_ids(NewId());
  EXPECT_THAT(FieldsOf(Change(many, Registry()).status()), ElementsAre("tenant_ids"));
  auto of_one = ChangeOf(NewId(), 1, pb::HOUSEHOLD_CHANGE_KIND_OBJECTION);
  of_one.add_tenant_ids(NewId());
  of_one.set_calls_only(true);
  EXPECT_THAT(FieldsOf(Change(of_one, Registry()).status()), ElementsAre("calls_only"));
  auto left = ChangeOf(NewId(), 1, pb::HOUSEHOLD_CHANGE_KIND_LEFT);
  left.set_calls_only(true);
  EXPECT_THAT(FieldsOf(Change(left, Registry()).status()), ElementsAre("calls_only"));
  EXPECT_EQ(Value("SELECT count(*) FROM household_changes"), "0");
}

}  // namespace
}  // namespace veille::call_tracking
