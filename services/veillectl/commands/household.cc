#include "veillectl/commands/household.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status/macros.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"
#include "veillectl/client/output.h"

namespace veille::veillectl {
namespace {

std::string BirthDayOf(const common::v1::Date& date) {
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

std::string HouseholdJoined(const std::string& first, const std::string& second,
                            const std::string& between = " ") {
  return first.empty() || second.empty() ? first + second : absl::StrCat(first, between, second);
}

std::string AddressOf(const registry::v1::Dwelling& dwelling) {
  return HouseholdJoined(dwelling.street_address(),
                         HouseholdJoined(dwelling.postal_code(), dwelling.commune_name()), ", ");
}

void AddTenants(const registry::v1::Household& household, Table& table) {
  for (const registry::v1::Tenant& tenant : household.tenants()) {
    table.Add({"tenant", HouseholdJoined(tenant.given_name(), tenant.family_name()),
               tenant.has_birth_date() ? BirthDayOf(tenant.birth_date()) : "-", tenant.relation(),
               tenant.objection() ? "objects" : "", tenant.tenant_id()});
  }
}

void AddNumbers(const registry::v1::Household& household, Table& table) {
  for (const registry::v1::Phone& phone : household.phones()) {
    table.Add({"phone", phone.e164().empty() ? phone.original() : phone.e164(),
               NameOf(phone.verdict()), "", "", ""});
  }
  for (const registry::v1::KeyContact& contact : household.key_contacts()) {
    table.Add({"key contact", contact.name(), contact.e164(), "", "", ""});
  }
}

std::string_view ObjectionOf(const registry::v1::Household& household) {
  if (!household.objection()) return "";
  return household.calls_only() ? ", objects to calls only" : ", objects to being called";
}

absl::Status GetHousehold(Session& session, const std::string& household) {
  ASSIGN_OR_RETURN(const Connection registry, session.Registry("coordinator"));
  registry::v1::GetHouseholdRequest request;
  request.set_household_id(household);
  ASSIGN_OR_RETURN(const registry::v1::GetHouseholdResponse response,
                   registry.Call(&registry::v1::RegistryService::Stub::GetHousehold, request));
  session.Print(response, [&](std::ostream& out) { PrintHousehold(response.household(), out); });
  return absl::OkStatus();
}

}  // namespace

void PrintHousehold(const registry::v1::Household& household, std::ostream& out) {
  out << "Household " << household.household_id() << "\n  " << NameOf(household.state())
      << ", version " << household.version() << ", changed " << Moment(household.update_time())
      << ObjectionOf(household) << "\n  dwelling " << household.dwelling().dwelling_number()
      << ", reference " << household.client_reference() << ", since "
      << (household.has_move_in_date() ? BirthDayOf(household.move_in_date()) : "-") << "\n  "
      << AddressOf(household.dwelling()) << "\n";
  Table table({"", "NAME, NUMBER", "BORN, VERDICT", "RELATION", "", "TENANT"});
  AddTenants(household, table);
  AddNumbers(household, table);
  if (!table.empty()) out << table;
}

void AddHouseholdArgument(CLI::App& command, std::string& household) {
  command.add_option("HOUSEHOLD", household, "id of the household")->required()->check(IsUuid());
}

void DeclareHousehold(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("household", "Who lives where: what the register says");
  group->require_subcommand(1);
  CLI::App* get = group->add_subcommand("get", "Shows a household; needs --reason");
  const auto household = std::make_shared<std::string>();
  AddHouseholdArgument(*get, *household);
  session.AddReason(*get);
  session.On(get, [&session, household] { return GetHousehold(session, *household); });
  DeclareHouseholdLists(*group, session);
  DeclareHouseholdChanges(*group, session);
}

}  // namespace veille::veillectl
