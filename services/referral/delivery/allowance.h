#pragma once

// How many pushes each partner may get now: so many unanswered, and so many a second. A partner
// that answers slowly, or that is owed much, takes no more than that of an engine's time.

#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "common/ids/uuid.h"
#include "referral/store/delivery_queue.h"

namespace veille::referral {

// Of one engine. Not thread-safe.
class Allowance {
 public:
  // At most `per_second` within any second, beside what was saved up in the one before.
  Allowance(int most_unanswered, int per_second)
      : most_unanswered_(most_unanswered), per_second_(per_second) {}

  void Begin(ids::PartnerId partner, absl::Time now);
  void End(ids::PartnerId partner);

  // The partners that may get less than `most_unanswered` more, with how many.
  std::vector<PartnerLimit> Limits(absl::Time now);

 private:
  struct Line {
    int unanswered = 0;
    double saved = 0;  // pushes that may begin at once
    absl::Time time;   // when `saved` was right
  };
  void SaveUp(Line& line, absl::Time now) const;

  const int most_unanswered_;
  const int per_second_;
  absl::flat_hash_map<ids::PartnerId, Line> lines_;  // those with something to remember
};

}  // namespace veille::referral
