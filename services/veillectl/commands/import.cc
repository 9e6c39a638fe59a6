#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/status/macros.h"
#include "veillectl/client/digest.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/input.h"
#include "veillectl/client/output.h"
#include "veillectl/client/register_file.h"
#include "veillectl/client/register_upload.h"
#include "veillectl/commands/session.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::registry::v1;

constexpr int kMostRefusalsTold = 20;

struct Arguments {
  std::string file;
  std::string reference_date;
  bool dry_run = false;
  bool complete = false;
};

// Tells on standard error which lines were refused, and why.
class Refusals {
 public:
  void Tell(const pb::ChunkResult& chunk) {
    for (const pb::RowVerdict& verdict : chunk.verdicts()) {
      if (verdict.verdict() != pb::VERDICT_REFUSED) continue;
      if (++count_ <= kMostRefusalsTold) {
        std::cerr << "line " << verdict.line_number() << " refused: " << verdict.reason() << "\n";
      } else if (count_ == kMostRefusalsTold + 1) {
        std::cerr << "… more lines were refused\n";
      }
    }
  }

 private:
  int count_ = 0;
};

absl::Status SetDate(const std::string& text, common::v1::Date* date) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(text, &day)) {
    return UsageError("--reference-date takes a day such as 2020-03-17");
  }
  date->set_year(static_cast<int32_t>(day.year()));
  date->set_month(day.month());
  date->set_day(day.day());
  return absl::OkStatus();
}

void PrintTotals(const pb::ImportTotals& totals, bool dry_run, std::ostream& out) {
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
    out << totals.households_left()
        << " households are no longer in the register: marked as left\n";
  }
}

absl::Status Import(Session& session, const Arguments& arguments) {
  ASSIGN_OR_RETURN(const Connection registry, session.Registry("coordinator"));
  ASSIGN_OR_RETURN(const std::string text, ReadInput(arguments.file));
  ASSIGN_OR_RETURN(const RegisterUpload::Rows rows, ParseRegister(text));
  pb::ImportHeader header;
  header.set_request_id(session.RequestId());
  header.set_file_hash(Sha256(text));
  header.set_dry_run(arguments.dry_run);
  header.set_complete(arguments.complete);
  header.set_date_format(pb::DATE_FORMAT_DAY_MONTH_YEAR);
  header.set_expected_rows(static_cast<int64_t>(rows.size()));
  if (!arguments.reference_date.empty()) {
    RETURN_IF_ERROR(SetDate(arguments.reference_date, header.mutable_reference_date()));
  }
  Refusals refusals;
  RegisterUpload upload(registry, header, rows,
                        [&refusals](const pb::ChunkResult& chunk) { refusals.Tell(chunk); });
  ASSIGN_OR_RETURN(const pb::ImportTotals totals, upload.Run());
  session.Print(totals, [&](std::ostream& out) { PrintTotals(totals, arguments.dry_run, out); });
  return absl::OkStatus();
}

}  // namespace

void DeclareImport(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand("import", "Imports the landlord's register of tenants");
  command->footer(
      "\nFILE is UTF-8, parted by semicolons; its first line names the columns:\n"
      "  NUM_LOGEMENT;RESIDENCE;BATIMENT;ESCALIER;ETAGE;PORTE;ADRESSE;CODE_POSTAL;COMMUNE;\n"
      "  CODE_INSEE;REF_CLIENT;CIVILITE;NOM;PRENOM;DATE_NAISSANCE;TEL_FIXE;TEL_MOBILE;EMAIL;\n"
      "  LIEN;DATE_ENTREE;OPPOSITION;PERSONNE_A_PREVENIR;TEL_PREVENIR\n"
      "One row per tenant; dates as 31/12/1940. Each refused line is named with its reason; the\n"
      "command fails when nothing at all could be taken.");
  const auto arguments = std::make_shared<Arguments>();
  command->add_option("FILE", arguments->file, "the register; - is standard input")->required();
  command->add_flag("--dry-run", arguments->dry_run, "judge every row and store nothing");
  command->add_flag("--complete", arguments->complete,
                    "the file names all households: others are marked as left");
  command
      ->add_option("--reference-date", arguments->reference_date,
                   "the day by which ages are judged (today)")
      ->type_name("DATE");
  session.On(command, [&session, arguments] { return Import(session, *arguments); });
}

}  // namespace veille::veillectl
