#pragma once

// One connection and what runs on it. Used by one thread; see database.h for what a body may do.

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "common/db/database.h"
#include "common/db/lane_metrics.h"

namespace veille::db {

class Lane {
 public:
  Lane(const DatabaseOptions& options, LaneMetrics& metrics)
      : options_(options), metrics_(metrics) {}

  // Runs the work in one transaction, again where that is right, within its limits.
  absl::Status Execute(const internal::Work& work);

  // Connects if need be; false when the server does not answer now.
  bool Connect();

 private:
  absl::Status RunOnce(const internal::Work& work);
  bool ConnectUntil(absl::Time deadline, const std::stop_token& stop);
  void SetStatementTimeout(absl::Duration left);

  const DatabaseOptions& options_;
  LaneMetrics& metrics_;
  std::unique_ptr<Session> session_;
  int64_t statement_timeout_seconds_ = 0;
};

}  // namespace veille::db
