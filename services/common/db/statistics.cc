#include "common/db/statistics.h"

#include "common/async/sync_wait.h"

namespace veille::db {
namespace {

constexpr absl::Duration kInterval = absl::Seconds(1);
constexpr absl::Duration kTimeout = absl::Seconds(10);

constexpr Query kAnalyzeGrown{"statistics.analyze_grown",
                              "SELECT analyze_grown_tables() AS analyzed"};

}  // namespace

absl::StatusOr<int> AnalyzeGrownTables(WriteTx& tx) {
  return tx.Run(kAnalyzeGrown)[0].Get<int>("analyzed");
}

Statistics::Statistics(Database& database)
    : loop_("statistics", kInterval, [&database] {
        (void)async::SyncWait(database.Write(Within(kTimeout), AnalyzeGrownTables));
        return false;
      }) {}

}  // namespace veille::db
