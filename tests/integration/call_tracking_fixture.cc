#include "integration/call_tracking_fixture.h"

#include "call_tracking/call_tracking_server.h"
#include "common/access/caller.h"
#include "common/async/executor.h"
#include "common/rpc/fields.h"
#include "common/rpc/in_flight.h"
#include "testing/bad_request.h"

namespace veille::call_tracking {
namespace {

template <typename Texts>
void SetText(const std::string& text, Texts* texts) {
  auto& added = *texts->Add();
  added.set_language("fr");
  added.set_text(text);
}

void AddQuestion(const std::string& id, pb::Script& script) {
  pb::Question& question = *script.add_questions();
  question.set_question_id(id);
  question.set_type(pb::QUESTION_TYPE_BOOLEAN);
  SetText("Question " + id, question.mutable_texts());
}

pb::TriageRule& AddRule(const std::string& question, pb::Script& script) {
  pb::TriageRule& rule = *script.add_rules();
  rule.set_rule_id("rule_" + question);
  rule.mutable_condition()->mutable_answer()->set_question_id(question);
  rule.mutable_condition()->mutable_answer()->set_equals_boolean(true);
  SetText("Because of " + question, rule.mutable_explanations());
  return rule;
}

void AddAgreement(const std::string& version, pb::AgreementKind kind, pb::Script& script) {
  pb::AgreementText& text = *script.add_agreement_texts();
  text.set_text_version(version);
  text.set_kind(kind);
  SetText("Do you agree?", text.mutable_texts());
}

}  // namespace

struct CallTrackingFixture::Running {
  Running(CallTrackingFixture& test, CallsOptions calls)
      : service({*test.database_, test.clock_, access, authenticator, executor, in_flight},
                test.seal_,
                {.registry = {test.registry_.address()},
                 .referral = {test.referral_.address()},
                 .calls = calls,
                 .relay = {.interval = absl::Milliseconds(20)},
                 .promoter = {.interval = absl::Milliseconds(20)}}),
        server(*rpc::Server::Start({"127.0.0.1:0", absl::Seconds(5), service.drain()},
                                   service.Services())) {}

  ~Running() {
    server->Drain();
    service.Close();
    executor.Close();
  }

  const access::AccessTable access = *access::AccessTable::Build(ServiceNames());
  const rpc::BelievingAuthenticator authenticator;
  async::Executor executor{1};
  rpc::InFlight in_flight{1024};
  CallTracking service;
  std::unique_ptr<rpc::Server> server;
};

CallTrackingFixture::CallTrackingFixture(CallsOptions calls)
    : test_database_(Schema()),
      database_(*db::Database::Open(test_database_.options(6))),
      clock_(absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()))),
      running_(std::make_unique<Running>(*this, calls)) {
  const auto channel = grpc::CreateChannel(address(), grpc::InsecureChannelCredentials());
  campaigns_ = pb::CampaignService::NewStub(channel);
  scripts_ = pb::ScriptService::NewStub(channel);
  volunteers_ = pb::VolunteerService::NewStub(channel);
  calls_ = pb::CallService::NewStub(channel);
  intake_ = pb::IntakeService::NewStub(channel);
}

CallTrackingFixture::~CallTrackingFixture() {
  running_.reset();
  database_->Close();
}

void CallTrackingFixture::Drain() { running_->server->Drain(); }

const std::string& CallTrackingFixture::address() const { return running_->server->address(); }

void CallTrackingFixture::Identify(grpc::ClientContext& context, const Identity& identity) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  context.AddMetadata(std::string(access::kRoleKey), identity.role);
  context.AddMetadata(std::string(access::kSubjectKey), identity.subject);
  context.AddMetadata(std::string(access::kLandlordKey), identity.landlord);
}

pb::Script CallTrackingFixture::SampleScript() {
  pb::Script script;
  script.set_title("Welfare call");
  script.add_languages("fr");
  for (const char* id : {"well", "meals", "lonely", "danger"}) AddQuestion(id, script);
  AddRule("well", script).mutable_all_well();
  auto& meals = *AddRule("meals", script).mutable_need();
  meals.set_need(common_pb::NEED_MEALS);
  meals.set_urgency(common_pb::URGENCY_PRIORITY);
  AddRule("lonely", script).mutable_weekly_call();
  auto& danger = *AddRule("danger", script).mutable_need();
  danger.set_need(common_pb::NEED_SAFETY);
  danger.set_urgency(common_pb::URGENCY_EMERGENCY);
  AddAgreement("share-1", pb::AGREEMENT_KIND_SHARE_NEED, script);
  AddAgreement("weekly-1", pb::AGREEMENT_KIND_WEEKLY_CALL, script);
  return script;
}

std::string CallTrackingFixture::PublishScript() {
  pb::PublishScriptRequest request;
  request.set_request_id(NewId());
  *request.mutable_script() = SampleScript();
  const auto published =
      Call(scripts_, &pb::ScriptService::Stub::PublishScript, request, Coordinator());
  EXPECT_THAT(published, testing::IsOk());
  return published->script().script_id();
}

