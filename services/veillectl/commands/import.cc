#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/macros.h"
#include "veillectl/client/digest.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/input.h"
#include "veillectl/client/output.h"
#include "veillectl/commands/session.h"
#include "veillectl/register/byte_source.h"
#include "veillectl/register/import_progress.h"
#include "veillectl/register/import_run.h"
#include "veillectl/register/mapping.h"
#include "veillectl/register/refused_rows.h"
#include "veillectl/register/register_file.h"
#include "veillectl/register/verdict_file.h"

namespace veille::veillectl {
namespace {

constexpr size_t kMostRowsTold = 20;

constexpr char kImportHelp[] = R"(
FILE is the landlord's export, one row per tenant, its first line naming the columns. Encoding (UTF-8,
Windows-1252, ISO-8859-15, UTF-16 with a byte order mark), separator (; , tab |), quotes and line ends
are detected. Without --mapping the columns are (NUM_LOGEMENT must be there, the others may be):

  NUM_LOGEMENT;RESIDENCE;BATIMENT;ESCALIER;ETAGE;PORTE;ADRESSE;CODE_POSTAL;COMMUNE;CODE_INSEE;
  REF_CLIENT;CIVILITE;NOM;PRENOM;DATE_NAISSANCE;TEL_FIXE;TEL_MOBILE;EMAIL;LIEN;DATE_ENTREE;
  OPPOSITION;PERSONNE_A_PREVENIR;TEL_PREVENIR                   with dates as 31/12/1940

A mapping says it for other registers (deploy/samples/mapping.json is one), in JSON:

  "columns"      every column of the file and the field it fills: dwelling_number, residence,
                 building, staircase, floor, door, street_address, postal_code, commune_name,
                 commune_code, client_reference, title, family_name, given_name, birth_date, phones,
                 email, relation, move_in_date, objection, key_contact_name, key_contact_phone,
                 row_key; or "ignore". Several columns may be phones, or street_address.
  "date_format"  "dd/mm/yyyy", "yyyy-mm-dd", "mm/dd/yyyy", "ddmmyyyy" …, one or a list
  "objection"    {"yes": ["O"], "no": ["N"]}; an empty cell means no
  "relation"     {"T": "Titulaire"}; others stay as they are
  "encoding", "separator"    when they are not to be detected

The whole file is checked before its first row is sent: a malformed one is refused with line and
column, and nothing of it is taken. Refused rows are kept in a file of their own (register.csv:
register.refused.csv beside it, readable by you only) with line, reason and cells: correct it and
import it. Interrupted, the same command continues where it stopped; repeated, it imports again and
finds the rows unchanged. It fails when no row at all could be taken.)";

struct ImportArguments {
  std::string file;
  std::string mapping;
  std::string refused;
  std::string verdicts;
  std::string encoding;
  std::string separator;
  std::string reference_date;
  bool dry_run = false;
  bool complete = false;
};

absl::StatusOr<RegisterOptions> ReadOptions(const ImportArguments& arguments,
                                            const std::string& mapping) {
  RegisterOptions options;
  if (!arguments.mapping.empty()) {
    ASSIGN_OR_RETURN(options.mapping, ParseMapping(mapping));
  }
  if (!arguments.encoding.empty()) {
    options.encoding = EncodingOf(arguments.encoding);
    if (!options.encoding.has_value()) {
      return UsageError(absl::StrCat("--encoding is one of ", EncodingNames()));
    }
  }
  if (!arguments.separator.empty()) {
    options.separator = SeparatorOf(arguments.separator);
    if (!options.separator.has_value()) return UsageError("--separator is one of ; , | tab");
  }
  return options;
}

absl::StatusOr<ImportRun::Plan> MakePlan(Session& session, const ImportArguments& arguments,
                                         const std::string& mapping) {
  ImportRun::Plan plan;
  plan.dry_run = arguments.dry_run;
  plan.complete = arguments.complete;
  if (!arguments.reference_date.empty()) {
    ASSIGN_OR_RETURN(plan.reference_date, ParseDay("--reference-date", arguments.reference_date));
  }
  if (session.has_request_id()) plan.request_id = session.RequestId();
  const std::string digest = Sha256(mapping);
  plan.scope =
      absl::StrCat(session.landlord(), "|",
                   absl::BytesToHexString(absl::string_view(digest.data(), digest.size())));
  return plan;
}

void PrintTotals(const registry::v1::ImportTotals& totals, bool dry_run, std::ostream& out) {
  out << totals.rows() << " rows" << (dry_run ? ", judged only (dry run)" : "") << ": "
      << totals.dwellings() << " dwellings, " << totals.households() << " households, "
      << totals.tenants() << " tenants\n";
  Table table({"VERDICT", "ROWS"});
  table.Add({"taken", absl::StrCat(totals.taken())});
  table.Add({"changed", absl::StrCat(totals.changed())});
  table.Add({"unchanged", absl::StrCat(totals.unchanged())});
  table.Add({"taken with a warning", absl::StrCat(totals.warned())});
  for (const auto& count : totals.warned_by_reason()) {
    table.Add({"  " + count.reason(), absl::StrCat(count.rows())});
  }
  table.Add({"refused", absl::StrCat(totals.refused())});
  for (const auto& count : totals.refused_by_reason()) {
    table.Add({"  " + count.reason(), absl::StrCat(count.rows())});
  }
  out << table;
  if (totals.households_left() > 0) {
    out << totals.households_left() << " households are no longer in the register: "
        << (dry_run ? "they would be marked as left\n" : "marked as left\n");
  }
}

