// What happens to the whole server: it restarts, or the connection goes while a COMMIT is under
// way. Alone in its PostgreSQL: it changes the server's settings.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <thread>

#include "absl/time/clock.h"
#include "common/async/sync_wait.h"
#include "common/db/database.h"
#include "testing/status_matchers.h"
#include "testing/test_database.h"
#include "testing/wait_until.h"

namespace veille::db {
namespace {

using ::veille::testing::IsOk;
using ::veille::testing::TestDatabase;
using ::veille::testing::WaitUntil;

constexpr Query kTake{"faults.take", R"sql(
  WITH taken AS (INSERT INTO t VALUES ($1::integer) ON CONFLICT DO NOTHING RETURNING k)
  SELECT EXISTS (SELECT FROM taken) AS is_first)sql"};
constexpr Query kWait{"faults.wait", "SELECT set_config('synchronous_commit', 'on', true)"};

const std::vector<Migration> kSchema = {
    {"test", 1, "create", "database_faults_test.1", "CREATE TABLE t (k integer PRIMARY KEY)"}};

class DatabaseFaultsTest : public ::testing::Test {
 protected:
  TestDatabase test_database_{kSchema};
  std::unique_ptr<Database> database_ = *Database::Open(test_database_.owner_options(4));
};

// The COMMIT waits for a standby that does not exist. It is durable here; then the connection goes
// before its answer. Running the body again tells that it was committed: no error, no second row.
TEST_F(DatabaseFaultsTest, ACommitInDoubtIsLookedUp) {
  const auto waiting = [this] {
    return test_database_.Value(
               "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'") == "1";
  };
  test_database_.Query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  test_database_.Query("SELECT pg_reload_conf()");
  std::stop_source caller;
  std::atomic<int> runs{0};
  bool second_was_first = true;
  std::jthread killer([&] {
    EXPECT_TRUE(WaitUntil(waiting));
    caller.request_stop();  // the fate of the commit is asked for even if the caller has gone
    test_database_.Query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
    EXPECT_TRUE(WaitUntil([&] { return runs == 2; }));
    test_database_.Query("ALTER SYSTEM RESET synchronous_standby_names");
    test_database_.Query("SELECT pg_reload_conf()");
  });
  // The server takes the setting up a moment later: the first commits may not wait yet.
  int key = 0;
  absl::Status status;
  while (runs < 2 && status.ok()) {
    ++key;
    runs = 0;
    status = async::SyncWait(database_->Write(
        {absl::Now() + absl::Seconds(30), caller.get_token()}, [&](WriteTx& tx) -> absl::Status {
          tx.Run(kWait);
          const bool is_first = tx.Run(kTake, key)[0].Get<bool>("is_first");
          if (++runs == 2) second_was_first = is_first;
          return absl::OkStatus();
        }));
  }
  killer.join();
  EXPECT_THAT(status, IsOk());
  EXPECT_EQ(runs, 2);
  EXPECT_FALSE(second_was_first);
  EXPECT_EQ(test_database_.Value("SELECT count(*) FROM t"), std::to_string(key));
}

// Writers go on while the server restarts. Each OK is a row; an error says that one may try again.
TEST_F(DatabaseFaultsTest, ARestartLosesNothing) {
  const char* control = std::getenv("VEILLE_TEST_PGCTL");
  if (control == nullptr) GTEST_SKIP() << "needs deploy/dev/private-postgres";
  std::atomic<bool> stop{false};
  std::atomic<int> good{0};
  std::atomic<int> unavailable{0};
  std::atomic<int> next{0};
  std::vector<std::jthread> writers;
  for (int i = 0; i < 8; ++i) {
    writers.emplace_back([&] {
      while (!stop) {
        const int key = ++next;
        const absl::Status status = async::SyncWait(
            database_->Write(Within(absl::Seconds(10)), [key](WriteTx& tx) -> absl::Status {
              tx.Run(kTake, key);
              return absl::OkStatus();
            }));
        EXPECT_TRUE(status.ok() || absl::IsUnavailable(status)) << status;
        ++(status.ok() ? good : unavailable);
      }
    });
  }
  for (const char* how : {" restart", " crash", " start"}) {
    const int before = good;
    EXPECT_TRUE(WaitUntil([&] { return good > before + 20 || how == std::string(" start"); }));
    EXPECT_EQ(std::system((control + std::string(how)).c_str()), 0);
  }
  const int before = good;
  EXPECT_TRUE(WaitUntil([&] { return good > before + 100; }));
  stop = true;
  writers.clear();
  // A crash loses what was not yet on disk when the server runs without fsync.
  const int rows = std::stoi(test_database_.Value("SELECT count(*) FROM t"));
  if (test_database_.Value("SHOW synchronous_commit") == "on") EXPECT_GE(rows, good);
  EXPECT_LE(rows, good + unavailable);
  EXPECT_GT(rows, 100);
}

}  // namespace
}  // namespace veille::db
