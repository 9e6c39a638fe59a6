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

namespace pb = ::veille::registry::v1;

constexpr char kSeparator = ';';

std::string NamesOf(const pb::LeftOutEntry& entry) { return absl::StrJoin(entry.names(), ", "); }

// A byte order mark, because spreadsheets need it.
std::string AsCsv(const pb::ListLeftOutResponse& response) {
  std::string text =
      "\xEF\xBB\xBFreason;dwelling_number;client_reference;names;address;commune_code;household_id;"
      "line_number;refusal\r\n";
  for (const pb::LeftOutEntry& entry : response.entries()) {
    const std::string cells[] = {NameOf(entry.reason()),
                                 entry.dwelling_number(),
                                 entry.client_reference(),
                                 NamesOf(entry),
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

void PrintEntries(const pb::ListLeftOutResponse& response, std::ostream& out) {
  if (response.entries().empty()) out << "Nobody is left out for these reasons.\n";
  Table table({"REASON", "DWELLING", "COMMUNE", "HOUSEHOLD", "NAMES"});
  for (const pb::LeftOutEntry& entry : response.entries()) {
    const bool row = entry.reason() == pb::LEFT_OUT_REASON_REFUSED_ROW;
    table.Add({NameOf(entry.reason()), entry.dwelling_number(), entry.commune_code(),
               row ? absl::StrCat("line ", entry.line_number(), ": ", entry.refusal())
                   : entry.household_id(),
               NamesOf(entry)});
  }
  if (!table.empty()) out << table;
  PrintMore(response.next_page_token(), out);
}

}  // namespace

void DeclareLeftOutOptions(CLI::App& command, LeftOutOptions& options) {
  command.add_option("--reason", options.reasons, "only this reason; again for more")
      ->type_name("REASON")
      ->allow_extra_args(false)
      ->check(IsOneOf<pb::LeftOutReason>());
  command
      .add_option("--csv", options.csv,
                  "write them to this file (UTF-8, semicolons), readable by you only")
      ->type_name("FILE");
  DeclarePaging(command, options.paging);
}

absl::StatusOr<pb::ListLeftOutResponse> ListLeftOut(const Connection& registry, pb::CohortRule rule,
                                                    const LeftOutOptions& options) {
  pb::ListLeftOutRequest request;
  *request.mutable_rule() = std::move(rule);
  for (const std::string& reason : options.reasons) {
    request.add_reasons(ValueOf<pb::LeftOutReason>(reason));
  }
  ASSIGN_OR_RETURN(pb::ListLeftOutResponse response,
                   ListPages(registry, &pb::RegistryService::Stub::ListLeftOut, std::move(request),
                             options.paging));
  if (!options.csv.empty()) RETURN_IF_ERROR(WritePrivateFile(options.csv, AsCsv(response)));
  return response;
}

void PrintLeftOut(const pb::ListLeftOutResponse& response, const LeftOutOptions& options,
                  std::ostream& out) {
  if (options.csv.empty()) return PrintEntries(response, out);
  out << response.entries_size() << " entries written to " << options.csv
      << ", which only you can read\n";
  PrintMore(response.next_page_token(), out);
}

}  // namespace veille::veillectl