void TellRows(const std::string& what, const std::vector<std::string>& sentences, size_t all) {
  for (const std::string& sentence : sentences) std::cerr << what << ": " << sentence << "\n";
  if (all > sentences.size()) {
    std::cerr << what << ": " << all - sentences.size() << " more rows\n";
  }
}

absl::StatusOr<std::string> ReadMapping(const std::string& path) {
  if (path.empty()) return std::string();
  if (path == "-") return UsageError("--mapping takes a file");
  return ReadInput(path);
}

// What can be known to be wrong before anything is sent.
absl::Status CheckBefore(const ImportArguments& arguments, const RegisterFile& file) {
  if (arguments.complete && file.columns().of_refused_rows) {
    return UsageError(
        "these are the refused rows of a register, not all its households: import them without "
        "--complete");
  }
  return CheckRefusedPath(arguments.refused, arguments.file);
}

void TellFile(const RegisterFile& file) {
  std::cerr << WithCommas(file.row_count()) << " rows, " << NameOf(file.encoding())
            << ", parted by " << NameOfSeparator(file.separator()) << "\n";
  for (const std::string& note : file.notes()) std::cerr << "note: " << note << "\n";
}

// Which rows had something, and where the refused ones are kept.
absl::Status TellRowsOf(const ImportRun& run, int64_t warned, const ImportArguments& arguments,
                        const RegisterFile& file) {
  if (run.resumed_rows() > 0) {
    std::cerr << "Continued: " << WithCommas(run.resumed_rows()) << " rows were stored before.\n";
  }
  const RefusedRows& refused = run.refused();
  TellRows("warning", run.warnings(), std::max(run.warnings().size(), static_cast<size_t>(warned)));
  TellRows("refused", refused.Sentences(kMostRowsTold), refused.size());
  RETURN_IF_ERROR(refused.WriteTo(arguments.refused, file));
  if (!refused.empty()) {
    std::cerr << "The refused rows are in " << arguments.refused
              << ": correct them and import that file.\n";
  }
  return absl::OkStatus();
}

absl::Status Send(Session& session, const Connection& registry, const ImportArguments& arguments,
                  ImportRun::Plan plan, const RegisterFile& file) {
  std::optional<ImportProgress> progress;
  std::optional<VerdictFile> verdicts;
  if (!arguments.verdicts.empty()) verdicts.emplace(arguments.verdicts);
  if (!session.json()) {
    TellFile(file);
    progress.emplace(std::cerr, isatty(STDERR_FILENO) == 1, file.row_count(), absl::Now);
  }
  ImportRun run(
      registry, file, std::move(plan),
      {progress.has_value() ? &*progress : nullptr, verdicts.has_value() ? &*verdicts : nullptr});
  const absl::StatusOr<registry::v1::ImportTotals> totals = run.Run();
  progress.reset();
  if (!totals.ok() && ExitCodeOf(totals.status()) == kUnreachable) {
    std::cerr << "The same command, run again, continues after the last row that is stored.\n";
    return totals.status();
  }
  // Also when it failed: a file of which nothing could be taken has only refused rows.
  if (totals.ok() || !run.refused().empty()) {
    RETURN_IF_ERROR(TellRowsOf(run, totals.ok() ? totals->warned() : 0, arguments, file));
  }
  RETURN_IF_ERROR(totals.status());
  session.Print(*totals, [&](std::ostream& out) { PrintTotals(*totals, arguments.dry_run, out); });
  return absl::OkStatus();
}

absl::Status Import(Session& session, ImportArguments arguments) {
  if (arguments.refused.empty()) arguments.refused = RefusedPathOf(arguments.file);
  ASSIGN_OR_RETURN(const Connection registry, session.Registry("coordinator"));
  ASSIGN_OR_RETURN(const std::string mapping, ReadMapping(arguments.mapping));
  ASSIGN_OR_RETURN(RegisterOptions options, ReadOptions(arguments, mapping));
  ASSIGN_OR_RETURN(ImportRun::Plan plan, MakePlan(session, arguments, mapping));
  ASSIGN_OR_RETURN(const std::unique_ptr<ByteSource> source, OpenSource(arguments.file));
  ASSIGN_OR_RETURN(const std::unique_ptr<RegisterFile> file,
                   RegisterFile::Open(*source, std::move(options)));
  RETURN_IF_ERROR(CheckBefore(arguments, *file));
  return Send(session, registry, arguments, std::move(plan), *file);
}

}  // namespace

void DeclareImport(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("import", "Imports the landlord's register of tenants");
  command->footer(kImportHelp);
  const auto arguments = std::make_shared<ImportArguments>();
  const auto option = [&](const std::string& name, std::string& value, const std::string& about,
                          const std::string& type) {
    command->add_option(name, value, about)->type_name(type);
  };
  command->add_option("FILE", arguments->file, "the register; - is standard input")->required();
  option("--mapping", arguments->mapping, "what its columns mean", "FILE");
  command->add_flag("--dry-run", arguments->dry_run, "judge every row and store nothing");
  command->add_flag("--complete", arguments->complete,
                    "the file names all households: others are marked as left");
  option("--refused", arguments->refused, "where refused rows are kept", "FILE");
  option("--verdicts", arguments->verdicts, "write line;verdict;reason of every row to it", "FILE");
  option("--encoding", arguments->encoding, "instead of detecting it: " + EncodingNames(), "NAME");
  option("--separator", arguments->separator, "instead of detecting it: ; , | tab", "SIGN");
  option("--reference-date", arguments->reference_date, "the day by which ages are judged (today)",
         "DATE");
  session.On(command, [&session, arguments] { return Import(session, *arguments); });
}

}  // namespace veille::veillectl
