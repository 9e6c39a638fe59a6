#include "common/status/macros.h"
#include "veille/calls/v1/campaign_service.grpc.pb.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"
#include "veillectl/commands/campaign.h"
#include "veillectl/commands/left_out_entries.h"

namespace veille::veillectl {
namespace {

struct LeftOutListArguments {
  std::string campaign;
  LeftOutOptions left_out;
};

absl::StatusOr<calls::v1::Campaign> GetCampaign(const Connection& connection,
                                                const std::string& id) {
  calls::v1::GetCampaignRequest request;
  request.set_campaign_id(id);
  ASSIGN_OR_RETURN(calls::v1::GetCampaignResponse response,
                   connection.Call(&calls::v1::CampaignService::Stub::GetCampaign, request));
  return std::move(*response.mutable_campaign());
}

// The campaign's rule in the registry's words.
registry::v1::CohortRule RuleOf(const calls::v1::Campaign& campaign) {
  const calls::v1::CohortRule& rule = campaign.cohort_rule();
  registry::v1::CohortRule registry;
  registry.set_minimum_age(rule.minimum_age());
  *registry.mutable_reference_date() = rule.reference_date();
  *registry.mutable_commune_codes() = rule.commune_codes();
  *registry.mutable_buildings() = rule.buildings();
  return registry;
}

// By reason, as they stood when the cohort was drawn.
void PrintLeftOutListCounts(const calls::v1::Campaign& campaign, std::ostream& out) {
  if (!campaign.has_left_out()) return;
  const calls::v1::LeftOutCounts& counts = campaign.left_out();
  out << "Left out when the campaign opened: " << counts.under_age() << " under age, "
      << counts.objection() << " objection, " << counts.no_valid_phone() << " no valid phone\n";
}

absl::Status WriteLeftOutList(Session& session, const LeftOutListArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection calls_connection, session.Calls("coordinator"));
  ASSIGN_OR_RETURN(const Connection registry, session.Registry("coordinator"));
  ASSIGN_OR_RETURN(const calls::v1::Campaign campaign,
                   GetCampaign(calls_connection, arguments.campaign));
  ASSIGN_OR_RETURN(const registry::v1::ListLeftOutResponse response,
                   ListLeftOut(registry, RuleOf(campaign), arguments.left_out));
  session.Print(response, [&](std::ostream& out) {
    PrintLeftOutListCounts(campaign, out);
    PrintLeftOut(response, arguments.left_out, out);
  });
  return absl::OkStatus();
}

}  // namespace

void DeclareLeftOut(CLI::App& group, Session& session) {
  CLI::App* command =
      group.add_subcommand("left-out", "Lists whom a campaign does not call, and why");
  command->footer(
      "\nThe campaign's rule is applied to the register as it stands today, with names: a list to\n"
      "act on. Somebody without a valid phone needs a visit or a letter; a row that the import\n"
      "refused needs a correction. Without --reason those are listed, and who objects; under-age\n"
      "only when it is named. Each listing leaves its trace in the registry's audit trail.\n"
      "\nExample:\n"
      "  veillectl campaign left-out 01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d --reason no-valid-phone\n"
      "  veillectl campaign left-out 01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d --csv left-out.csv\n"
      "\nNext: correct the register and veillectl import it again; a new campaign calls them.");
  const auto arguments = std::make_shared<LeftOutListArguments>();
  AddCampaignArgument(*command, arguments->campaign);
  DeclareLeftOutOptions(*command, arguments->left_out);
  session.On(command, [&session, arguments] { return WriteLeftOutList(session, *arguments); });
}

}  // namespace veille::veillectl
