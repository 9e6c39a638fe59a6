#include "referral/delivery/allowance.h"

#include <algorithm>

namespace veille::referral {

void Allowance::Begin(ids::PartnerId partner, absl::Time now) {
  const auto [line, is_new] = lines_.try_emplace(partner, Line{0, 1.0 * per_second_, now});
  SaveUp(line->second, now);
  ++line->second.unanswered;
  line->second.saved -= 1;
}

void Allowance::End(ids::PartnerId partner) { --lines_[partner].unanswered; }

std::vector<PartnerLimit> Allowance::Limits(absl::Time now) {
  std::vector<PartnerLimit> limits;
  absl::erase_if(lines_, [&](auto& entry) {
    auto& [partner, line] = entry;
    SaveUp(line, now);
    if (line.unanswered == 0 && line.saved >= per_second_) return true;
    const int most = std::min(most_unanswered_ - line.unanswered, static_cast<int>(line.saved));
    if (most < most_unanswered_) limits.push_back({partner, std::max(most, 0)});
    return false;
  });
  return limits;
}

void Allowance::SaveUp(Line& line, absl::Time now) const {
  const double seconds = absl::ToDoubleSeconds(std::max(now - line.time, absl::ZeroDuration()));
  line.saved = std::min(line.saved + seconds * per_second_, 1.0 * per_second_);
  line.time = now;
}

}  // namespace veille::referral
