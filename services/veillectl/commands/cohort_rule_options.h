#pragma once

// A cohort rule as options.

#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "veille/registry/v1/cohort.pb.h"

namespace veille::veillectl {

struct CohortRuleOptions {
  int minimum_age = 70;
  std::string reference_date;  // empty: today
  std::vector<std::string> communes;
  std::vector<std::string> buildings;
};

// --minimum-age, --reference-date, --commune, --building.
void DeclareCohortRule(CLI::App& command, CohortRuleOptions& options);

absl::StatusOr<registry::v1::CohortRule> RuleOf(const CohortRuleOptions& options);

}  // namespace veille::veillectl
