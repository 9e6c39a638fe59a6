#include "call_tracking/clients/registry_client.h"

#include <algorithm>
#include <utility>

#include "call_tracking/domain/household.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace veille::call_tracking {
namespace {

using AsyncStub = class registry::v1::RegistryService::Stub::async;

registry::v1::SelectCohortRequest ToRequest(const CohortRule& rule, ids::HouseholdId after) {
  registry::v1::SelectCohortRequest request;
  registry::v1::CohortRule& proto = *request.mutable_rule();
  proto.set_minimum_age(rule.minimum_age);
  proto.mutable_reference_date()->set_year(static_cast<int32_t>(rule.reference_date.year()));
  proto.mutable_reference_date()->set_month(rule.reference_date.month());
  proto.mutable_reference_date()->set_day(rule.reference_date.day());
  for (const std::string& code : rule.commune_codes) proto.add_commune_codes(code);
  for (const std::string& building : rule.buildings) proto.add_buildings(building);
  if (!after.is_nil()) request.set_after_household_id(after.ToString());
  request.set_include_left_out(true);
  return request;
}

template <typename Id>
absl::StatusOr<Id> ReadId(const std::string& text) {
  const auto id = Id::Parse(text);
  if (!id.has_value()) return errors::Internal("the registry sent an id that is none");
  return *id;
}

absl::StatusOr<CohortHousehold> ReadEntry(const registry::v1::CohortEntry& entry) {
  CohortHousehold household;
  household.commune_code = entry.commune_code();
  household.time_zone = entry.time_zone();
  for (int i = 0; i < std::min(entry.phone_hashes_size(), kMostPhones); ++i) {
    household.phone_hashes.push_back(entry.phone_hashes(i));
  }
  household.version = entry.version();
  ASSIGN_OR_RETURN(household.household, ReadId<ids::HouseholdId>(entry.household_id()));
  for (const std::string& subject : entry.subject_ids()) {
    ASSIGN_OR_RETURN(const auto id, ReadId<ids::TenantId>(subject));
    household.subjects.push_back(id);
  }
  return household;
}

absl::StatusOr<CohortPage> ReadPage(const registry::v1::SelectCohortResponse& response) {
  CohortPage page;
  for (const registry::v1::CohortEntry& entry : response.entries()) {
    ASSIGN_OR_RETURN(auto household, ReadEntry(entry));
    page.selected.push_back(std::move(household));
  }
  for (const registry::v1::LeftOut& left_out : response.left_out()) {
    if (left_out.reason() < registry::v1::LEFT_OUT_REASON_UNDER_AGE ||
        left_out.reason() > registry::v1::LEFT_OUT_REASON_NO_VALID_PHONE) {
      return errors::Internal("the registry sent a reason that is not known");
    }
    ASSIGN_OR_RETURN(const auto id, ReadId<ids::HouseholdId>(left_out.household_id()));
    page.left_out.push_back({id, static_cast<LeftOutReason>(left_out.reason())});
  }
  if (!response.after_household_id().empty()) {
    ASSIGN_OR_RETURN(page.last, ReadId<ids::HouseholdId>(response.after_household_id()));
  }
  return page;
}

}  // namespace

RegistryClient::RegistryClient(const rpc::Endpoint& endpoint)
    : peer_(endpoint, "call-tracking"),
      stub_(registry::v1::RegistryService::NewStub(peer_.channel())) {}

RegistryClient::Drawing::Drawing(RegistryClient& registry, const CohortRule& rule,
                                 ids::HouseholdId after, const rpc::Outgoing& outgoing,
                                 async::Executor& executor)
    : executor_(executor),
      stream_(registry.peer_, *registry.stub_->async(), &AsyncStub::SelectCohort,
              ToRequest(rule, after), outgoing) {}

async::Task<absl::StatusOr<std::optional<CohortPage>>> RegistryClient::Drawing::Next() {
  if (ended_) co_return std::optional<CohortPage>();
  const std::optional<registry::v1::SelectCohortResponse> response = co_await stream_.Read();
  if (!response.has_value()) {
    ended_ = true;
    const absl::Status status = co_await stream_.Finish();
    CO_RETURN_IF_ERROR(status);
    if (!complete_) co_return errors::Internal("the registry's cohort ended without its counts");
    co_return std::optional<CohortPage>();
  }
  co_await executor_.Hop();
  complete_ = complete_ || response->has_counts();
  CO_ASSIGN_OR_RETURN(CohortPage page, ReadPage(*response));
  co_return std::optional<CohortPage>(std::move(page));
}

async::Task<absl::StatusOr<registry::v1::BatchGetContactSheetsResponse>>
RegistryClient::BatchGetContactSheets(registry::v1::BatchGetContactSheetsRequest request,
                                      rpc::Outgoing outgoing) {
  return rpc::Call(peer_, *stub_,
                   &registry::v1::RegistryService::Stub::PrepareAsyncBatchGetContactSheets,
                   std::move(request), std::move(outgoing));
}

async::Task<absl::StatusOr<registry::v1::ReportPhoneResponse>> RegistryClient::ReportPhone(
    registry::v1::ReportPhoneRequest request, rpc::Outgoing outgoing) {
  return rpc::Call(peer_, *stub_, &registry::v1::RegistryService::Stub::PrepareAsyncReportPhone,
                   std::move(request), std::move(outgoing));
}

async::Task<absl::StatusOr<registry::v1::RecordObjectionResponse>> RegistryClient::RecordObjection(
    registry::v1::RecordObjectionRequest request, rpc::Outgoing outgoing) {
  return rpc::Call(peer_, *stub_, &registry::v1::RegistryService::Stub::PrepareAsyncRecordObjection,
                   std::move(request), std::move(outgoing));
}

}  // namespace veille::call_tracking
