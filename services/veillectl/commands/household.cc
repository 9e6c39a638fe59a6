#include "veillectl/commands/household.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status/macros.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"
#include "veillectl/client/output.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::registry::v1;

std::string DayOf(const common::v1::Date& date) {
  return absl::StrFormat("%04d-%02d-%02d", date.year(), date.month(), date.day());
}

std::string Joined(const std::string& first, const std::string& second,
                   const std::string& between = " ") {
  return first.empty() || second.empty() ? first + second : absl::StrCat(first, between, second);
}

std::string AddressOf(const pb::Dwelling& dwelling) {
  return Joined(dwelling.street_address(), Joined(dwelling.postal_code(), dwelling.commune_name()),
                ", ");
}

void AddTenants(const pb::Household& household, Table& table) {
  for (const pb::Tenant& tenant : household.tenants()) {
    table.Add({"tenant", Joined(tenant.given_name(), tenant.family_name()),
               tenant.has_birth_date() ? DayOf(tenant.birth_date()) : "-", tenant.relation(),
               tenant.objection() ? "objects" : "", tenant.tenant_id()});
  }
}

void AddNumbers(const pb::Household& household, Table& table) {
  for (const pb::Phone& phone : household.phones()) {
    table.Add({"phone", phone.e164().empty() ? phone.original() : phone.e164(),
               NameOf(phone.verdict()), "", "", ""});
  }
  for (const pb::KeyContact& contact : household.key_contacts()) {
    table.Add({"key contact", contact.name(), contact.e164(), "", "", ""});
  }
}

absl::Status Get(Session& session, const std::string& household) {
  ASSIGN_OR_RETURN(const Connection registry, session.Registry("coordinator"));
  pb::GetHouseholdRequest request;
  request.set_household_id(household);
  ASSIGN_OR_RETURN(const pb::GetHouseholdResponse response,
                   registry.Call(&pb::RegistryService::Stub::GetHousehold, request));
  session.Print(response, [&](std::ostream& out) { PrintHousehold(response.household(), out); });
  return absl::OkStatus();
}

}  // namespace

void PrintHousehold(const pb::Household& household, std::ostream& out) {
  out << "Household " << household.household_id() << "\n  " << NameOf(household.state())
      << ", version " << household.version() << ", changed " << Moment(household.update_time())
      << (household.objection() ? ", objects to being called" : "") << "\n  dwelling "
      << household.dwelling().dwelling_number() << ", reference " << household.client_reference()
      << ", since " << (household.has_move_in_date() ? DayOf(household.move_in_date()) : "-")
      << "\n  " << AddressOf(household.dwelling()) << "\n";
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
  session.On(get, [&session, household] { return Get(session, *household); });
  DeclareHouseholdLists(*group, session);
  DeclareHouseholdChanges(*group, session);
}

}  // namespace veille::veillectl
