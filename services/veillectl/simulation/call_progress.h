#pragma once

// Shows how a simulation goes on while it does, on standard error: one line that is rewritten on a
// terminal, a line now and then elsewhere.

#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "veillectl/client/connection.h"
#include "veillectl/simulation/board.h"

namespace veille::veillectl {

// 2320 as "2,320".
std::string Grouped(int64_t number);

class CallProgress {
 public:
  // `calls`: as the coordinator, who sees the referrals. Both outlive it.
  CallProgress(const Connection& calls, std::string campaign_id, const Board& board);
  ~CallProgress();  // after a last line

 private:
  void Run();
  void Show(bool last);
  std::string Referrals() const;

  const Connection& calls_;
  const std::string campaign_id_;
  const Board& board_;
  const bool terminal_;
  absl::Mutex mutex_;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace veille::veillectl
