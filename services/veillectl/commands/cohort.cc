#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/cohort_rule_options.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {
namespace {

void PrintPreview(const registry::v1::PreviewCohortResponse& response, std::ostream& out) {
  const registry::v1::CohortCounts& counts = response.counts();
  Table reasons({"HOUSEHOLDS", ""});
  reasons.Add({"selected", absl::StrCat(counts.selected())});
  reasons.Add({"left out: under age", absl::StrCat(counts.under_age())});
  reasons.Add({"left out: objection", absl::StrCat(counts.objection())});
  reasons.Add({"left out: no valid phone", absl::StrCat(counts.no_valid_phone())});
  out << reasons;
  if (response.communes().empty()) return;
  Table communes({"COMMUNE", "NAME", "SELECTED"});
  for (const registry::v1::CommuneCount& commune : response.communes()) {
    communes.Add(
        {commune.commune_code(), commune.commune_name(), absl::StrCat(commune.selected())});
  }
  out << "\n" << communes;
}

absl::Status Preview(Session& session, const CohortRuleOptions& options) {
  ASSIGN_OR_RETURN(const Connection registry, session.Registry("coordinator"));
  registry::v1::PreviewCohortRequest request;
  ASSIGN_OR_RETURN(*request.mutable_rule(), RuleOf(options));
  ASSIGN_OR_RETURN(const registry::v1::PreviewCohortResponse response,
                   registry.Call(&registry::v1::RegistryService::Stub::PreviewCohort, request));
  session.Print(response, [&](std::ostream& out) { PrintPreview(response, out); });
  return absl::OkStatus();
}

}  // namespace

void DeclareCohort(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("cohort", "Which households a campaign would call");
  group->require_subcommand(1);
  CLI::App* preview = group->add_subcommand("preview", "Counts them, without drawing a cohort");
  preview->footer(
      "\nEach household that is not selected has one reason, the first that holds: nobody of the\n"
      "age, objection, no phone that can be dialled. veillectl household left-out lists them.\n"
      "\nExample:\n"
      "  veillectl cohort preview --minimum-age 70 --commune 31555 --commune 33063");
  const auto options = std::make_shared<CohortRuleOptions>();
  DeclareCohortRule(*preview, *options);
  session.On(preview, [&session, options] { return Preview(session, *options); });
}

}  // namespace veille::veillectl
