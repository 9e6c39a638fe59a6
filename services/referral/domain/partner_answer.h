#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "referral/domain/words.h"

namespace veille::referral {

// One call to a partner about a referral that it has, as a coordinator recorded it.
struct PartnerAnswer {
  PartnerAnswerKind kind = PartnerAnswerKind::kNotReached;
  std::string answered_by;  // empty: nobody was reached
  absl::Time answer_time;
  std::string note;
  std::string recorded_by;
  absl::Time record_time;
};

// The state into which the answer moves the referral: none when nobody was reached.
std::optional<ReferralState> StateAfter(PartnerAnswerKind kind);

}  // namespace veille::referral
