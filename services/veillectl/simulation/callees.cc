#include "veillectl/simulation/callees.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/status/macros.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"
#include "veillectl/client/digest.h"
#include "veillectl/simulation/insist.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::registry::v1;

constexpr int kPageSize = 1000;
constexpr char kReason[] = "simulation of a campaign with made-up households";

// Somebody born on 29 February is a year older on 1 March of other years: CivilDay says so itself.
bool HasAge(const pb::Tenant& tenant, const calls::v1::CohortRule& rule) {
  if (!tenant.has_birth_date()) return false;
  const auto& born = tenant.birth_date();
  const auto& on = rule.reference_date();
  return absl::CivilDay(born.year() + rule.minimum_age(), born.month(), born.day()) <=
         absl::CivilDay(on.year(), on.month(), on.day());
}

bool IsIn(const google::protobuf::RepeatedPtrField<std::string>& list, const std::string& name) {
  return list.empty() || std::find(list.begin(), list.end(), name) != list.end();
}

bool CanBeDialled(const pb::Household& household) {
  return std::any_of(household.phones().begin(), household.phones().end(),
                     [](const pb::Phone& phone) {
                       return phone.verdict() == pb::PHONE_VERDICT_VALID ||
                              phone.verdict() == pb::PHONE_VERDICT_POSSIBLE;
                     });
}

}  // namespace

bool IsCalled(const pb::Household& household, const calls::v1::CohortRule& rule, Callee* callee) {
  const pb::Dwelling& dwelling = household.dwelling();
  if (household.state() != pb::RESIDENCY_STATE_PRESENT || household.objection() ||
      !CanBeDialled(household) || !IsIn(rule.commune_codes(), dwelling.commune_code()) ||
      !IsIn(rule.buildings(), dwelling.residence())) {
    return false;
  }
  *callee = {.key = NamedUuid(absl::StrCat("household\n", dwelling.dwelling_number(), "\n",
                                           household.client_reference())),
             .household_id = household.household_id(),
             .commune_code = dwelling.commune_code(),
             .tenant_ids = {},
             .subjects = {}};
  for (const pb::Tenant& tenant : household.tenants()) {
    callee->tenant_ids.push_back(tenant.tenant_id());
    if (HasAge(tenant, rule) && !tenant.objection()) {
      callee->subjects.push_back(static_cast<int>(callee->tenant_ids.size()));
    }
  }
  return !callee->subjects.empty();
}

absl::StatusOr<std::vector<Callee>> ReadCallees(const Connection& coordinator,
                                                const calls::v1::CohortRule& rule,
                                                absl::Time until) {
  std::vector<Callee> callees;
  const Connection registry = coordinator.WithReason(kReason);
  pb::ListHouseholdsRequest request;
  request.set_page_size(kPageSize);
  do {
    ASSIGN_OR_RETURN(const pb::ListHouseholdsResponse page,
                     Insist(registry, &pb::RegistryService::Stub::ListHouseholds, request, until));
    for (const pb::Household& household : page.households()) {
      Callee callee;
      if (IsCalled(household, rule, &callee)) callees.push_back(std::move(callee));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  std::sort(callees.begin(), callees.end(),
            [](const Callee& a, const Callee& b) { return a.key < b.key; });
  return callees;
}

}  // namespace veille::veillectl
