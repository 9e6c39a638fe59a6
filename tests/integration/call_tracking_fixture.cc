#include "integration/call_tracking_fixture.h"

#include <grpcpp/server_builder.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/access/caller.h"
#include "common/rpc/fields.h"
#include "google/rpc/error_details.pb.h"

namespace veille::call_tracking {
namespace {

std::unique_ptr<grpc::Server> Listen(grpc::Service& service, std::string& address) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  auto server = builder.BuildAndStart();
  address = absl::StrCat("127.0.0.1:", port);
  return server;
}

void Stop(grpc::Server& server) { server.Shutdown(std::chrono::system_clock::now()); }

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

registry_pb::ContactSheet SheetOf(const RegisteredHousehold& household) {
  registry_pb::ContactSheet sheet;
  sheet.set_household_id(household.id);
  sheet.set_version(household.version);
  sheet.add_address_lines("1 rue des Lilas");
  sheet.set_commune_code(household.commune_code);
  sheet.set_commune_name("Toulouse");
  sheet.set_time_zone(household.time_zone);
  for (const std::string& subject : household.subjects) {
    auto& tenant = *sheet.add_tenants();
    tenant.set_tenant_id(subject);
    tenant.set_family_name("Durand");
    tenant.set_age(81);
  }
  for (size_t i = 0; i < household.phone_hashes.size(); ++i) {
    auto& phone = *sheet.add_phones();
    phone.set_e164(absl::StrCat("+3356100000", i));
    phone.set_position(static_cast<int32_t>(i) + 1);
    phone.set_phone_hash(household.phone_hashes[i]);
  }
  return sheet;
}

// A phone hash that no other household has.
std::string FreshHash() {
  std::string hash = ids::Uuid::Random().ToString().substr(4, 32);
  return hash;
}

void CountLeftOut(registry_pb::LeftOutReason reason, registry_pb::CohortCounts& counts) {
  if (reason == registry_pb::LEFT_OUT_REASON_UNDER_AGE)
    counts.set_under_age(counts.under_age() + 1);
  if (reason == registry_pb::LEFT_OUT_REASON_OBJECTION)
    counts.set_objection(counts.objection() + 1);
  if (reason == registry_pb::LEFT_OUT_REASON_NO_VALID_PHONE) {
    counts.set_no_valid_phone(counts.no_valid_phone() + 1);
  }
}

}  // namespace

FakeRegistry::FakeRegistry() : server_(Listen(*this, address_)) {}
FakeRegistry::~FakeRegistry() { Stop(*server_); }

RegisteredHousehold FakeRegistry::Add() {
  RegisteredHousehold household;
  household.id = ids::Uuid::Random().ToString();
  household.subjects = {ids::Uuid::Random().ToString()};
  household.phone_hashes = {FreshHash()};
  Add(household);
  return household;
}

RegisteredHousehold FakeRegistry::AddLeftOut(registry_pb::LeftOutReason reason) {
  RegisteredHousehold household;
  household.id = ids::Uuid::Random().ToString();
  household.left_out = reason;
  Add(household);
  return household;
}

void FakeRegistry::Add(const RegisteredHousehold& household) {
  absl::MutexLock lock(&mutex_);
  households_.push_back(household);
  std::sort(households_.begin(), households_.end(),
            [](const auto& a, const auto& b) { return a.id < b.id; });
}

void FakeRegistry::SetPageSize(int size) {
  absl::MutexLock lock(&mutex_);
  page_size_ = size;
}
void FakeRegistry::CutAfter(int pages) {
  absl::MutexLock lock(&mutex_);
  cut_after_ = pages;
}
void FakeRegistry::Fail(bool fail) {
  absl::MutexLock lock(&mutex_);
  fail_ = fail;
}
int FakeRegistry::drawings() const {
  absl::MutexLock lock(&mutex_);
  return drawings_;
}
std::vector<registry_pb::ReportPhoneRequest> FakeRegistry::reports() const {
  absl::MutexLock lock(&mutex_);
  return reports_;
}
std::vector<registry_pb::ContactSheetQuery> FakeRegistry::queries() const {
  absl::MutexLock lock(&mutex_);
  return queries_;
}
std::vector<std::string> FakeRegistry::landlords() const {
  absl::MutexLock lock(&mutex_);
  return landlords_;
}

void FakeRegistry::NoteLandlord(const grpc::ServerContext& context) {
  const auto landlord = context.client_metadata().find("veille-landlord");
  absl::MutexLock lock(&mutex_);
  landlords_.emplace_back(landlord->second.data(), landlord->second.size());
}

