// GetCampaignReport: each figure as its comment in the contract defines it, from calls that were
// really made.

#include "integration/call_tracking_fixture.h"

namespace veille::call_tracking {
namespace {

using ::veille::testing::IsOk;
using ::veille::testing::ReasonIs;

class ReportTest : public CallTrackingFixture {
 protected:
  // Leases the next household and records this about its first subject; the answer.
  pb::RecordCallResponse CallNext(const std::string& campaign, pb::Disposition disposition,
                                  const std::string& question = "", bool agreed = false) {
    const auto lease = Lease(campaign);
    EXPECT_THAT(lease, IsOk());
    if (!lease.ok()) return {};
    const pb::CallSheet& sheet = lease->call_sheet();
    pb::RecordCallRequest request = Record(sheet);
    request.set_disposition(disposition);
    request.clear_answers();
    if (!question.empty()) {
      pb::Answer& answer = *request.add_answers();
      answer.set_tenant_id(sheet.contact().tenants(0).tenant_id());
      answer.set_question_id(question);
      answer.set_boolean(true);
      if (question == "meals") {
        Agree(request, answer.tenant_id(), common_pb::NEED_MEALS, agreed);
      } else {
        AgreeToWeeklyCalls(request, answer.tenant_id(), agreed);
      }
    }
    const auto sent = Send(request);
    EXPECT_THAT(sent, IsOk());
    return sent.value_or(pb::RecordCallResponse());
  }
};

int64_t CountOf(const pb::CampaignReport& report, pb::Disposition disposition) {
  for (const auto& count : report.dispositions()) {
    if (count.disposition() == disposition) return count.attempts();
  }
  return 0;
}

TEST_F(ReportTest, CountsWhatWasDone) {
  for (int i = 0; i < 7; ++i) registry_.Add();
  registry_.AddLeftOut(registry_pb::LEFT_OUT_REASON_NO_VALID_PHONE);
  const std::string campaign = RunCampaign();
  Enrol();
  EXPECT_EQ(Report(campaign).not_called(), 7);

  CallNext(campaign, pb::DISPOSITION_COMPLETED);
  CallNext(campaign, pb::DISPOSITION_COMPLETED, "meals", /*agreed=*/true);
  CallNext(campaign, pb::DISPOSITION_COMPLETED, "meals", /*agreed=*/false);
  CallNext(campaign, pb::DISPOSITION_COMPLETED, "lonely", /*agreed=*/true);
  CallNext(campaign, pb::DISPOSITION_NO_ANSWER);
  CallNext(campaign, pb::DISPOSITION_OBJECTION);

  const pb::CampaignReport report = Report(campaign);
  EXPECT_EQ(report.campaign_id(), campaign);
  EXPECT_EQ(report.state(), pb::CAMPAIGN_STATE_RUNNING);
  EXPECT_EQ(report.selected(), 7);
  EXPECT_EQ(report.left_out().no_valid_phone(), 1);
  EXPECT_EQ(report.attempts(), 6);
  EXPECT_EQ(CountOf(report, pb::DISPOSITION_COMPLETED), 4);
  EXPECT_EQ(CountOf(report, pb::DISPOSITION_NO_ANSWER), 1);
  EXPECT_EQ(CountOf(report, pb::DISPOSITION_BUSY), 0);
  EXPECT_EQ(report.reached(), 5);
  EXPECT_EQ(report.completed(), 4);
  EXPECT_EQ(report.refused(), 1);
  EXPECT_EQ(report.not_reached(), 1);
  EXPECT_EQ(report.not_called(), 1);
  EXPECT_EQ(report.needs_decision(), 1);
  EXPECT_EQ(report.weekly_calls(), 1);
  EXPECT_EQ(report.needs_found(), 2);
  EXPECT_EQ(report.needs_shared(), 1);
  EXPECT_EQ(report.late_records(), 0);
  ASSERT_EQ(report.referrals_size(), 1);
  EXPECT_EQ(report.referrals(0).state(), common_pb::REFERRAL_STATE_REQUESTED);
  EXPECT_EQ(report.referrals(0).referrals(), 1);
  EXPECT_EQ(report.selected(), report.reached() + report.not_reached() + report.not_called());
}

int64_t SumOf(const pb::CampaignReport& report) {
  int64_t sum = 0;
  for (const auto& count : report.households()) sum += count.households();
  return sum;
}

// What the contract says of the figures, at any time.
void ExpectToAddUp(const pb::CampaignReport& report) {
  const pb::LeftOutCounts& left_out = report.left_out();
  EXPECT_EQ(report.drawn(), report.selected() + left_out.under_age() + left_out.objection() +
                                left_out.no_valid_phone());
  EXPECT_EQ(report.selected(), report.reached() + report.not_reached() + report.not_called());
  EXPECT_EQ(report.selected(), SumOf(report));
  int64_t attempts = 0;
  for (const auto& count : report.dispositions()) attempts += count.attempts();
  EXPECT_EQ(report.attempts(), attempts);
}

TEST_F(ReportTest, AddsUpAtAnyTime) {
  for (int i = 0; i < 9; ++i) registry_.Add();
  for (const auto reason :
       {registry_pb::LEFT_OUT_REASON_UNDER_AGE, registry_pb::LEFT_OUT_REASON_UNDER_AGE,
        registry_pb::LEFT_OUT_REASON_OBJECTION, registry_pb::LEFT_OUT_REASON_NO_VALID_PHONE}) {
    registry_.AddLeftOut(reason);
  }
  const std::string campaign = CreateCampaign();
  EXPECT_EQ(Report(campaign).state(), pb::CAMPAIGN_STATE_DRAFT);
  EXPECT_EQ(Report(campaign).drawn(), 0);
  ExpectToAddUp(Report(campaign));

  registry_.SetPageSize(2);
  registry_.CutAfter(3);
  EXPECT_THAT(Open(campaign), ReasonIs(common_pb::ERROR_REASON_REGISTRY_UNAVAILABLE));
  const pb::CampaignReport opening = Report(campaign);
  EXPECT_EQ(opening.state(), pb::CAMPAIGN_STATE_OPENING);
  EXPECT_EQ(opening.drawn(), 6);
  ExpectToAddUp(opening);

  registry_.CutAfter(-1);
  ASSERT_THAT(Open(campaign), IsOk());
  EXPECT_EQ(Report(campaign).drawn(), 13);
  ExpectToAddUp(Report(campaign));

  Enrol();
  for (const auto disposition :
       {pb::DISPOSITION_COMPLETED, pb::DISPOSITION_NO_ANSWER, pb::DISPOSITION_OBJECTION,
        pb::DISPOSITION_WRONG_NUMBER, pb::DISPOSITION_DECEASED, pb::DISPOSITION_REFUSED_THIS_CALL,
        pb::DISPOSITION_PARTIAL}) {
    CallNext(campaign, disposition);
    ExpectToAddUp(Report(campaign));
  }
  ASSERT_THAT(Lease(campaign), IsOk());
  const pb::CampaignReport report = Report(campaign);
  ExpectToAddUp(report);
  EXPECT_EQ(report.reached(), 4);
  EXPECT_EQ(report.not_reached(), 3);
  EXPECT_EQ(report.refused(), 2);
}

TEST_F(ReportTest, AHouseholdThatObjectsBeforeItsFirstCallIsNotReached) {
  const auto objecting = registry_.Add();
  registry_.Add();
  const std::string campaign = RunCampaign();
  pb::RecordHouseholdChangeRequest change;
  change.set_request_id(NewId());
  change.set_household_id(objecting.id);
  change.set_version(2);
  change.set_kind(pb::HOUSEHOLD_CHANGE_KIND_OBJECTION);
  ASSERT_THAT(Call(intake_, &pb::IntakeService::Stub::RecordHouseholdChange, change,
                   Service("tenant-registry")),
              IsOk());
  const pb::CampaignReport report = Report(campaign);
  EXPECT_EQ(report.not_reached(), 1);
  EXPECT_EQ(report.not_called(), 1);
  EXPECT_EQ(report.refused(), 0);  // nobody refused in a call
  ExpectToAddUp(report);
}

TEST_F(ReportTest, TheAgreedNeedIsSentOnceWithHowToReachItsSubject) {
  const auto household = registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol();
  CallNext(campaign, pb::DISPOSITION_COMPLETED, "meals", /*agreed=*/true);
  ASSERT_TRUE(testing::WaitUntil([&] { return Value("SELECT count(*) FROM outbox") == "0"; }));
  ASSERT_EQ(referral_.requests().size(), 1u);
  const auto request = referral_.requests()[0];
  EXPECT_EQ(request.household_id(), household.id);
  EXPECT_EQ(request.tenant_id(), household.subjects[0]);
  EXPECT_EQ(request.need(), common_pb::NEED_MEALS);
  EXPECT_EQ(request.contact().family_name(), "Durand");
  EXPECT_EQ(request.contact().commune_name(), "Toulouse");
  EXPECT_EQ(request.contact().phones_size(), 1);
  EXPECT_EQ(registry_.queries().back().finding_id(), request.finding_id());
}

TEST_F(ReportTest, ANeedWithoutAnAnsweringRegistryWaits) {
  registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol();
  const auto lease = Lease(campaign);
  ASSERT_THAT(lease, IsOk());
  registry_.Fail(true);
  pb::RecordCallRequest request = Record(lease->call_sheet());
  pb::RaisedFinding& raised = *request.add_raised_findings();
  raised.set_tenant_id(request.answers(0).tenant_id());
  raised.set_need(common_pb::NEED_SAFETY);
  raised.set_urgency(common_pb::URGENCY_EMERGENCY);  // shared in vital interest
  ASSERT_THAT(Send(request), IsOk());
  ASSERT_TRUE(testing::WaitUntil([&] { return Value("SELECT max(tries) FROM outbox") != "0"; }));
  EXPECT_EQ(referral_.requests().size(), 0u);
  registry_.Fail(false);
  ASSERT_TRUE(testing::WaitUntil([&] { return Value("SELECT count(*) FROM outbox") == "0"; }));
  ASSERT_EQ(referral_.requests().size(), 1u);
  EXPECT_FALSE(referral_.requests()[0].basis().vital_interest_reason().empty());
}

TEST_F(ReportTest, AWrongNumberIsReported) {
  const auto household = registry_.Add();
  const std::string campaign = RunCampaign();
  Enrol();
  CallNext(campaign, pb::DISPOSITION_WRONG_NUMBER);
  ASSERT_TRUE(testing::WaitUntil([&] { return registry_.reports().size() == 1; }));
  const auto report = registry_.reports()[0];
  EXPECT_EQ(report.household_id(), household.id);
  EXPECT_EQ(report.phone_hash(), household.phone_hashes[0]);
  EXPECT_EQ(report.fault(), registry_pb::PHONE_FAULT_WRONG_NUMBER);
  EXPECT_EQ(Report(campaign).not_reached(), 1);
}

TEST_F(ReportTest, OfAnotherLandlordIsNotFound) {
  registry_.Add();
  pb::GetCampaignReportRequest request;
  request.set_campaign_id(RunCampaign());
  const auto report = [&](const Identity& identity) {
    return Call(campaigns_, &pb::CampaignService::Stub::GetCampaignReport, request, identity);
  };
  EXPECT_THAT(report(Coordinator()), IsOk());
  EXPECT_THAT(report({"dpo", "dpo-1", landlord_}), IsOk());
  EXPECT_THAT(report(OfOtherLandlord(Coordinator())),
              ReasonIs(common_pb::ERROR_REASON_CAMPAIGN_NOT_FOUND));
  EXPECT_THAT(report(Volunteer()), ReasonIs(common_pb::ERROR_REASON_ACCESS_DENIED));
}

}  // namespace
}  // namespace veille::call_tracking
