#pragma once

// How many households of the running campaigns stand in each bucket, all together.
//
// No statement can count a million households in passing. So they are counted page by page, as far
// as a small budget reaches, again and again; a small campaign is counted at once, a million
// households take some ten minutes, and the figures say when their count began.
//
// Threads: one. A copy is a count that goes on by itself.

#include <array>
#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "call_tracking/domain/callability.h"
#include "call_tracking/store/operator_figures.h"
#include "common/db/transaction.h"

namespace veille::call_tracking {

struct CensusOptions {
  int page = 10000;  // households counted by one statement
  // When so much time has passed, the count is left where it stands.
  absl::Duration budget = absl::Milliseconds(100);
};

class Census {
 public:
  static constexpr size_t kBuckets =
      static_cast<size_t>(CallabilityBucket::kVerificationWaiting) + 1;

  struct Count {
    std::array<int64_t, kBuckets> households{};  // by bucket
    absl::Time begin_time;
  };

  explicit Census(CensusOptions options = {}) : options_(options) {}

  // Goes on with the count; begins it when there is none, and leaves it finished at its end.
  absl::Status GoOn(db::ReadTx& tx, absl::Time now);

  // The last that was finished.
  const std::optional<Count>& finished() const { return finished_; }

 private:
  // False when no campaign is left.
  absl::StatusOr<bool> NextCampaign(db::ReadTx& tx, absl::Time now);

  CensusOptions options_;
  std::optional<Count> finished_;
  Count count_;                       // the one that is being made
  CensusPlace place_;                 // how far it is
  std::optional<Campaign> campaign_;  // at that place; absent: between two campaigns
};

}  // namespace veille::call_tracking
