#include "integration/call_tracking_peers.h"

#include <grpcpp/server_builder.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/ids/uuid.h"

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

registry_pb::ContactSheet SheetOf(const RegisteredHousehold& household) {
  registry_pb::ContactSheet sheet;
  sheet.set_household_id(household.id);
  sheet.set_version(household.version);
  for (const std::string& line : household.address_lines) sheet.add_address_lines(line);
  sheet.set_commune_code(household.commune_code);
  sheet.set_commune_name("Toulouse");
  sheet.set_time_zone(household.time_zone);
  for (const std::string& subject : household.subjects) {
    auto& tenant = *sheet.add_tenants();
    tenant.set_tenant_id(subject);
    tenant.set_family_name(household.family_name);
    tenant.set_given_name(household.given_name);
    tenant.set_age(81);
    tenant.set_objection(household.objection);
    tenant.set_calls_only(household.calls_only);
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
void FakeRegistry::HoldNext() {
  absl::MutexLock lock(&mutex_);
  hold_next_ = true;
}
bool FakeRegistry::holding() const {
  absl::MutexLock lock(&mutex_);
  return holding_;
}
void FakeRegistry::LetHeldFail() {
  absl::MutexLock lock(&mutex_);
  let_fail_ = true;
}
void FakeRegistry::Remove(const std::string& household_id) {
  absl::MutexLock lock(&mutex_);
  std::erase_if(households_, [&](const auto& household) { return household.id == household_id; });
}
int FakeRegistry::drawings() const {
  absl::MutexLock lock(&mutex_);
  return drawings_;
}
std::vector<registry_pb::ReportPhoneRequest> FakeRegistry::reports() const {
  absl::MutexLock lock(&mutex_);
  return reports_;
}
std::vector<registry_pb::RecordObjectionRequest> FakeRegistry::objections() const {
  absl::MutexLock lock(&mutex_);
  return objections_;
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
  if (std::exchange(hold_next_, false)) {
    holding_ = true;
    mutex_.Await(absl::Condition(&let_fail_));
    return grpc::Status(grpc::StatusCode::UNAVAILABLE, "failing");
  }
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

grpc::Status FakeRegistry::RecordObjection(grpc::ServerContext* context,
                                           const registry_pb::RecordObjectionRequest* request,
                                           registry_pb::RecordObjectionResponse*) {
  NoteLandlord(*context);
  absl::MutexLock lock(&mutex_);
  objections_.push_back(*request);
  return grpc::Status::OK;
}

FakeReferral::FakeReferral() : server_(Listen(*this, address_)) {}
FakeReferral::~FakeReferral() { Stop(*server_); }

void FakeReferral::AnswerExisting(const std::string& referral_id, common_pb::ReferralState state) {
  absl::MutexLock lock(&mutex_);
  state_ = state;
  existing_ = referral_id;
}

void FakeReferral::Refuse(const grpc::Status& status) {
  absl::MutexLock lock(&mutex_);
  refusal_ = status;
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
  if (!refusal_.ok()) return refusal_;
  response->set_existing(!existing_.empty());
  response->set_referral_id(existing_.empty() ? ids::Uuid::Random().ToString() : existing_);
  const bool has_ended = state_ == common_pb::REFERRAL_STATE_COMPLETED;
  response->set_version(has_ended ? 5 : 1);
  response->set_state(state_);
  if (!has_ended) response->set_partner_id(ids::Uuid::Random().ToString());
  return grpc::Status::OK;
}

std::vector<referral_pb::RecordHouseholdObjectionRequest> FakeReferral::objections() const {
  absl::MutexLock lock(&mutex_);
  return objections_;
}

grpc::Status FakeReferral::RecordHouseholdObjection(
    grpc::ServerContext*, const referral_pb::RecordHouseholdObjectionRequest* request,
    referral_pb::RecordHouseholdObjectionResponse*) {
  absl::MutexLock lock(&mutex_);
  objections_.push_back(*request);
  return grpc::Status::OK;
}

}  // namespace veille::call_tracking
