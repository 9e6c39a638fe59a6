#include "common/status/macros.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {
namespace {

using Registry = registry::v1::RegistryService::Stub;

absl::Status CreateLandlord(Session& session, const std::string& name) {
  ASSIGN_OR_RETURN(const Connection registry, session.Registry("operator"));
  registry::v1::CreateLandlordRequest request;
  request.set_request_id(session.RequestId());
  request.set_name(name);
  ASSIGN_OR_RETURN(const registry::v1::CreateLandlordResponse response,
                   registry.Call(&Registry::CreateLandlord, request));
  session.Print(response, [&](std::ostream& out) {
    const std::string& id = response.landlord().landlord_id();
    out << "Landlord " << response.landlord().name() << ": " << id
        << "\nFor the next commands: export VEILLE_LANDLORD=" << id << "\n";
  });
  return absl::OkStatus();
}

}  // namespace

void DeclareLandlord(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("landlord", "The organisations that own the data");
  group->require_subcommand(1);
  CLI::App* create = group->add_subcommand("create", "Creates a landlord and prints its id");
  const auto name = std::make_shared<std::string>();
  create->add_option("--name", *name, "unique in the installation")->type_name("NAME")->required();
  session.On(create, [&session, name] { return CreateLandlord(session, *name); });
}

}  // namespace veille::veillectl
