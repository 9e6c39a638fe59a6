#include "referral/delivery/allowance.h"

#include <algorithm>
#include <utility>

namespace veille::referral {

void Allowance::Begin(ids::PartnerId partner, absl::Time now) {
  const auto [line, is_new] =
      lines_.try_emplace(partner, Line{.saved = 1.0 * per_second_, .time = now});
  SaveUp(line->second, now);
  ++line->second.unanswered;
  line->second.saved -= 1;
}

bool Allowance::End(ids::PartnerId partner) {
  Line& line = lines_[partner];
  --line.unanswered;
  return HasQuarterFree(line) && std::exchange(line.held_back, false);
}

std::vector<PartnerLimit> Allowance::Limits(absl::Time now, bool whole) {
  std::vector<PartnerLimit> limits;
  absl::erase_if(lines_, [&](auto& entry) {
    auto& [partner, line] = entry;
    SaveUp(line, now);
    if (line.unanswered == 0 && line.saved >= per_second_) return true;
    const bool waits = line.held_back && !whole;
    const int places = waits && !HasQuarterFree(line) ? 0 : most_unanswered_ - line.unanswered;
    const int most = std::max(std::min(places, static_cast<int>(line.saved)), 0);
    if (most < most_unanswered_) limits.push_back({partner, most});
    line.held_back = waits || most == 0;
    return false;
  });
  return limits;
}

void Allowance::SaveUp(Line& line, absl::Time now) const {
  const double seconds = absl::ToDoubleSeconds(std::max(now - line.time, absl::ZeroDuration()));
  line.saved = std::min(line.saved + seconds * per_second_, 1.0 * per_second_);
  line.time = now;
}

bool Allowance::HasQuarterFree(const Line& line) const {
  return most_unanswered_ - line.unanswered >= most_unanswered_ / 4;
}

}  // namespace veille::referral
