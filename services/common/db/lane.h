#pragma once

// One connection and what runs on it. Used by one thread; see database.h for what a body may do.

#include <memory>
#include <pqxx/connection>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "common/db/database.h"

namespace veille::db {

class Lane final : public StatementCache {
 public:
  explicit Lane(const DatabaseOptions& options) : options_(options) {}

  // Runs the work in one transaction, again where that is right, within its limits.
  absl::Status Execute(const internal::Work& work);

  // Connects if need be; false when the server does not answer now.
  bool Connect();

  const std::string& Prepared(const Query& query) override;

 private:
  absl::Status RunOnce(const internal::Work& work);
  bool ConnectUntil(absl::Time deadline, const std::stop_token& stop);
  void SetStatementTimeout(absl::Duration left);
  void RefreshPlans(absl::Time now);

  const DatabaseOptions& options_;
  std::unique_ptr<pqxx::connection> connection_;
  absl::flat_hash_map<std::string_view, std::string> prepared_;
  std::string_view last_query_ = "begin";
  int64_t statement_timeout_seconds_ = 0;
  absl::Duration plan_life_;
  absl::Time plans_end_;
};

}  // namespace veille::db
