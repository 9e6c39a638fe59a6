#pragma once

// When a partner's machine is to be left alone: after some failures in a row, or when the one push
// fails that was to find out whether it is back. The failures are counted here, in memory: a hint,
// not worth a write. That the partner rests stands in the database (store/partner_rests.h), so that
// what one engine learned spares all of them, and outlives each.

#include "absl/container/flat_hash_map.h"
#include "common/ids/uuid.h"

namespace veille::referral {

// Not thread-safe.
class Breaker {
 public:
  explicit Breaker(int most_failures) : most_failures_(most_failures) {}

  // A push that ended a rest: the only one in flight.
  enum class Kind { kPush, kProbe };
  enum class Verdict { kNothing, kRest, kIsBack };

  // The partner's machine answered, whatever it said.
  Verdict NoteAnswer(ids::PartnerId partner, Kind kind) {
    failures_.erase(partner);
    return kind == Kind::kProbe ? Verdict::kIsBack : Verdict::kNothing;
  }

  // It could not be reached, or cannot take notices now.
  Verdict NoteFailure(ids::PartnerId partner, Kind kind) {
    if (kind == Kind::kPush && ++failures_[partner] < most_failures_) return Verdict::kNothing;
    failures_.erase(partner);
    return Verdict::kRest;
  }

 private:
  const int most_failures_;
  absl::flat_hash_map<ids::PartnerId, int> failures_;  // in a row
};

}  // namespace veille::referral
