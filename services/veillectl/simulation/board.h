#pragma once

// What the volunteers of a simulation know together: which households still have to be called, and
// how it went so far. Thread-safe.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "veille/calls/v1/call_service.pb.h"
#include "veillectl/simulation/callees.h"
#include "veillectl/simulation/ledger.h"

namespace veille::veillectl {

struct SimulationCounts {
  int64_t households = 0;
  int64_t finished = 0;  // nobody will call them again, this week
  int64_t calls = 0;     // recorded by this process
  int64_t reached = 0;
  int64_t flagged = 0;  // a need was found
  absl::Time first_call = absl::InfiniteFuture();
  absl::Time last_call = absl::InfinitePast();

  double CallsPerSecond() const;
};

class Board {
 public:
  struct Household {
    const Callee* callee = nullptr;
    const ForeseenHousehold* foreseen = nullptr;
  };

  // Both by key, and of the same households; they outlive the board.
  Board(const std::vector<Callee>& callees, const Ledger& ledger);

  // Nothing for a household that is none of ours.
  const Household* Find(const std::string& household_id) const;

  // A call was recorded.
  void Record(const std::string& household_id, calls::v1::Disposition disposition,
              const calls::v1::RecordCallResponse& response);
  // How a household stands was asked for: `next`, when it is to be called again, if it is.
  void Learn(const std::string& household_id, absl::Time next);

  // The end: all is done, or a volunteer met something that must not be. The first error stands.
  void Fail(const absl::Status& error);
  bool over() const;
  absl::Status error() const;

  SimulationCounts counts() const;

  // When a household that waits is to be called, the soonest; the infinite future when none waits.
  absl::Time NextCall() const;
  // Those that should have come by now, or of which this process knows nothing.
  std::vector<std::string> Overdue(absl::Time now) const;
  // Waits until it is over, at most so long.
  void Wait(absl::Duration time) const;

 private:
  struct Standing {
    bool finished = false;
    bool reached = false;
    bool flagged = false;
    absl::Time next = absl::InfinitePast();  // unknown until somebody has called
  };

  void Set(Standing& standing, bool finished, absl::Time next)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::map<std::string, Household> households_;  // by id; constant
  mutable absl::Mutex mutex_;
  std::map<std::string, Standing> standings_ ABSL_GUARDED_BY(mutex_);
  SimulationCounts counts_ ABSL_GUARDED_BY(mutex_);
  absl::Status error_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace veille::veillectl
