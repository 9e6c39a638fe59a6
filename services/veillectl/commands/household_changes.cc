#include "common/status/macros.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"
#include "veillectl/client/input.h"
#include "veillectl/commands/household.h"

namespace veille::veillectl {
namespace {

using Registry = registry::v1::RegistryService::Stub;

struct HouseholdChangeUpdateArguments {
  std::string file;
  std::vector<std::string> fields;
};

struct ObjectArguments {
  std::string household;
  std::string tenant;
  std::string time;
  bool calls_only = false;
};

absl::Status UpdateHousehold(Session& session, const HouseholdChangeUpdateArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection registry, session.Registry("coordinator"));
  registry::v1::UpdateHouseholdRequest request;
  RETURN_IF_ERROR(ReadMessage(arguments.file, request.mutable_household()));
  for (const std::string& field : arguments.fields) request.mutable_update_mask()->add_paths(field);
  request.set_request_id(session.RequestId());
  ASSIGN_OR_RETURN(const registry::v1::UpdateHouseholdResponse response,
                   registry.Call(&Registry::UpdateHousehold, request));
  session.Print(response, [&](std::ostream& out) { PrintHousehold(response.household(), out); });
  return absl::OkStatus();
}

absl::Status Object(Session& session, const ObjectArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection registry, session.Registry("coordinator"));
  registry::v1::RecordObjectionRequest request;
  request.set_household_id(arguments.household);
  request.set_tenant_id(arguments.tenant);
  request.set_calls_only(arguments.calls_only);
  if (!arguments.time.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_objection_time(), ParseMoment(arguments.time));
  }
  request.set_request_id(session.RequestId());
  ASSIGN_OR_RETURN(const registry::v1::RecordObjectionResponse response,
                   registry.Call(&Registry::RecordObjection, request));
  session.Print(response, [&](std::ostream& out) {
    out << "Recorded: " << (arguments.tenant.empty() ? "the household" : "the tenant")
        << " is not called any more (version " << response.version() << ")\n";
  });
  return absl::OkStatus();
}

void DeclareHouseholdChangeUpdate(CLI::App& group, Session& session) {
  CLI::App* command =
      group.add_subcommand("update", "Corrects a household by what a tenant said; imports keep it");
  command->footer(
      "\nFILE is the JSON of a veille.registry.v1.Household, as `household get --json` prints it\n"
      "under \"household\": its household_id, its etag (refused when somebody changed it since)\n"
      "and the fields that --field names. Each stands for all of its kind, but tenants are\n"
      "corrected one by one, by their tenant_id.\n"
      "\nExample:\n"
      "  veillectl household get <id> --reason 'new number, told by phone' --json | jq .household "
      "> household.json\n"
      "  veillectl household update household.json --field phones");
  const auto arguments = std::make_shared<HouseholdChangeUpdateArguments>();
  command->add_option("FILE", arguments->file, "the household; - is standard input")->required();
  command
      ->add_option("--field", arguments->fields,
                   "phones, key_contacts, tenants, objection or state; again for more")
      ->type_name("NAME")
      ->required()
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"phones", "key_contacts", "tenants", "objection", "state"})
                  .description("phones, key_contacts, tenants, objection or state"));
  session.On(command, [&session, arguments] { return UpdateHousehold(session, *arguments); });
}

void DeclareObject(CLI::App& group, Session& session) {
  CLI::App* command =
      group.add_subcommand("object", "Records that a household does not want to be called");
  command->footer(
      "\nIt stops all calls at once and, without --calls-only, withdraws the open referrals.\n"
      "No import takes it back: only `household update` does.");
  const auto arguments = std::make_shared<ObjectArguments>();
  AddHouseholdArgument(*command, arguments->household);
  CLI::Option* tenant = command->add_option("--tenant", arguments->tenant, "only this person")
                            ->type_name("ID")
                            ->check(IsUuid());
  command->add_option("--time", arguments->time, "when it was said (now)")->type_name("TIME");
  command
      ->add_flag("--calls-only", arguments->calls_only,
                 "to calls only: partners go on with what the household agreed to")
      ->excludes(tenant);
  session.On(command, [&session, arguments] { return Object(session, *arguments); });
}

}  // namespace

void DeclareHouseholdChanges(CLI::App& group, Session& session) {
  DeclareHouseholdChangeUpdate(group, session);
  DeclareObject(group, session);
}

}  // namespace veille::veillectl
