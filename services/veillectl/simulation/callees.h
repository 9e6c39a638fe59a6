#pragma once

// Whom a campaign calls, read from the register by the campaign's rule: who is old enough on its
// reference date and does not object, in a household with a phone that can be dialled. A reading of
// its own, so that the cohort which the services draw is compared with something.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "veille/calls/v1/campaign.pb.h"
#include "veille/registry/v1/household.pb.h"
#include "veillectl/client/connection.h"

namespace veille::veillectl {

struct Callee {
  // The same in every run with the same register, unlike the ids: made from the landlord's own
  // numbers, which it does not reveal.
  std::string key;
  std::string household_id;
  std::string commune_code;
  std::vector<std::string> tenant_ids;  // of all persons, in the order of the register
  std::vector<int> subjects;            // positions in it, from 1: whom the campaign asks about

  const std::string& TenantAt(int position) const {
    return tenant_ids[static_cast<size_t>(position - 1)];
  }
};

// By key. Pages that get no answer are asked for again until `until`.
absl::StatusOr<std::vector<Callee>> ReadCallees(const Connection& coordinator,
                                                const calls::v1::CohortRule& rule,
                                                absl::Time until);

// Whether the rule selects the household, and as whom it is called.
bool IsCalled(const registry::v1::Household& household, const calls::v1::CohortRule& rule,
              Callee* callee);

}  // namespace veille::veillectl
