#include "e2e/story.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/ids/uuid.h"
#include "common/status/macros.h"
#include "testing/wait_until.h"
#include "veille/calls/v1/call_service.grpc.pb.h"
#include "veille/calls/v1/campaign_service.grpc.pb.h"
#include "veille/calls/v1/script_service.grpc.pb.h"
#include "veille/calls/v1/volunteer_service.grpc.pb.h"
#include "veille/referral/v1/partner_directory_service.grpc.pb.h"
#include "veille/referral/v1/referral_service.grpc.pb.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"
#include "veillectl/client/digest.h"
#include "veillectl/client/input.h"
#include "veillectl/register/byte_source.h"
#include "veillectl/register/import_run.h"
#include "veillectl/register/register_file.h"

namespace veille::e2e {
namespace {

namespace pb = ::veille::calls::v1;
namespace ref = ::veille::referral::v1;
namespace reg = ::veille::registry::v1;
namespace com = ::veille::common::v1;
using veillectl::Connection;

constexpr char kVolunteer[] = "camille";

template <typename Message>
Message Sample(const std::string& file) {
  Message message;
  const absl::Status read = veillectl::ReadMessage(SamplePath(file), &message);
  if (!read.ok()) throw std::runtime_error(std::string(read.message()));
  return message;
}

void SetTime(absl::Time time, google::protobuf::Timestamp* timestamp) {
  timestamp->set_seconds(absl::ToUnixSeconds(time));
}

}  // namespace

Story::Story(Programme& programme)
    : programme_(programme),
      name_("Toit Commun " + ids::Uuid::Random().ToString()),
      inbox_address_(absl::StrCat("127.0.0.1:", FreePort())) {}

const std::vector<Story::Step>& Story::Steps() {
  static const std::vector<Step> steps = {
      {"CreateLandlord", &Story::CreateLandlord},
      {"ImportRegister", &Story::ImportRegister},
      {"PublishScript", &Story::PublishScript},
      {"EnrolVolunteer", &Story::EnrolVolunteer},
      {"RegisterPartner", &Story::RegisterPartner},
      {"CreateCampaign", &Story::CreateCampaign},
      {"OpenCampaign", &Story::OpenCampaign},
      {"LeaseCall", &Story::LeaseCall},
      {"RecordCall", &Story::RecordCall},
      {"AwaitNotice", &Story::AwaitNotice},
      {"AwaitAcceptance", &Story::AwaitAcceptance},
      {"AwaitClosing", &Story::AwaitClosing},
      {"AwaitOutcome", &Story::AwaitOutcome},
      {"LeaseToVerify", &Story::LeaseToVerify},
      {"RecordThatHelpCame", &Story::RecordThatHelpCame},
  };
  return steps;
}

std::string Story::RequestId(const std::string& step) const {
  return veillectl::NamedUuid(absl::StrCat(name_, ":", step));
}

Connection Story::As(Service service, const std::string& role) const {
  const std::string subject = role == "volunteer" ? kVolunteer : "ada";
  return programme_.Connect(
      service, {role, subject, landlord_id, role == "partner" ? partner_id : std::string()});
}

const pb::SheetTenant& Story::subject() const {
  for (const pb::SheetTenant& tenant : sheet.contact().tenants()) {
    if (tenant.subject()) return tenant;
  }
  throw std::runtime_error("the call sheet names no subject");
}

const pb::Finding& Story::finding() const {
  for (const pb::Finding& finding : recorded.findings()) {
    if (finding.kind() == pb::FINDING_KIND_NEED) return finding;
  }
  throw std::runtime_error("triage found no need");
}

absl::Status Story::CreateLandlord() {
  const Connection registry = programme_.Connect(Service::kRegistry, {"operator", "root", "", ""});
  reg::CreateLandlordRequest request;
  request.set_request_id(RequestId("CreateLandlord"));
  request.set_name(name_);
  ASSIGN_OR_RETURN(const auto response,
                   registry.Call(&reg::RegistryService::Stub::CreateLandlord, request));
  landlord_id = response.landlord().landlord_id();
  return absl::OkStatus();
}

absl::Status Story::ImportRegister() {
  ASSIGN_OR_RETURN(const auto source, veillectl::OpenSource(SamplePath("small-register.csv")));
  ASSIGN_OR_RETURN(const auto file, veillectl::RegisterFile::Open(*source, {}));
  veillectl::ImportRun::Plan plan;
  plan.request_id = RequestId("ImportRegister");
  plan.complete = true;
  const Connection registry = As(Service::kRegistry, "coordinator");
  veillectl::ImportRun run(registry, *file, std::move(plan), {});
  ASSIGN_OR_RETURN(totals, run.Run());
  return absl::OkStatus();
}

absl::Status Story::PublishScript() {
  pb::PublishScriptRequest request;
  request.set_request_id(RequestId("PublishScript"));
  *request.mutable_script() = Sample<pb::Script>("script.json");
  ASSIGN_OR_RETURN(
      const auto response,
      As(Service::kCalls, "coordinator").Call(&pb::ScriptService::Stub::PublishScript, request));
  script_id = response.script().script_id();
  return absl::OkStatus();
}

absl::Status Story::EnrolVolunteer() {
  pb::EnrolVolunteerRequest request;
  request.set_request_id(RequestId("EnrolVolunteer"));
  *request.mutable_volunteer() = Sample<pb::Volunteer>("volunteer.json");
  ASSIGN_OR_RETURN(const auto response,
                   As(Service::kCalls, "coordinator")
                       .Call(&pb::VolunteerService::Stub::EnrolVolunteer, request));
  volunteer_id = response.volunteer().volunteer_id();
  return absl::OkStatus();
}

absl::Status Story::RegisterPartner() {
  ref::RegisterPartnerRequest request;
  request.set_request_id(RequestId("RegisterPartner"));
  *request.mutable_partner() = Sample<ref::Partner>("partner.json");
  request.mutable_partner()->set_endpoint(inbox_address_);
  ASSIGN_OR_RETURN(const auto response,
                   As(Service::kReferral, "coordinator")
                       .Call(&ref::PartnerDirectoryService::Stub::RegisterPartner, request));
  partner_id = response.partner().partner_id();
  inbox = std::make_unique<Inbox>(programme_, inbox_address_, landlord_id, partner_id,
                                  std::vector<std::string>{"--accept"});
  return absl::OkStatus();
}

absl::Status Story::CreateCampaign() {
  pb::CreateCampaignRequest request;
  request.set_request_id(RequestId("CreateCampaign"));
  *request.mutable_campaign() = Sample<pb::Campaign>("campaign.json");
  request.mutable_campaign()->set_script_id(script_id);
  SetTime(absl::Now() - absl::Hours(1), request.mutable_campaign()->mutable_start_time());
  SetTime(absl::Now() + absl::Hours(24 * 56), request.mutable_campaign()->mutable_end_time());
  ASSIGN_OR_RETURN(
      const auto response,
      As(Service::kCalls, "coordinator").Call(&pb::CampaignService::Stub::CreateCampaign, request));
  campaign = response.campaign();
  return absl::OkStatus();
}

absl::Status Story::OpenCampaign() {
  pb::OpenCampaignRequest request;
  request.set_request_id(RequestId("OpenCampaign"));
  request.set_campaign_id(campaign.campaign_id());
  ASSIGN_OR_RETURN(
      const auto response,
      As(Service::kCalls, "coordinator").Call(&pb::CampaignService::Stub::OpenCampaign, request));
  campaign = response.campaign();
  return absl::OkStatus();
}

absl::Status Story::LeaseCall() {
  pb::LeaseNextCallRequest request;
  request.set_request_id(RequestId("LeaseCall"));
  request.set_campaign_id(campaign.campaign_id());
  ASSIGN_OR_RETURN(
      const auto response,
      As(Service::kCalls, "volunteer").Call(&pb::CallService::Stub::LeaseNextCall, request));
  sheet = response.call_sheet();
  return absl::OkStatus();
}

absl::Status Story::RecordCall() {
  pb::RecordCallRequest request;
  request.set_request_id(RequestId("RecordCall"));
  request.set_campaign_id(campaign.campaign_id());
  request.set_lease_id(sheet.lease().lease_id());
  request.set_fence(sheet.lease().fence());
  request.set_disposition(pb::DISPOSITION_COMPLETED);
  const auto answer = [&](const char* question) {
    pb::Answer* added = request.add_answers();
    added->set_tenant_id(subject().tenant_id());
    added->set_question_id(question);
    return added;
  };
  answer("morale")->set_choice_id("low");
  answer("meals")->set_boolean(false);
  answer("days_left")->set_number(2);
  pb::Agreement* agreement = request.add_agreements();
  agreement->set_tenant_id(subject().tenant_id());
  agreement->set_kind(pb::AGREEMENT_KIND_SHARE_NEED);
  agreement->set_need(com::NEED_MEALS);
  agreement->set_agreed(true);
  agreement->set_text_version("share-1");
  agreement->set_words("Des repas à domicile, sans sel.");
  ASSIGN_OR_RETURN(
      recorded, As(Service::kCalls, "volunteer").Call(&pb::CallService::Stub::RecordCall, request));
  return absl::OkStatus();
}

absl::Status Story::AwaitNotice() {
  if (!inbox->WaitFor("received")) return absl::DataLossError("the partner was never told");
  referral_id = inbox->events().front().referral_id;
  return absl::OkStatus();
}

absl::Status Story::AwaitAcceptance() {
  return inbox->WaitFor("accepted") ? absl::OkStatus() : absl::DataLossError("never accepted");
}

absl::Status Story::AwaitClosing() {
  return inbox->WaitFor("closed") ? absl::OkStatus() : absl::DataLossError("never closed");
}

absl::Status Story::AwaitOutcome() {
  const bool known = testing::WaitUntil([this] {
    const auto explained = Explain();
    return explained.ok() && explained->findings_size() > 0 &&
           explained->findings(0).referral_state() == com::REFERRAL_STATE_COMPLETED;
  });
  return known ? absl::OkStatus() : absl::DataLossError("the outcome never came back");
}

absl::Status Story::LeaseToVerify() {
  pb::LeaseNextCallRequest request;
  request.set_request_id(RequestId("LeaseToVerify"));
  request.set_campaign_id(campaign.campaign_id());
  ASSIGN_OR_RETURN(
      const auto response,
      As(Service::kCalls, "volunteer").Call(&pb::CallService::Stub::LeaseNextCall, request));
  sheet_to_verify = response.call_sheet();
  return absl::OkStatus();
}

absl::Status Story::RecordThatHelpCame() {
  const pb::Lease& lease = sheet_to_verify.lease();
  pb::RecordCallRequest request;
  request.set_request_id(RequestId("RecordThatHelpCame"));
  request.set_campaign_id(campaign.campaign_id());
  request.set_lease_id(lease.lease_id());
  request.set_fence(lease.fence());
  request.set_disposition(pb::DISPOSITION_COMPLETED);
  for (const pb::OutcomeToVerify& outcome : sheet_to_verify.outcomes_to_verify()) {
    pb::VerifiedOutcome* said = request.add_verified_outcomes();
    said->set_referral_id(outcome.referral_id());
    said->set_came(pb::VERIFICATION_CAME);
  }
  return As(Service::kCalls, "volunteer")
      .Call(&pb::CallService::Stub::RecordCall, request)
      .status();
}

absl::StatusOr<pb::ListMyOutcomesResponse> Story::Outcomes() const {
  pb::ListMyOutcomesRequest request;
  request.set_campaign_id(campaign.campaign_id());
  return As(Service::kCalls, "volunteer").Call(&pb::CallService::Stub::ListMyOutcomes, request);
}

absl::StatusOr<pb::ExplainHouseholdResponse> Story::Explain() const {
  pb::ExplainHouseholdRequest request;
  request.set_campaign_id(campaign.campaign_id());
  request.set_household_id(sheet.lease().household_id());
  return As(Service::kCalls, "coordinator")
      .Call(&pb::CampaignService::Stub::ExplainHousehold, request);
}

absl::StatusOr<pb::CampaignReport> Story::Report() const {
  pb::GetCampaignReportRequest request;
  request.set_campaign_id(campaign.campaign_id());
  ASSIGN_OR_RETURN(const auto response,
                   As(Service::kCalls, "coordinator")
                       .Call(&pb::CampaignService::Stub::GetCampaignReport, request));
  return response.report();
}

absl::StatusOr<ref::ListReferralsResponse> Story::Referrals() const {
  return As(Service::kReferral, "coordinator")
      .CallAllPages(&ref::ReferralService::Stub::ListReferrals, ref::ListReferralsRequest());
}

absl::StatusOr<ref::GetReferralResponse> Story::Referral() const {
  ref::GetReferralRequest request;
  request.set_referral_id(referral_id);
  return As(Service::kReferral, "coordinator")
      .WithReason("the story looks at its own referral")
      .Call(&ref::ReferralService::Stub::GetReferral, request);
}

absl::StatusOr<ref::ListWorklistResponse> Story::Worklist() const {
  return As(Service::kReferral, "coordinator")
      .CallAllPages(&ref::ReferralService::Stub::ListWorklist, ref::ListWorklistRequest());
}

bool WorthRepeating(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status) ||
         absl::IsCancelled(status) || absl::IsAborted(status);
}

absl::Status Insist(Story& story, const Story::Step& step) {
  absl::Status status;
  (void)testing::WaitUntil([&] {
    status = (story.*step.run)();
    return !WorthRepeating(status);
  });
  return status;
}

}  // namespace veille::e2e
