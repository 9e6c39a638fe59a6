#include "veillectl/commands/cohort_rule_options.h"

#include "absl/time/civil_time.h"
#include "absl/time/clock.h"
#include "common/status/macros.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {

void DeclareCohortRule(CLI::App& command, CohortRuleOptions& options) {
  command.add_option("--minimum-age", options.minimum_age, "of one tenant at least")
      ->type_name("YEARS")
      ->check(CLI::Range(0, 120).description("a number from 0 to 120"))
      ->capture_default_str();
  command
      .add_option("--reference-date", options.reference_date,
                  "the day on which ages are counted (today)")
      ->type_name("DATE");
  command.add_option("--commune", options.communes, "only this INSEE code; again for more")
      ->type_name("CODE")
      ->allow_extra_args(false);
  command.add_option("--building", options.buildings, "only this résidence; again for more")
      ->type_name("NAME")
      ->allow_extra_args(false);
}

absl::StatusOr<registry::v1::CohortRule> RuleOf(const CohortRuleOptions& options) {
  registry::v1::CohortRule rule;
  rule.set_minimum_age(options.minimum_age);
  const std::string day =
      options.reference_date.empty()
          ? absl::FormatCivilTime(absl::ToCivilDay(absl::Now(), absl::LocalTimeZone()))
          : options.reference_date;
  ASSIGN_OR_RETURN(*rule.mutable_reference_date(), ParseDay("--reference-date", day));
  rule.mutable_commune_codes()->Assign(options.communes.begin(), options.communes.end());
  rule.mutable_buildings()->Assign(options.buildings.begin(), options.buildings.end());
  return rule;
}

}  // namespace veille::veillectl
