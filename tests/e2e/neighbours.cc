#include "e2e/neighbours.h"

#include <stdexcept>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/ids/uuid.h"
#include "e2e/referrals.h"
#include "veille/calls/v1/call_service.grpc.pb.h"
#include "veille/calls/v1/volunteer_service.grpc.pb.h"
#include "veille/referral/v1/partner_directory_service.grpc.pb.h"
#include "veille/referral/v1/referral_service.grpc.pb.h"
#include "veillectl/register/byte_source.h"
#include "veillectl/register/import_run.h"
#include "veillectl/register/register_file.h"

namespace veille::e2e {
namespace {

namespace pb = ::veille::calls::v1;
namespace ref = ::veille::referral::v1;

constexpr int kHouseholds = 16;
constexpr size_t kVolunteers = 24;
constexpr size_t kHolders = 6;       // of them have leases,
constexpr size_t kStillHolders = 3;  // and so many have one that lives
constexpr absl::Duration kLongerThanALease = absl::Minutes(30);
constexpr const char* kCommunes[] = {"31555", "33063"};  // what each partner covers

std::string NewId() { return ids::Uuid::Random().ToString(); }

void Expect(const absl::Status& status, const std::string& step) {
  if (!status.ok()) throw std::runtime_error(absl::StrCat(step, ": ", status.ToString()));
}
template <typename T>
T Expect(absl::StatusOr<T> result, const std::string& step) {
  Expect(result.status(), step);
  return *std::move(result);
}

// Numbers of no one: 06 39 98 is kept for fiction.
std::string Register() {
  std::string text =
      "NUM_LOGEMENT;ADRESSE;CODE_POSTAL;COMMUNE;CODE_INSEE;REF_CLIENT;CIVILITE;NOM;PRENOM;"
      "DATE_NAISSANCE;TEL_FIXE\n";
  for (int i = 0; i < kHouseholds; ++i) {
    absl::StrAppendFormat(&text,
                          "31%06d;%d rue des Lilas;31000;Toulouse;31555;L%06d;Mme;Nom%d;Anne;"
                          "03/02/1938;06 39 98 20 %02d\n",
                          i, i, i, i, i);
  }
  return text;
}

absl::Status Import(const Story& story) {
  const std::string text = Register();
  const auto source = veillectl::SourceOf(text);
  auto file = veillectl::RegisterFile::Open(*source, {});
  if (!file.ok()) return file.status();
  veillectl::ImportRun::Plan plan;
  plan.request_id = NewId();
  plan.complete = true;
  const auto registry = story.As(Service::kRegistry, "coordinator");
  return veillectl::ImportRun(registry, **file, std::move(plan), {}).Run().status();
}

}  // namespace

Neighbours::Neighbours(Programme& programme) : programme_(programme) {
  std::vector<std::unique_ptr<Story>> stories;
  for (Landlord& landlord : landlords_) {
    Settle(landlord, *stories.emplace_back(std::make_unique<Story>(programme)));
    for (size_t i = 0; i < kHolders; ++i) Lease(landlord, *stories.back(), i);
  }
  programme.MoveClocks(kLongerThanALease);
  for (size_t at = 0; at < landlords_.size(); ++at) {
    for (Landlord::Lease& lease : landlords_[at].leases) lease.expired = true;
    for (size_t i = 0; i < kStillHolders; ++i) Lease(landlords_[at], *stories[at], i);
  }
}

void Neighbours::Settle(Landlord& landlord, Story& story) {
  Expect(story.CreateLandlord(), "CreateLandlord");
  Expect(Import(story), "ImportHouseholds");
  Expect(story.PublishScript(), "PublishScript");
  Expect(story.CreateCampaign(), "CreateCampaign");
  Expect(story.OpenCampaign(), "OpenCampaign");
  landlord.id = story.landlord_id;
  landlord.script = story.script_id;
  landlord.campaign = story.campaign.campaign_id();
  for (const auto& row : programme_.database(Service::kRegistry)
                             .Query("SELECT household_id FROM households WHERE landlord_id = '" +
                                    landlord.id + "'")) {
    landlord.households.push_back(row[0]);
  }
  EnrolVolunteers(landlord, story);
  RegisterPartners(landlord, story);
  for (int i = 0; i < 6; ++i) {
    const size_t whose = static_cast<size_t>(i) % 2;
    landlord.cases.push_back(
        {CreateCase(landlord, whose, common::v1::URGENCY_ROUTINE), "1", whose});
  }
  Supersede(landlord, story);
}

void Neighbours::EnrolVolunteers(Landlord& landlord, const Story& story) {
  const auto calls = story.As(Service::kCalls, "coordinator");
  for (size_t i = 0; i < kVolunteers; ++i) {
    pb::EnrolVolunteerRequest request;
    request.set_request_id(NewId());
    request.mutable_volunteer()->set_subject(absl::StrCat("volunteer-", i));
    request.mutable_volunteer()->set_display_name(absl::StrCat("Volunteer ", i));
    request.mutable_volunteer()->add_languages("fr");
    Expect(calls.Call(&pb::VolunteerService::Stub::EnrolVolunteer, request), "EnrolVolunteer");
    landlord.volunteers.push_back(request.volunteer().subject());
  }
}

void Neighbours::Lease(Landlord& landlord, const Story& story, size_t volunteer) {
  pb::LeaseNextCallRequest request;
  request.set_request_id(NewId());
  request.set_campaign_id(story.campaign.campaign_id());
  const auto calls =
      programme_.Connect(Service::kCalls, landlord.As("volunteer", landlord.volunteers[volunteer]));
  const auto leased =
      Expect(calls.Call(&pb::CallService::Stub::LeaseNextCall, request), "LeaseNextCall");
  const pb::Lease& lease = leased.call_sheet().lease();
  landlord.leases.push_back(
      {lease.lease_id(), absl::StrCat(lease.fence()), lease.household_id(), volunteer, false});
}

void Neighbours::RegisterPartners(Landlord& landlord, const Story& story) {
  const auto referral = story.As(Service::kReferral, "coordinator");
  for (size_t i = 0; i < landlord.partners.size(); ++i) {
    ref::RegisterPartnerRequest request;
    request.set_request_id(NewId());
    ref::Partner& registered = *request.mutable_partner();
    registered.set_name(absl::StrCat("CCAS ", i));
    registered.set_kind(ref::PARTNER_KIND_CCAS);
    registered.set_endpoint(absl::StrCat("127.0.0.1:", FreePort()));  // where nobody listens
    registered.add_coverage()->add_commune_codes(kCommunes[i]);
    registered.mutable_coverage(0)->add_needs(common::v1::NEED_MEALS);
    landlord.partners[i] =
        Expect(referral.Call(&ref::PartnerDirectoryService::Stub::RegisterPartner, request),
               "RegisterPartner")
            .partner()
            .partner_id();
  }
}

std::string Neighbours::CreateCase(Landlord& landlord, size_t partner,
                                   common::v1::Urgency urgency) {
  const std::string& tenant = landlord.helped.emplace_back(NewId());
  return Expect(CreateReferral(programme_, landlord.id, kCommunes[partner], urgency, tenant),
                "CreateReferral");
}

// An emergency stands on the worklist, where the coordinator gives it to the other partner.
void Neighbours::Supersede(Landlord& landlord, const Story& story) {
  landlord.superseded = {CreateCase(landlord, 0, common::v1::URGENCY_EMERGENCY), "1", 0};
  const auto listed = Expect(story.Worklist(), "ListWorklist");
  ref::DecideWorklistItemRequest request;
  request.set_request_id(NewId());
  for (const ref::WorklistItem& item : listed.items()) {
    if (item.referral_id() == landlord.superseded.referral) {
      request.set_worklist_item_id(item.worklist_item_id());
    }
  }
  request.set_decision(ref::WORKLIST_DECISION_ASSIGN);
  request.set_partner_id(landlord.partners[1]);
  Expect(story.As(Service::kReferral, "coordinator")
             .Call(&ref::ReferralService::Stub::DecideWorklistItem, request),
         "DecideWorklistItem");
  landlord.cases.push_back({landlord.superseded.referral, "2", 1});
}

}  // namespace veille::e2e
