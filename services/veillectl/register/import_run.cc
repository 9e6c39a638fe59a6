#include "veillectl/register/import_run.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/status/macros.h"
#include "veillectl/client/digest.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::registry::v1;

// Counts the ways in which a file is read: an import that another way began is not continued.
constexpr char kReading[] = "1";
// An import of the same file every hour for a year.
constexpr int kMostAttempts = 10'000;
constexpr size_t kMostWarningsTold = 20;

}  // namespace

ImportRun::ImportRun(const Connection& registry, const RegisterFile& file, Plan plan,
                     Watchers watchers)
    : registry_(registry), file_(file), plan_(std::move(plan)), watchers_(watchers) {}

absl::StatusOr<pb::ImportTotals> ImportRun::Run() {
  const bool given = !plan_.request_id.empty();
  if (watchers_.verdicts != nullptr) RETURN_IF_ERROR(watchers_.verdicts->Begin());
  pb::ImportHeader header = Header();
  for (int attempt = 0;; ++attempt) {
    header.set_request_id(given ? plan_.request_id : MakeRequestId(attempt));
    RegisterUpload upload(
        registry_, header, file_,
        given ? RegisterUpload::WhenDone::kTellTotals : RegisterUpload::WhenDone::kStop, *this);
    absl::StatusOr<pb::ImportTotals> totals = upload.Run();
    resumed_rows_ = upload.resumed_rows();
    if (!given && upload.spent() && attempt < kMostAttempts) {
      OnRestart();
      continue;
    }
    if (watchers_.verdicts != nullptr) RETURN_IF_ERROR(watchers_.verdicts->Close());
    return totals;
  }
}

void ImportRun::OnVerdicts(int64_t first_row, const RegisterUpload::Verdicts& verdicts,
                           bool recalled) {
  refused_.Add(first_row, verdicts);
  if (watchers_.verdicts != nullptr) watchers_.verdicts->Add(verdicts, recalled);
  for (const pb::RowVerdict& row : verdicts) {
    if (row.verdict() != pb::VERDICT_TAKEN_WITH_WARNING || recalled) continue;
    if (warnings_.size() == kMostWarningsTold) break;
    warnings_.push_back(absl::StrCat("line ", row.line_number(), ": ", row.reason()));
  }
  if (watchers_.progress == nullptr) return;
  const int64_t done = first_row + verdicts.size();
  if (recalled) watchers_.progress->SetDoneBefore(done);
  watchers_.progress->SetDone(done);
}

void ImportRun::OnRestart() {
  refused_.Clear();
  warnings_.clear();
  if (watchers_.verdicts != nullptr) (void)watchers_.verdicts->Begin();
}

pb::ImportHeader ImportRun::Header() const {
  pb::ImportHeader header;
  header.set_file_hash(file_.hash());
  header.set_dry_run(plan_.dry_run);
  header.set_complete(plan_.complete);
  header.set_date_format(file_.date_format());
  header.set_expected_rows(file_.row_count());
  if (plan_.reference_date.has_value()) *header.mutable_reference_date() = *plan_.reference_date;
  return header;
}

std::string ImportRun::MakeRequestId(int attempt) const {
  const pb::ImportHeader header = Header();
  const common::v1::Date& day = header.reference_date();
  return NamedUuid(absl::StrCat(
      "import ", kReading, "|", plan_.scope, "|",
      absl::BytesToHexString(absl::string_view(file_.hash().data(), file_.hash().size())), "|",
      header.complete(), "|", header.date_format(), "|", day.year(), "-", day.month(), "-",
      day.day(), "|", NameOf(file_.encoding()), "|", NameOfSeparator(file_.separator()), "|",
      attempt));
}

}  // namespace veille::veillectl
