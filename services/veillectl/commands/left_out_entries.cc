#include "veillectl/commands/left_out_entries.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/macros.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"
#include "veillectl/client/output.h"
#include "veillectl/client/private_file.h"
#include "veillectl/register/refused_rows.h"

namespace veille::veillectl {
namespace {

constexpr char kSeparator = ';';

std::string LeftOutEntryNamesOf(const registry::v1::LeftOutEntry& entry) {
  return absl::StrJoin(entry.names(), ", ");
}

// A byte order mark, because spreadsheets need it.
std::string AsCsv(const registry::v1::ListLeftOutResponse& response) {
  std::string text =
      "\xEF\xBB\xBFreason;dwelling_number;client_reference;names;address;commune_code;household_id;"
      "line_number;refusal\r\n";
  for (const registry::v1::LeftOutEntry& entry : response.entries()) {
    const std::string cells[] = {NameOf(entry.reason()),
                                 entry.dwelling_number(),
                                 entry.client_reference(),
                                 LeftOutEntryNamesOf(entry),
                                 absl::StrJoin(entry.address_lines(), ", "),
                                 entry.commune_code(),
                                 entry.household_id(),
                                 entry.line_number() == 0 ? "" : absl::StrCat(entry.line_number()),
                                 entry.refusal()};
    absl::StrAppend(&text,
                    absl::StrJoin(cells, ";",
                                  [](std::string* line, const std::string& cell) {
                                    absl::StrAppend(line, Quoted(cell, kSeparator));
                                  }),
                    "\r\n");
  }
  return text;
}

void PrintEntries(const registry::v1::ListLeftOutResponse& response, std::ostream& out) {
  if (response.entries().empty()) out << "Nobody is left out for these reasons.\n";
  Table table({"REASON", "DWELLING", "COMMUNE", "HOUSEHOLD", "NAMES"});
  for (const registry::v1::LeftOutEntry& entry : response.entries()) {
    const bool row = entry.reason() == registry::v1::LEFT_OUT_REASON_REFUSED_ROW;
    table.Add({NameOf(entry.reason()), entry.dwelling_number(), entry.commune_code(),
               row ? absl::StrCat("line ", entry.line_number(), ": ", entry.refusal())
                   : entry.household_id(),
               LeftOutEntryNamesOf(entry)});
  }
  if (!table.empty()) out << table;
  PrintMore(response.next_page_token(), out);
}

}  // namespace

void DeclareLeftOutOptions(CLI::App& command, LeftOutOptions& options) {
  command.add_option("--reason", options.reasons, "only this reason; again for more")
      ->type_name("REASON")
      ->allow_extra_args(false)
      ->check(IsOneOf<registry::v1::LeftOutReason>());
  command
      .add_option("--csv", options.csv,
                  "write them to this file (UTF-8, semicolons), readable by you only")
      ->type_name("FILE");
  DeclarePaging(command, options.paging);
}

absl::StatusOr<registry::v1::ListLeftOutResponse> ListLeftOut(const Connection& registry,
                                                              registry::v1::CohortRule rule,
                                                              const LeftOutOptions& options) {
  registry::v1::ListLeftOutRequest request;
  *request.mutable_rule() = std::move(rule);
  for (const std::string& reason : options.reasons) {
    request.add_reasons(ValueOf<registry::v1::LeftOutReason>(reason));
  }
  ASSIGN_OR_RETURN(registry::v1::ListLeftOutResponse response,
                   ListPages(registry, &registry::v1::RegistryService::Stub::ListLeftOut,
                             std::move(request), options.paging));
  if (!options.csv.empty()) RETURN_IF_ERROR(WritePrivateFile(options.csv, AsCsv(response)));
  return response;
}

void PrintLeftOut(const registry::v1::ListLeftOutResponse& response, const LeftOutOptions& options,
                  std::ostream& out) {
  if (options.csv.empty()) return PrintEntries(response, out);
  out << response.entries_size() << " entries written to " << options.csv
      << ", which only you can read\n";
  PrintMore(response.next_page_token(), out);
}

}  // namespace veille::veillectl