std::vector<registry_pb::SelectCohortResponse> FakeRegistry::PagesAfter(
    const std::string& id) const {
  std::vector<registry_pb::SelectCohortResponse> pages(1);
  registry_pb::CohortCounts counts;
  for (const RegisteredHousehold& household : households_) {
    if (household.id <= id) continue;
    if (pages.back().entries_size() + pages.back().left_out_size() == page_size_) {
      pages.emplace_back();
    }
    pages.back().set_after_household_id(household.id);
    if (household.left_out.has_value()) {
      auto& left_out = *pages.back().add_left_out();
      left_out.set_household_id(household.id);
      left_out.set_reason(*household.left_out);
      CountLeftOut(*household.left_out, counts);
      continue;
    }
    auto& entry = *pages.back().add_entries();
    entry.set_household_id(household.id);
    entry.set_commune_code(household.commune_code);
    entry.set_time_zone(household.time_zone);
    entry.set_version(household.version);
    for (const std::string& subject : household.subjects) entry.add_subject_ids(subject);
    for (const std::string& hash : household.phone_hashes) entry.add_phone_hashes(hash);
    counts.set_selected(counts.selected() + 1);
  }
  *pages.back().mutable_counts() = counts;
  return pages;
}

grpc::Status FakeRegistry::SelectCohort(
    grpc::ServerContext* context, const registry_pb::SelectCohortRequest* request,
    grpc::ServerWriter<registry_pb::SelectCohortResponse>* writer) {
  NoteLandlord(*context);
  std::vector<registry_pb::SelectCohortResponse> pages;
  int cut_after = 0;
  {
    absl::MutexLock lock(&mutex_);
    ++drawings_;
    pages = PagesAfter(request->after_household_id());
    cut_after = cut_after_;
  }
  for (size_t i = 0; i < pages.size(); ++i) {
    if (static_cast<int>(i) == cut_after) {
      return grpc::Status(grpc::StatusCode::UNAVAILABLE, "cut");
    }
    if (!writer->Write(pages[i])) break;
  }
  return grpc::Status::OK;
}

grpc::Status FakeRegistry::BatchGetContactSheets(
    grpc::ServerContext* context, const registry_pb::BatchGetContactSheetsRequest* request,
    registry_pb::BatchGetContactSheetsResponse* response) {
  NoteLandlord(*context);
  absl::MutexLock lock(&mutex_);
  if (fail_) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "failing");
  for (const auto& query : request->queries()) {
    queries_.push_back(query);
    for (const RegisteredHousehold& household : households_) {
      if (household.id == query.household_id()) {
        *response->add_contact_sheets() = SheetOf(household);
      }
    }
  }
  return grpc::Status::OK;
}

grpc::Status FakeRegistry::ReportPhone(grpc::ServerContext* context,
                                       const registry_pb::ReportPhoneRequest* request,
                                       registry_pb::ReportPhoneResponse*) {
  NoteLandlord(*context);
  absl::MutexLock lock(&mutex_);
  reports_.push_back(*request);
  return grpc::Status::OK;
}

FakeReferral::FakeReferral() : server_(Listen(*this, address_)) {}
FakeReferral::~FakeReferral() { Stop(*server_); }

void FakeReferral::AnswerExisting(const std::string& referral_id) {
  absl::MutexLock lock(&mutex_);
  existing_ = referral_id;
}

std::vector<referral_pb::CreateReferralRequest> FakeReferral::requests() const {
  absl::MutexLock lock(&mutex_);
  return requests_;
}

grpc::Status FakeReferral::CreateReferral(grpc::ServerContext*,
                                          const referral_pb::CreateReferralRequest* request,
                                          referral_pb::CreateReferralResponse* response) {
  absl::MutexLock lock(&mutex_);
  requests_.push_back(*request);
  response->set_existing(!existing_.empty());
  response->set_referral_id(existing_.empty() ? ids::Uuid::Random().ToString() : existing_);
  response->set_version(1);
  response->set_state(common_pb::REFERRAL_STATE_REQUESTED);
  response->set_partner_id(ids::Uuid::Random().ToString());
  return grpc::Status::OK;
}

CallTrackingFixture::CallTrackingFixture(CallsOptions calls)
    : database_(*db::Database::Open(test_database_.options(6))),
      clock_(absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()))),
      access_(*access::AccessTable::Build(ServiceNames())),
      service_({*database_, clock_, access_, executor_, in_flight_}, seal_,
               {.registry_address = registry_.address(),
                .referral_address = referral_.address(),
                .calls = calls,
                .relay = {.interval = absl::Milliseconds(20)},
                .promoter = {.interval = absl::Milliseconds(20)}}),
      server_(*rpc::Server::Start({"127.0.0.1:0", absl::Seconds(5)}, service_.Services())) {
  const auto channel = grpc::CreateChannel(server_->address(), grpc::InsecureChannelCredentials());
  campaigns_ = pb::CampaignService::NewStub(channel);
  scripts_ = pb::ScriptService::NewStub(channel);
  volunteers_ = pb::VolunteerService::NewStub(channel);
  calls_ = pb::CallService::NewStub(channel);
  intake_ = pb::IntakeService::NewStub(channel);
}

CallTrackingFixture::~CallTrackingFixture() {
  server_->Drain();
  service_.Close();
  executor_.Close();
  database_->Close();
}

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

std::vector<std::string> FieldsOf(const absl::Status& status) {
  google::rpc::BadRequest bad;
  const auto details = status.GetPayload("type.googleapis.com/google.rpc.BadRequest");
  if (details.has_value()) bad.ParseFromString(std::string(*details));
  std::vector<std::string> fields;
  for (const auto& violation : bad.field_violations()) fields.push_back(violation.field());
  return fields;
}

}  // namespace veille::call_tracking
