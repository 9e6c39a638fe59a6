#include "veillectl/register/verdict_file.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/names.h"

namespace veille::veillectl {
namespace {

namespace pb = ::veille::registry::v1;

}  // namespace

VerdictFile::VerdictFile(std::string path) : path_(std::move(path)) {}

absl::Status VerdictFile::Begin() {
  file_.close();
  file_.clear();
  file_.open(path_, std::ios::trunc);
  file_ << "line;verdict;reason\n";
  if (file_.good()) return absl::OkStatus();
  return UsageError(absl::StrCat("the file ", path_, " of --verdicts cannot be written"));
}

void VerdictFile::Add(const RegisterUpload::Verdicts& verdicts, bool recalled) {
  for (const pb::RowVerdict& row : verdicts) {
    const bool unknown = recalled && row.verdict() != pb::VERDICT_REFUSED;
    file_ << row.line_number() << ';' << (unknown ? "stored-before" : NameOf(row.verdict())) << ';'
          << (unknown ? "" : row.reason()) << '\n';
  }
}

absl::Status VerdictFile::Close() {
  file_.close();
  if (file_.good()) return absl::OkStatus();
  return UsageError(absl::StrCat("the file ", path_, " of --verdicts is not complete"));
}

}  // namespace veille::veillectl