pb::CreateCampaignRequest CallTrackingFixture::Creation(const std::string& script) const {
  pb::CreateCampaignRequest request;
  request.set_request_id(NewId());
  pb::Campaign& campaign = *request.mutable_campaign();
  campaign.set_title("Spring " + NewId());
  campaign.set_purpose("To know who needs help");
  campaign.mutable_cohort_rule()->set_minimum_age(70);
  *campaign.mutable_cohort_rule()->mutable_reference_date() =
      rpc::ToProto(absl::CivilDay(2020, 3, 17));
  campaign.set_script_id(script);
  *campaign.mutable_start_time() = rpc::ToProto(clock_.Now() - absl::Hours(24));
  *campaign.mutable_end_time() = rpc::ToProto(clock_.Now() + absl::Hours(24 * 56));
  return request;
}

std::string CallTrackingFixture::CreateCampaign() {
  const auto created = Call(campaigns_, &pb::CampaignService::Stub::CreateCampaign,
                            Creation(PublishScript()), Coordinator());
  EXPECT_THAT(created, testing::IsOk());
  return created->campaign().campaign_id();
}

absl::StatusOr<pb::OpenCampaignResponse> CallTrackingFixture::Open(const std::string& campaign) {
  pb::OpenCampaignRequest request;
  request.set_request_id(NewId());
  request.set_campaign_id(campaign);
  return Call(campaigns_, &pb::CampaignService::Stub::OpenCampaign, request, Coordinator());
}

std::string CallTrackingFixture::RunCampaign() {
  std::string campaign = CreateCampaign();
  EXPECT_THAT(Open(campaign), testing::IsOk());
  return campaign;
}

std::string CallTrackingFixture::Enrol(const std::string& subject) {
  pb::EnrolVolunteerRequest request;
  request.set_request_id(NewId());
  request.mutable_volunteer()->set_subject(subject);
  request.mutable_volunteer()->set_display_name("Volunteer " + subject);
  const auto enrolled =
      Call(volunteers_, &pb::VolunteerService::Stub::EnrolVolunteer, request, Coordinator());
  EXPECT_THAT(enrolled, testing::IsOk());
  return enrolled->volunteer().volunteer_id();
}

absl::StatusOr<pb::LeaseNextCallResponse> CallTrackingFixture::Lease(const std::string& campaign,
                                                                     const std::string& subject) {
  pb::LeaseNextCallRequest request;
  request.set_request_id(NewId());
  request.set_campaign_id(campaign);
  return Call(calls_, &pb::CallService::Stub::LeaseNextCall, request, Volunteer(subject));
}

pb::CallSheet CallTrackingFixture::MustLease(const std::string& campaign,
                                             const std::string& subject) {
  const auto leased = Lease(campaign, subject);
  EXPECT_THAT(leased, testing::IsOk());
  return leased.ok() ? leased->call_sheet() : pb::CallSheet();
}

pb::RecordCallRequest CallTrackingFixture::Record(const pb::CallSheet& sheet) const {
  pb::RecordCallRequest request;
  request.set_request_id(NewId());
  request.set_campaign_id(sheet.lease().campaign_id());
  request.set_lease_id(sheet.lease().lease_id());
  request.set_fence(sheet.lease().fence());
  request.set_disposition(pb::DISPOSITION_COMPLETED);
  pb::Answer& answer = *request.add_answers();
  answer.set_tenant_id(sheet.contact().tenants(0).tenant_id());
  answer.set_question_id("well");
  answer.set_boolean(true);
  return request;
}

pb::RecordCallRequest CallTrackingFixture::Saying(const pb::CallSheet& sheet,
                                                  const std::string& question) const {
  pb::RecordCallRequest record = Record(sheet);
  record.mutable_answers(0)->set_question_id(question);
  return record;
}

pb::Agreement& CallTrackingFixture::Agree(pb::RecordCallRequest& record, const std::string& tenant,
                                          common_pb::Need need, bool agreed) {
  pb::Agreement& agreement = *record.add_agreements();
  agreement.set_tenant_id(tenant);
  agreement.set_kind(pb::AGREEMENT_KIND_SHARE_NEED);
  agreement.set_need(need);
  agreement.set_agreed(agreed);
  agreement.set_text_version("share-1");
  return agreement;
}

pb::Agreement& CallTrackingFixture::AgreeToWeeklyCalls(pb::RecordCallRequest& record,
                                                       const std::string& tenant, bool agreed) {
  pb::Agreement& agreement = *record.add_agreements();
  agreement.set_tenant_id(tenant);
  agreement.set_kind(pb::AGREEMENT_KIND_WEEKLY_CALL);
  agreement.set_agreed(agreed);
  agreement.set_text_version("weekly-1");
  return agreement;
}

absl::StatusOr<pb::RecordCallResponse> CallTrackingFixture::Send(
    const pb::RecordCallRequest& request, const std::string& subject) {
  return Call(calls_, &pb::CallService::Stub::RecordCall, request, Volunteer(subject));
}

pb::CampaignReport CallTrackingFixture::Report(const std::string& campaign) {
  pb::GetCampaignReportRequest request;
  request.set_campaign_id(campaign);
  const auto report =
      Call(campaigns_, &pb::CampaignService::Stub::GetCampaignReport, request, Coordinator());
  EXPECT_THAT(report, testing::IsOk());
  return report->report();
}

absl::StatusOr<pb::ExplainHouseholdResponse> CallTrackingFixture::Explain(
    const std::string& campaign, const std::string& household) {
  pb::ExplainHouseholdRequest request;
  request.set_campaign_id(campaign);
  request.set_household_id(household);
  return Call(campaigns_, &pb::CampaignService::Stub::ExplainHousehold, request, Coordinator());
}

std::vector<std::string> FieldsOf(const absl::Status& status) { return testing::FieldsOf(status); }

}  // namespace veille::call_tracking
