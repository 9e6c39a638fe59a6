#include "veillectl/register/import_progress.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace veille::veillectl {
namespace {

constexpr absl::Duration kBetweenRewrites = absl::Milliseconds(200);
constexpr absl::Duration kBetweenLines = absl::Seconds(5);
constexpr char kEmptyLine[] = "\r\x1b[K";

}  // namespace

std::string WithCommas(int64_t number) {
  std::string text = absl::StrCat(number);
  for (auto at = static_cast<int64_t>(text.size()) - 3; at > 0; at -= 3) {
    text.insert(static_cast<size_t>(at), ",");
  }
  return text;
}

ImportProgress::ImportProgress(std::ostream& out, bool terminal, int64_t total, Clock now)
    : out_(out),
      terminal_(terminal),
      total_(total),
      now_(std::move(now)),
      start_(now_()),
      told_(start_) {}

ImportProgress::~ImportProgress() {
  if (terminal_) out_ << kEmptyLine << std::flush;
}

void ImportProgress::SetDone(int64_t rows) {
  done_ = rows;
  const absl::Time now = now_();
  if (now - told_ < (terminal_ ? kBetweenRewrites : kBetweenLines)) return;
  told_ = now;
  out_ << (terminal_ ? kEmptyLine : "") << Line() << (terminal_ ? "" : "\n") << std::flush;
}

std::string ImportProgress::Line() const {
  const double seconds = absl::ToDoubleSeconds(now_() - start_);
  const int64_t fresh = done_ > before_ ? done_ - before_ : 0;
  const auto rate = static_cast<int64_t>(seconds > 0 ? static_cast<double>(fresh) / seconds : 0);
  return absl::StrCat(WithCommas(done_), " of ", WithCommas(total_), " rows, ",
                      total_ == 0 ? 100 : 100 * done_ / total_, " %, ", WithCommas(rate),
                      " rows/s");
}

}  // namespace veille::veillectl
