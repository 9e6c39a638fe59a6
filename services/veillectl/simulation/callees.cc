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

constexpr int kPageSize = 1000;
constexpr char kReason[] = "simulation of a campaign with made-up households";

// Somebody born on 29 February is a year older on 1 March of other years: CivilDay says so itself.
bool HasAge(const registry::v1::Tenant& tenant, const calls::v1::CohortRule& rule) {
  if (!tenant.has_birth_date()) return false;
  const auto& born = tenant.birth_date();
  const auto& on = rule.reference_date();
  return absl::CivilDay(born.year() + rule.minimum_age(), born.month(), born.day()) <=
         absl::CivilDay(on.year(), on.month(), on.day());
}

bool IsIn(const google::protobuf::RepeatedPtrField<std::string>& list, const std::string& name) {
  return list.empty() || std::find(list.begin(), list.end(), name) != list.end();
}

bool CanBeDialled(const registry::v1::Household& household) {
  return std::any_of(household.phones().begin(), household.phones().end(),
                     [](const registry::v1::Phone& phone) {
                       return phone.verdict() == registry::v1::PHONE_VERDICT_VALID ||
                              phone.verdict() == registry::v1::PHONE_VERDICT_POSSIBLE;
                     });
}

}  // namespace

bool IsCalled(const registry::v1::Household& household, const calls::v1::CohortRule& rule,
              Callee* callee) {
  const registry::v1::Dwelling& dwelling = household.dwelling();
  if (household.state() != registry::v1::RESIDENCY_STATE_PRESENT || household.objection() ||
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
  for (const registry::v1::Tenant& tenant : household.tenants()) {
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
  registry::v1::ListHouseholdsRequest request;
  request.set_page_size(kPageSize);
  do {
    ASSIGN_OR_RETURN(
        const registry::v1::ListHouseholdsResponse page,
        Insist(registry, &registry::v1::RegistryService::Stub::ListHouseholds, request, until));
    for (const registry::v1::Household& household : page.households()) {
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
