#pragma once

// A campaign's deadlines of acceptance as columns: emergency_deadline_seconds,
// priority_deadline_seconds and routine_deadline_days, all of them NULL where it has none.

#include <optional>

#include "common/db/sql_values.h"
#include "common/time/acknowledge_deadlines.h"

namespace veille::db {

struct AcknowledgeDeadlineColumns {
  std::optional<int64_t> emergency_seconds;
  std::optional<int64_t> priority_seconds;
  std::optional<int> routine_days;
};

inline AcknowledgeDeadlineColumns ToColumns(
    const std::optional<time::AcknowledgeDeadlines>& deadlines) {
  if (!deadlines.has_value()) return {};
  return {.emergency_seconds = absl::ToInt64Seconds(deadlines->emergency),
          .priority_seconds = absl::ToInt64Seconds(deadlines->priority),
          .routine_days = deadlines->routine_working_days};
}

inline std::optional<time::AcknowledgeDeadlines> AcknowledgeDeadlinesFrom(const Row& row) {
  if (row.IsNull("emergency_deadline_seconds")) return std::nullopt;
  return time::AcknowledgeDeadlines{
      .emergency = absl::Seconds(row.Get<int>("emergency_deadline_seconds")),
      .priority = absl::Seconds(row.Get<int>("priority_deadline_seconds")),
      .routine_working_days = row.Get<int>("routine_deadline_days")};
}

}  // namespace veille::db
