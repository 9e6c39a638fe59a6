#include <unistd.h>

#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/input.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/cohort_rule_options.h"
#include "veillectl/commands/household.h"
#include "veillectl/commands/left_out_entries.h"
#include "veillectl/commands/paging.h"

namespace veille::veillectl {
namespace {

using Registry = registry::v1::RegistryService::Stub;

struct HouseholdListArguments {
  std::string commune;
  std::string dwelling_file;
  std::string reference_file;
  bool left = false;
  Paging paging;
};

struct FindArguments {
  std::string file = "-";
  bool left = false;
  Paging paging;
};

struct LeftOutArguments {
  CohortRuleOptions rule;
  LeftOutOptions left_out;
};

// One line of a file: what must not stand in the list of processes.
absl::StatusOr<std::string> ReadLine(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadInput(path));
  const absl::string_view line = absl::StripAsciiWhitespace(text);
  if (line.empty() || line.find('\n') != absl::string_view::npos) {
    return UsageError(absl::StrCat(path == "-" ? "standard input" : path, " must have one line"));
  }
  return std::string(line);
}

// On a terminal it is asked for.
absl::StatusOr<std::string> ReadName(const std::string& path) {
  if (path != "-" || isatty(STDIN_FILENO) == 0) return ReadLine(path);
  std::cerr << "Name: " << std::flush;
  std::string name;
  std::getline(std::cin, name);
  if (name.empty()) return UsageError("no name was given");
  return name;
}

std::string HouseholdNamesOf(const registry::v1::Household& household) {
  return absl::StrJoin(
      household.tenants(), ", ", [](std::string* text, const registry::v1::Tenant& tenant) {
        absl::StrAppend(text, tenant.given_name(), tenant.given_name().empty() ? "" : " ",
                        tenant.family_name());
      });
}

template <typename Response>
void PrintHouseholds(const Response& response, std::ostream& out) {
  if (response.households().empty()) out << "There is no such household.\n";
  Table table({"HOUSEHOLD", "STATE", "DWELLING", "COMMUNE", "TENANTS", ""});
  for (const registry::v1::Household& household : response.households()) {
    table.Add({household.household_id(), NameOf(household.state()),
               household.dwelling().dwelling_number(), household.dwelling().commune_name(),
               HouseholdNamesOf(household), household.objection() ? "objects" : ""});
  }
  if (!table.empty()) out << table;
  PrintMore(response.next_page_token(), out);
}

absl::Status ListHouseholds(Session& session, const HouseholdListArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection registry, session.Registry("coordinator"));
  registry::v1::ListHouseholdsRequest request;
  request.set_commune_code(arguments.commune);
  request.set_include_left(arguments.left);
  if (!arguments.dwelling_file.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_dwelling_number(), ReadLine(arguments.dwelling_file));
  }
  if (!arguments.reference_file.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_client_reference(), ReadLine(arguments.reference_file));
  }
  ASSIGN_OR_RETURN(
      const registry::v1::ListHouseholdsResponse response,
      ListPages(registry, &Registry::ListHouseholds, std::move(request), arguments.paging));
  session.Print(response, [&](std::ostream& out) { PrintHouseholds(response, out); });
  return absl::OkStatus();
}

absl::Status Find(Session& session, const FindArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection registry, session.Registry("coordinator"));
  registry::v1::FindHouseholdsRequest request;
  request.set_include_left(arguments.left);
  ASSIGN_OR_RETURN(*request.mutable_name(), ReadName(arguments.file));
  ASSIGN_OR_RETURN(
      const registry::v1::FindHouseholdsResponse response,
      ListPages(registry, &Registry::FindHouseholds, std::move(request), arguments.paging));
  session.Print(response, [&](std::ostream& out) { PrintHouseholds(response, out); });
  return absl::OkStatus();
}

absl::Status ListLeftOutHouseholds(Session& session, const LeftOutArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection registry, session.Registry("coordinator"));
  ASSIGN_OR_RETURN(registry::v1::CohortRule rule, RuleOf(arguments.rule));
  ASSIGN_OR_RETURN(const registry::v1::ListLeftOutResponse response,
                   ListLeftOut(registry, std::move(rule), arguments.left_out));
  session.Print(response,
                [&](std::ostream& out) { PrintLeftOut(response, arguments.left_out, out); });
  return absl::OkStatus();
}

void DeclareHouseholdList(CLI::App& group, Session& session) {
  CLI::App* command = group.add_subcommand("list", "Lists households, by id; needs --reason");
  const auto arguments = std::make_shared<HouseholdListArguments>();
  command->add_option("--commune", arguments->commune, "only of this INSEE code")
      ->type_name("CODE");
  command
      ->add_option("--dwelling-file", arguments->dwelling_file,
                   "only of the dwelling whose number stands in this file; - is standard input")
      ->type_name("FILE");
  command
      ->add_option("--reference-file", arguments->reference_file,
                   "only with the reference that stands in this file; - is standard input")
      ->type_name("FILE");
  command->add_flag("--left", arguments->left, "those that left too");
  session.AddReason(*command);
  DeclarePaging(*command, arguments->paging);
  session.On(command, [&session, arguments] { return ListHouseholds(session, *arguments); });
}

void DeclareFind(CLI::App& group, Session& session) {
  CLI::App* command =
      group.add_subcommand("find", "Finds a household by a tenant's name, somebody on the line");
  command->footer(
      "\nThe name is asked for on a terminal, or read from standard input: words in any order,\n"
      "without regard to case, accents and hyphens; three letters of a word are enough.\n"
      "Answering a tenant is a coordinator's work; --as dpo it needs --reason.\n"
      "\nExample:\n"
      "  echo 'dupre eliane' | veillectl household find");
  const auto arguments = std::make_shared<FindArguments>();
  command->add_option("FILE", arguments->file, "the name; - is standard input")
      ->capture_default_str();
  command->add_flag("--left", arguments->left, "those that left too");
  session.AddReason(*command);
  DeclarePaging(*command, arguments->paging);
  session.On(command, [&session, arguments] { return Find(session, *arguments); });
}

void DeclareLeftOutOfRule(CLI::App& group, Session& session) {
  CLI::App* command = group.add_subcommand(
      "left-out", "Lists whom a rule leaves out and why, and refused rows of the import");
  command->footer(
      "\nA list to act on, with names: without a valid phone somebody needs a visit or a letter; "
      "a\n"
      "refused row may concern somebody of the age, and needs a correction. Without --reason "
      "those\n"
      "are listed, and who objects; under-age only when it is named.\n"
      "\nExample:\n"
      "  veillectl household left-out --reason no-valid-phone --csv visits.csv");
  const auto arguments = std::make_shared<LeftOutArguments>();
  DeclareCohortRule(*command, arguments->rule);
  DeclareLeftOutOptions(*command, arguments->left_out);
  session.On(command, [&session, arguments] { return ListLeftOutHouseholds(session, *arguments); });
}

}  // namespace

void DeclareHouseholdLists(CLI::App& group, Session& session) {
  DeclareHouseholdList(group, session);
  DeclareFind(group, session);
  DeclareLeftOutOfRule(group, session);
}

}  // namespace veille::veillectl
