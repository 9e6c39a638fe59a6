#include "common/operations/readiness.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/async/sync_wait.h"
#include "common/db/migrator.h"
#include "common/telemetry/log.h"

namespace veille::operations {

Readiness::Readiness(db::Database& database, std::vector<db::Migration> schema,
                     std::stop_token drain)
    : database_(database),
      schema_(std::move(schema)),
      drain_(std::move(drain)),
      look_time_(absl::Now()),
      loop_("readiness", kInterval, [this] { return Look(); }) {}

std::vector<std::string> Readiness::Missing() const {
  std::vector<std::string> missing;
  if (drain_.stop_requested()) missing.emplace_back("draining");
  absl::MutexLock lock(&mutex_);
  if (!missing_.empty()) {
    missing.push_back(missing_);
  } else if (absl::Now() - look_time_ > kLongestBlind) {
    missing.emplace_back("database");
  }
  return missing;
}

bool Readiness::Look() {
  if (drain_.stop_requested()) return false;
  const absl::Status found = async::SyncWait(db::CheckSchema(database_, schema_));
  std::string missing;
  if (!found.ok()) missing = absl::IsFailedPrecondition(found) ? "schema" : "database";
  absl::MutexLock lock(&mutex_);
  if (missing != missing_) {
    log::Warning("readiness has changed",
                 {{"missing", log::Text{missing.empty() ? "nothing" : missing}}});
  }
  missing_ = missing;
  look_time_ = absl::Now();
  return false;
}

}  // namespace veille::operations
