#pragma once

// Calls that were denied, on their way into the audit trail; and misses, by which who tries ids
// stands out.
//
// A denial has no transaction to be written in, and whoever knocks a thousand times a second must
// cost the database nothing each time. So denials wait here, equal ones as one with a count, and
// the audit trail's loop writes them some moments later. When too many different ones come at once,
// the rest is only counted, and the count is written.
//
// Threads: any. `Add` takes a lock for as long as a look into a map.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/ids/uuid.h"
#include "common/telemetry/metrics.h"

namespace veille::audit {

// Who was denied what. Only what was proven: role and actor are empty, the landlord is nil, when
// the caller could not be identified.
struct Denied {
  ids::LandlordId landlord;
  std::string actor_role;
  std::string actor;
  std::string method;
  bool missed = false;  // what was asked for is not there, or not theirs

  friend bool operator==(const Denied&, const Denied&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const Denied& denied) {
    return H::combine(std::move(state), denied.landlord, denied.actor_role, denied.actor,
                      denied.method, denied.missed);
  }
};

struct Denial {
  Denied denied;
  absl::Time first_time;
  int64_t times = 0;
};

class Denials {
 public:
  explicit Denials(size_t most = 1024) : most_(most) {}

  void Add(Denied denied, absl::Time now);

  // What has gathered, and how many denials did not fit.
  struct Gathered {
    std::vector<Denial> denials;
    int64_t lost = 0;
    bool empty() const { return denials.empty() && lost == 0; }
  };
  Gathered Take();
  // What could not be written; what does not fit any more is counted.
  void PutBack(const Gathered& gathered);

  void Expose(metrics::Scrape& scrape) const;

 private:
  struct Times {
    absl::Time first;
    int64_t count = 0;
  };
  void AddLocked(Denied denied, absl::Time first, int64_t times)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const size_t most_;
  metrics::Counter denied_;
  metrics::Counter not_kept_;
  absl::Mutex mutex_;
  absl::flat_hash_map<Denied, Times> waiting_ ABSL_GUARDED_BY(mutex_);
  int64_t lost_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace veille::audit
