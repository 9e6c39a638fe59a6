// Campaigns: created, paused, listed; each landlord's for itself.

#include "common/rpc/fields.h"
#include "integration/call_tracking_fixture.h"

namespace veille::call_tracking {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;
using ::veille::testing::IsOk;
using ::veille::testing::ReasonIs;

class CampaignsTest : public CallTrackingFixture {
 protected:
  auto Create(const pb::CreateCampaignRequest& request, const Identity& identity) {
    return Call(campaigns_, &pb::CampaignService::Stub::CreateCampaign, request, identity);
  }
  auto Get(const std::string& id, const Identity& identity) {
    pb::GetCampaignRequest request;
    request.set_campaign_id(id);
    return Call(campaigns_, &pb::CampaignService::Stub::GetCampaign, request, identity);
  }
  auto List(const pb::ListCampaignsRequest& request, const Identity& identity) {
    return Call(campaigns_, &pb::CampaignService::Stub::ListCampaigns, request, identity);
  }
  auto Pause(const std::string& id, const Identity& identity, const std::string& etag = "",
             const std::string& request_id = NewId()) {
    pb::PauseCampaignRequest request;
    request.set_request_id(request_id);
    request.set_campaign_id(id);
    request.set_etag(etag);
    return Call(campaigns_, &pb::CampaignService::Stub::PauseCampaign, request, identity);
  }
  auto Resume(const std::string& id, const Identity& identity, const std::string& etag = "") {
    pb::ResumeCampaignRequest request;
    request.set_request_id(NewId());
    request.set_campaign_id(id);
    request.set_etag(etag);
    return Call(campaigns_, &pb::CampaignService::Stub::ResumeCampaign, request, identity);
  }
};

TEST_F(CampaignsTest, KeepsAllThatItIsGiven) {
  auto request = Creation(PublishScript());
  pb::Campaign& given = *request.mutable_campaign();
  given.mutable_cohort_rule()->add_commune_codes("2A004");
  given.mutable_cohort_rule()->add_buildings("Résidence « Les Lilas »");
  auto& window = *given.add_call_hours();
  window.set_weekday(common_pb::WEEKDAY_MONDAY);
  window.set_start_minute(9 * 60);
  window.set_end_minute(24 * 60);
  auto& rule = *given.add_retry_rules();
  rule.set_disposition(pb::DISPOSITION_NO_ANSWER);
  rule.mutable_delay()->set_seconds(3600);
  rule.set_maximum_attempts(4);
  rule.set_next_phone(true);

  const auto created = Create(request, Coordinator());
  ASSERT_THAT(created, IsOk());
  const pb::Campaign& campaign = created->campaign();
  EXPECT_EQ(campaign.state(), pb::CAMPAIGN_STATE_DRAFT);
  EXPECT_EQ(campaign.script_version(), 1);  // the newest
  EXPECT_FALSE(campaign.has_left_out());
  EXPECT_FALSE(campaign.has_open_time());
  EXPECT_EQ(campaign.cohort_rule().SerializeAsString(), given.cohort_rule().SerializeAsString());
  ASSERT_EQ(campaign.call_hours_size(), 1);
  EXPECT_EQ(campaign.call_hours(0).SerializeAsString(), window.SerializeAsString());
  ASSERT_EQ(campaign.retry_rules_size(), 1);
  EXPECT_EQ(campaign.retry_rules(0).SerializeAsString(), rule.SerializeAsString());
  EXPECT_EQ(campaign.start_time().SerializeAsString(), given.start_time().SerializeAsString());

  EXPECT_EQ(Get(campaign.campaign_id(), Volunteer())->campaign().SerializeAsString(),
            campaign.SerializeAsString());
  EXPECT_EQ(Create(request, Coordinator())->SerializeAsString(), created->SerializeAsString());
  EXPECT_EQ(Value("SELECT count(*) FROM campaigns"), "1");
}

TEST_F(CampaignsTest, NeedsAScriptAndATitleOfItsOwn) {
  const std::string script = PublishScript();
  auto request = Creation(script);
  ASSERT_THAT(Create(request, Coordinator()), IsOk());
  request.set_request_id(NewId());
  EXPECT_THAT(Create(request, Coordinator()), ReasonIs(common_pb::ERROR_REASON_DUPLICATE_NAME));

  EXPECT_THAT(Create(Creation(NewId()), Coordinator()),
              ReasonIs(common_pb::ERROR_REASON_SCRIPT_NOT_FOUND));
  EXPECT_THAT(Create(Creation(script), OfOtherLandlord(Coordinator())),
              ReasonIs(common_pb::ERROR_REASON_SCRIPT_NOT_FOUND));
  auto unpublished = Creation(script);
  unpublished.mutable_campaign()->set_script_version(2);
  EXPECT_THAT(Create(unpublished, Coordinator()),
              ReasonIs(common_pb::ERROR_REASON_SCRIPT_NOT_FOUND));
  EXPECT_THAT(Create(Creation(script), Coordinator()), IsOk());
  EXPECT_EQ(Value("SELECT count(*) FROM campaigns"), "2");
}

TEST_F(CampaignsTest, KeepsItsSettings) {
  auto request = Creation(PublishScript());
  pb::Campaign& given = *request.mutable_campaign();
  auto& window = *given.add_call_hours();
  window.set_weekday(common_pb::WEEKDAY_MONDAY);
  window.set_start_minute(9 * 60);
  window.set_end_minute(12 * 60);
  auto& rule = *given.add_retry_rules();
  rule.set_disposition(pb::DISPOSITION_BUSY);
  rule.mutable_delay()->set_seconds(600);
  rule.set_maximum_attempts(3);
  rule.set_next_phone(true);
  given.mutable_weekly_cadence()->set_interval_days(14);
  given.mutable_weekly_cadence()->mutable_grace()->set_seconds(3600);
  const auto created = Create(request, Coordinator());
  ASSERT_THAT(created, IsOk());
  const pb::Campaign kept = Get(created->campaign().campaign_id(), Coordinator())->campaign();
  ASSERT_EQ(kept.call_hours_size(), 1);
  EXPECT_EQ(kept.call_hours(0).SerializeAsString(), window.SerializeAsString());
  ASSERT_EQ(kept.retry_rules_size(), 1);
  EXPECT_EQ(kept.retry_rules(0).SerializeAsString(), rule.SerializeAsString());
  EXPECT_EQ(kept.weekly_cadence().SerializeAsString(), given.weekly_cadence().SerializeAsString());
}

TEST_F(CampaignsTest, KeepsItsScript) {
  const std::string campaign = CreateCampaign();
  pb::PublishScriptRequest next;
  next.set_request_id(NewId());
  *next.mutable_script() = SampleScript();
  next.mutable_script()->set_script_id(Get(campaign, Coordinator())->campaign().script_id());
  ASSERT_THAT(Call(scripts_, &pb::ScriptService::Stub::PublishScript, next, Coordinator()), IsOk());
  EXPECT_EQ(Get(campaign, Coordinator())->campaign().script_version(), 1);
  EXPECT_THROW(test_database_.Query("UPDATE campaigns SET script_version = 2"), std::exception);
  EXPECT_THROW(test_database_.Query("DELETE FROM scripts WHERE version = 1"), std::exception);
  test_database_.Query("UPDATE campaigns SET title = 'Another'");
}

TEST_F(CampaignsTest, WeeklyCallsComeEverySevenDaysUnlessItSaysOtherwise) {
  auto request = Creation(PublishScript());
  const auto created = Create(request, Coordinator());
  ASSERT_THAT(created, IsOk());
  EXPECT_EQ(created->campaign().weekly_cadence().interval_days(), 7);
  EXPECT_EQ(created->campaign().weekly_cadence().grace().seconds(), 2 * 3600);

  request = Creation(request.campaign().script_id());
  auto& weekly = *request.mutable_campaign()->mutable_weekly_cadence();
  weekly.set_interval_days(29);
  weekly.mutable_grace()->set_seconds(7 * 24 * 3600 + 1);
  EXPECT_THAT(
      FieldsOf(Create(request, Coordinator()).status()),
      ElementsAre("campaign.weekly_cadence.interval_days", "campaign.weekly_cadence.grace"));
  weekly.set_interval_days(28);
  weekly.mutable_grace()->set_seconds(0);  // at once for everybody
  const auto longest = Create(request, Coordinator());
  ASSERT_THAT(longest, IsOk());
  EXPECT_EQ(longest->campaign().weekly_cadence().interval_days(), 28);
  EXPECT_EQ(longest->campaign().weekly_cadence().grace().seconds(), 0);
}

TEST_F(CampaignsTest, KeepsTheDeadlinesThatItHasOfItsOwn) {
  auto request = Creation(PublishScript());
  const auto without = Create(request, Coordinator());
  ASSERT_THAT(without, IsOk());
  EXPECT_FALSE(without->campaign().has_acknowledge_deadlines());

  request = Creation(request.campaign().script_id());
  auto& deadlines = *request.mutable_campaign()->mutable_acknowledge_deadlines();
  deadlines.mutable_emergency()->set_seconds(600);
  deadlines.set_routine_working_days(5);
  const auto created = Create(request, Coordinator());
  ASSERT_THAT(created, IsOk());
  const std::string id = created->campaign().campaign_id();
  const auto kept = Get(id, Volunteer())->campaign().acknowledge_deadlines();
  EXPECT_EQ(kept.emergency().seconds(), 600);
  EXPECT_EQ(kept.priority().seconds(), 4 * 3600);  // the usual one
  EXPECT_EQ(kept.routine_working_days(), 5);
  const auto listed = List({}, Coordinator());
  ASSERT_THAT(listed, IsOk());
  ASSERT_EQ(listed->campaigns_size(), 2);
  EXPECT_EQ(listed->campaigns(0).acknowledge_deadlines().SerializeAsString(),
            kept.SerializeAsString());
  EXPECT_FALSE(listed->campaigns(1).has_acknowledge_deadlines());
}

TEST_F(CampaignsTest, DeadlinesHaveBoundsAndAnOrder) {
  const std::string script = PublishScript();
  const auto refused = [&](int64_t emergency, int64_t priority, int routine) {
    auto request = Creation(script);
    auto& deadlines = *request.mutable_campaign()->mutable_acknowledge_deadlines();
    deadlines.mutable_emergency()->set_seconds(emergency);
    deadlines.mutable_priority()->set_seconds(priority);
    deadlines.set_routine_working_days(routine);
    return FieldsOf(Create(request, Coordinator()).status());
  };
  const std::string emergency = "campaign.acknowledge_deadlines.emergency";
  const std::string priority = "campaign.acknowledge_deadlines.priority";
  const std::string routine = "campaign.acknowledge_deadlines.routine_working_days";
  EXPECT_THAT(refused(59, 899, -1), ElementsAre(emergency, priority, routine));
  EXPECT_THAT(refused(14401, 108001, 21), ElementsAre(emergency, priority, routine));
  EXPECT_THAT(refused(901, 900, 1), ElementsAre(emergency));
  EXPECT_THAT(refused(60, 21601, 1), ElementsAre(priority));
  EXPECT_THAT(refused(60, 900, 1), ElementsAre());
  EXPECT_THAT(refused(14400, 108000, 5), ElementsAre());
  EXPECT_THAT(refused(60, 43200, 0), ElementsAre());  // as long as the usual two days
  EXPECT_EQ(Value("SELECT count(*) FROM campaigns"), "3");
}

TEST_F(CampaignsTest, TellsAllThatIsWrongAtOnce) {
  auto request = Creation("no uuid");
  request.set_request_id("");
  pb::Campaign& campaign = *request.mutable_campaign();
  campaign.set_title(std::string(201, 'x'));
  campaign.clear_purpose();
  campaign.mutable_cohort_rule()->set_minimum_age(-1);
  campaign.mutable_cohort_rule()->mutable_reference_date()->set_month(13);
  campaign.mutable_cohort_rule()->add_commune_codes("31 555");
  campaign.set_script_version(-1);
  *campaign.mutable_end_time() = campaign.start_time();
  auto& first = *campaign.add_call_hours();
  first.set_weekday(common_pb::WEEKDAY_MONDAY);
  first.set_start_minute(600);
  first.set_end_minute(700);
  auto& second = *campaign.add_call_hours();
  second = first;
  auto& third = *campaign.add_call_hours();
  third.set_start_minute(1440);
  third.set_end_minute(1441);
  auto& rule = *campaign.add_retry_rules();
  rule.mutable_delay()->set_seconds(-1);

  const auto refused = Create(request, Coordinator());
  EXPECT_THAT(refused, ReasonIs(common_pb::ERROR_REASON_INVALID_FIELDS));
  EXPECT_THAT(
      FieldsOf(refused.status()),
      ElementsAre("request_id", "campaign.title", "campaign.purpose",
                  "campaign.cohort_rule.minimum_age", "campaign.cohort_rule.reference_date",
                  "campaign.cohort_rule.commune_codes[0]", "campaign.script_id",
                  "campaign.script_version", "campaign.end_time", "campaign.call_hours[1]",
                  "campaign.call_hours[2].weekday", "campaign.call_hours[2].start_minute",
                  "campaign.call_hours[2].end_minute", "campaign.retry_rules[0].disposition",
                  "campaign.retry_rules[0].delay", "campaign.retry_rules[0].maximum_attempts"));
  EXPECT_THAT(FieldsOf(Create({}, Coordinator()).status()), ElementsAre("request_id", "campaign"));
  EXPECT_EQ(Value("SELECT count(*) FROM campaigns"), "0");
  EXPECT_EQ(Value("SELECT count(*) FROM requests"), "0");
  EXPECT_THAT(Create(Creation(PublishScript()), Coordinator()), IsOk());
}

TEST_F(CampaignsTest, LivesAtMost366Days) {
  auto request = Creation(PublishScript());
  const absl::Time start = clock_.Now();
  *request.mutable_campaign()->mutable_start_time() = rpc::ToProto(start);
  *request.mutable_campaign()->mutable_end_time() =
      rpc::ToProto(start + absl::Hours(24 * 366) + absl::Seconds(1));
  EXPECT_THAT(FieldsOf(Create(request, Coordinator()).status()), ElementsAre("campaign.end_time"));
  *request.mutable_campaign()->mutable_end_time() = rpc::ToProto(start + absl::Hours(24 * 366));
  EXPECT_THAT(Create(request, Coordinator()), IsOk());
}

TEST_F(CampaignsTest, AnotherLandlordsAreNotFound) {
  registry_.Add();
  const std::string id = RunCampaign();
  const Identity stranger = OfOtherLandlord(Coordinator());
  const auto not_found = ReasonIs(common_pb::ERROR_REASON_CAMPAIGN_NOT_FOUND);
  EXPECT_THAT(Get(id, stranger), not_found);
  EXPECT_THAT(Pause(id, stranger), not_found);
  EXPECT_THAT(Resume(id, stranger), not_found);
  EXPECT_THAT(Get(NewId(), Coordinator()), not_found);
  EXPECT_THAT(Pause(NewId(), Coordinator()), not_found);
  EXPECT_EQ(List({}, stranger)->campaigns_size(), 0);

  EXPECT_THAT(Get(id, Coordinator()), IsOk());
  EXPECT_THAT(Pause(id, Coordinator()), IsOk());
  EXPECT_THAT(Resume(id, Coordinator()), IsOk());
  EXPECT_EQ(List({}, Coordinator())->campaigns_size(), 1);
}

TEST_F(CampaignsTest, IsPausedAndResumed) {
  registry_.Add();
  const std::string draft = CreateCampaign();
  EXPECT_THAT(Pause(draft, Coordinator()), ReasonIs(common_pb::ERROR_REASON_CAMPAIGN_STATE));
  EXPECT_THAT(Resume(draft, Coordinator()), ReasonIs(common_pb::ERROR_REASON_CAMPAIGN_STATE));

  const std::string id = RunCampaign();
  const std::string seen = Get(id, Coordinator())->campaign().etag();
  const std::string request = NewId();
  const auto paused = Pause(id, Coordinator(), seen, request);
  ASSERT_THAT(paused, IsOk());
  EXPECT_EQ(paused->campaign().state(), pb::CAMPAIGN_STATE_PAUSED);
  EXPECT_NE(paused->campaign().etag(), seen);
  EXPECT_THAT(Pause(id, Coordinator(), seen, request), IsOk());  // taken before
  EXPECT_THAT(Pause(id, Coordinator()), IsOk());                 // paused already
  EXPECT_THAT(Pause(id, Coordinator(), seen), ReasonIs(common_pb::ERROR_REASON_ETAG_MISMATCH));
  EXPECT_THAT(Pause(draft, Coordinator(), "", request),
              ReasonIs(common_pb::ERROR_REASON_REQUEST_ID_REUSED));
  EXPECT_THAT(Open(id), ReasonIs(common_pb::ERROR_REASON_CAMPAIGN_STATE));
  Enrol();
  EXPECT_THAT(Lease(id), ReasonIs(common_pb::ERROR_REASON_CAMPAIGN_NOT_RUNNING));

  const auto resumed = Resume(id, Coordinator(), paused->campaign().etag());
  ASSERT_THAT(resumed, IsOk());
  EXPECT_EQ(resumed->campaign().state(), pb::CAMPAIGN_STATE_RUNNING);
  EXPECT_THAT(Lease(id), IsOk());
}

TEST_F(CampaignsTest, ListsNewestFirst) {
  const std::string script = PublishScript();
  std::vector<std::string> made;
  for (int i = 0; i < 5; ++i) {
    clock_.Advance(absl::Seconds(1));
    const auto created = Create(Creation(script), Coordinator());
    ASSERT_THAT(created, IsOk());
    made.insert(made.begin(), created->campaign().campaign_id());
  }
  pb::ListCampaignsRequest request;
  request.set_page_size(2);
  std::vector<std::string> listed;
  int pages = 0;
  do {
    const auto page = List(request, Volunteer());
    ASSERT_THAT(page, IsOk());
    for (const auto& campaign : page->campaigns()) listed.push_back(campaign.campaign_id());
    request.set_page_token(page->next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_EQ(listed, made);
  EXPECT_EQ(pages, 3);

  registry_.Add();
  ASSERT_THAT(Open(made[3]), IsOk());
  pb::ListCampaignsRequest running;
  running.set_state(pb::CAMPAIGN_STATE_RUNNING);
  const auto only = List(running, Coordinator());
  ASSERT_EQ(only->campaigns_size(), 1);
  EXPECT_EQ(only->campaigns(0).campaign_id(), made[3]);

  pb::ListCampaignsRequest bad;
  bad.set_page_size(1001);
  bad.set_page_token("?");
  bad.set_state(static_cast<pb::CampaignState>(77));
  EXPECT_THAT(FieldsOf(List(bad, Coordinator()).status()),
              ElementsAre("page_size", "page_token", "state"));
}

TEST_F(CampaignsTest, RequestsWithoutIdsAreRefused) {
  EXPECT_THAT(FieldsOf(Get("", Coordinator()).status()), ElementsAre("campaign_id"));
  EXPECT_THAT(FieldsOf(Pause("?", Coordinator(), std::string(65, 'x'), "?").status()),
              UnorderedElementsAre("request_id", "campaign_id", "etag"));
  EXPECT_THAT(FieldsOf(Explain("", "?").status()), ElementsAre("campaign_id", "household_id"));
  pb::GetCampaignReportRequest report;
  EXPECT_THAT(FieldsOf(Call(campaigns_, &pb::CampaignService::Stub::GetCampaignReport, report,
                            Coordinator())
                           .status()),
              ElementsAre("campaign_id"));
}

TEST_F(CampaignsTest, IsForThoseWhoMay) {
  const auto denied = ReasonIs(common_pb::ERROR_REASON_ACCESS_DENIED);
  EXPECT_THAT(Create(Creation(PublishScript()), Volunteer()), denied);
  EXPECT_THAT(Pause(NewId(), Volunteer()), denied);
  EXPECT_THAT(Get(NewId(), Service("referral")), denied);
  EXPECT_THAT(Get(CreateCampaign(), {"dpo", "dpo-1", landlord_}), IsOk());
}

}  // namespace
}  // namespace veille::call_tracking
