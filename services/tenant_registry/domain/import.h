#pragma once

// What an import is, and how its rows are counted.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/civil_time.h"
#include "tenant_registry/domain/calendar.h"
#include "tenant_registry/domain/identifiers.h"

namespace veille::tenant_registry {

struct ImportHeader {
  RequestId request;
  std::string file_hash;  // 32 bytes
  bool dry_run = false;
  bool complete = false;
  DateOrder date_order = DateOrder::kDayMonthYear;
  int64_t expected_rows = 0;
  std::optional<absl::CivilDay> reference_date;
};

enum class Verdict {
  kTaken = 1,
  kChanged = 2,
  kUnchanged = 3,
  kTakenWithWarning = 4,
  kRefused = 5
};

struct RowVerdict {
  int64_t line_number = 0;
  std::string row_key;
  Verdict verdict = Verdict::kTaken;
  std::string_view reason;  // one of the sentences; empty unless refused or warned
};

// How many rows had which verdict, by reason.
using VerdictCounts = std::map<std::pair<Verdict, std::string>, int64_t>;

inline void Count(const std::vector<RowVerdict>& verdicts, VerdictCounts& counts) {
  for (const RowVerdict& row : verdicts) ++counts[{row.verdict, std::string(row.reason)}];
}

struct ImportTotals {
  VerdictCounts counts;
  int64_t dwellings = 0;
  int64_t households = 0;
  int64_t tenants = 0;
  int64_t households_left = 0;
};

inline int64_t RowsWith(const VerdictCounts& counts, Verdict verdict) {
  int64_t rows = 0;
  for (const auto& [key, count] : counts) rows += key.first == verdict ? count : 0;
  return rows;
}

inline int64_t AllRows(const VerdictCounts& counts) {
  int64_t rows = 0;
  for (const auto& [key, count] : counts) rows += count;
  return rows;
}

// A day's rows are judged by the header's date; without one by the day in France.
inline constexpr char kRegisterTimeZone[] = "Europe/Paris";

}  // namespace veille::tenant_registry
