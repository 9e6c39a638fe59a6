#include "common/db/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/async/sync_wait.h"
#include "common/telemetry/log.h"
#include "testing/status_matchers.h"
#include "testing/test_database.h"
#include "testing/wait_until.h"

namespace veille::db {
namespace {

namespace pb = ::veille::common::v1;
using ::testing::HasSubstr;
using ::testing::Not;
using ::veille::testing::IsOk;
using ::veille::testing::ReasonIs;
using ::veille::testing::StatusIs;
using ::veille::testing::TestDatabase;
using ::veille::testing::WaitUntil;

constexpr Query kInsert{"test.insert", "INSERT INTO t (k, n) VALUES ($1::integer, $2::integer)"};
constexpr Query kAdd{"test.add", "UPDATE t SET n = n + 1 WHERE k = $1::integer RETURNING n AS v"};
constexpr Query kSleep{"test.sleep", "SELECT pg_sleep($1::integer)"};
constexpr Query kFailSome{"test.fail_some", "SELECT fail_until($1::integer, $2)"};

const std::vector<Migration> kSchema = {{"test", 1, "create", "database_test.1", R"sql(
      CREATE TABLE t (k integer PRIMARY KEY, n integer NOT NULL);
      CREATE SEQUENCE runs;
      -- A sequence counts runs through rollbacks.
      CREATE FUNCTION fail_until(good integer, state text) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
          IF nextval('runs') < good THEN
            RAISE EXCEPTION 'Mme Secret' USING ERRCODE = state;
          END IF;
        END $$)sql"}};

class DatabaseTest : public ::testing::Test {
 protected:
  template <typename Body>
  auto Write(Body body, absl::Duration timeout = absl::Seconds(20)) {
    return async::SyncWait(database_->Write(Within(timeout), std::move(body)));
  }
  absl::Status Insert(int key, int number = 0) {
    return Write([=](WriteTx& tx) -> absl::Status {
      tx.Run(kInsert, key, number);
      return absl::OkStatus();
    });
  }
  absl::Status FailUntil(int good_run, const char* state) {
    test_database_.Query("SELECT setval('runs', 1, false)");
    return Write([=](WriteTx& tx) -> absl::Status {
      tx.Run(kFailSome, good_run, state);
      return absl::OkStatus();
    });
  }
  std::string Runs() { return test_database_.Value("SELECT last_value FROM runs"); }
  std::string Rows() { return test_database_.Value("SELECT count(*) FROM t"); }
  bool SomeoneSleeps() {
    return test_database_.Value(
               "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
               "AND wait_event = 'PgSleep'") != "0";
  }
  void TerminateTheOthers() {
    test_database_.Query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()");
  }

  TestDatabase test_database_{kSchema};
  std::unique_ptr<Database> database_ = *Database::Open(test_database_.owner_options(4));
};

// What it had written is not, once it goes on: its work begins anew.
TEST_F(DatabaseTest, WhoStandsStillInATransactionLosesItsLocks) {
  ASSERT_THAT(Insert(1), IsOk());
  absl::Notification locked;
  absl::Notification passed;
  int runs = 0;
  std::thread still([&] {
    EXPECT_THAT(Write(
                    [&](WriteTx& tx) -> absl::Status {
                      tx.Run(kAdd, 1);
                      if (++runs == 1) {
                        locked.Notify();
                        passed.WaitForNotification();
                      }
                      return absl::OkStatus();
                    },
                    absl::Seconds(60)),
                IsOk());
  });
  locked.WaitForNotification();
  EXPECT_THAT(
      Write([](WriteTx& tx) -> absl::StatusOr<int> { return tx.Run(kAdd, 1)[0].Get<int>("v"); }),
      IsOk());
  passed.Notify();
  still.join();
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(test_database_.Value("SELECT n FROM t"), "2");
}

TEST_F(DatabaseTest, NamesItselfUnlessTheOperatorNamesIt) {
  static constexpr Query kReadName{"test.name",
                                   "SELECT current_setting('application_name') AS name"};
  const auto name_of = [](Database& database) {
    return async::SyncWait(
        database.Write(Within(absl::Seconds(20)), [](WriteTx& tx) -> absl::StatusOr<std::string> {
          return tx.Run(kReadName)[0].Get<std::string>("name");
        }));
  };
  EXPECT_EQ(name_of(*database_).value(), "veille");
  DatabaseOptions named = test_database_.owner_options(1);
  named.connection += " application_name=referral-2";
  EXPECT_EQ(name_of(**Database::Open(std::move(named))).value(), "referral-2");
}

TEST_F(DatabaseTest, OkCommitsAndAnErrorRollsBack) {
  EXPECT_THAT(Insert(1), IsOk());
  const absl::StatusOr<int> value = Write([](WriteTx& tx) -> absl::StatusOr<int> {
    tx.Run(kInsert, 2, 0);
    return 7;
  });
  EXPECT_EQ(*value, 7);
  const absl::Status refused = Write([](WriteTx& tx) -> absl::Status {
    tx.Run(kInsert, 3, 0);
    return absl::NotFoundError("of the body");
  });
  EXPECT_EQ(refused, absl::NotFoundError("of the body"));
  EXPECT_EQ(Rows(), "2");
}

TEST_F(DatabaseTest, AReadCannotWrite) {
  // ReadTx offers no way to; the database is the second wall.
  constexpr Query kSneaky{"test.sneaky", "INSERT INTO t VALUES (1, 1)"};
  EXPECT_FALSE(
      async::SyncWait(database_->Read(Within(absl::Seconds(20)), [&](ReadTx& tx) -> absl::Status {
        tx.Run(kSneaky);
        return absl::OkStatus();
      })).ok());
  EXPECT_EQ(Rows(), "0");
}

TEST_F(DatabaseTest, RunsTheBodyAgainAfterASerializationFailure) {
  EXPECT_THAT(FailUntil(3, "40001"), IsOk());
  EXPECT_EQ(Runs(), "3");
  EXPECT_THAT(FailUntil(2, "40P01"), IsOk());
  EXPECT_EQ(Runs(), "2");
  EXPECT_THAT(FailUntil(1000, "40001"), ReasonIs(pb::ERROR_REASON_DATABASE_UNAVAILABLE));
  EXPECT_EQ(Runs(), "5");
}

TEST_F(DatabaseTest, BothOfADeadlockSucceed) {
  ASSERT_THAT(Insert(1), IsOk());
  ASSERT_THAT(Insert(2), IsOk());
  std::atomic<int> first_locked{0};
  const auto add_both = [&](int one, int other) {
    return database_->Write(Within(absl::Seconds(20)),
                            [=, &first_locked](WriteTx& tx) -> absl::Status {
                              tx.Run(kAdd, one);
                              ++first_locked;
                              // The other one has its first lock too, so that each waits for the
                              // other.
                              if (!WaitUntil([&] { return first_locked >= 2; }))
                                return absl::InternalError("alone");
                              tx.Run(kAdd, other);
                              return absl::OkStatus();
                            });
  };
  std::vector<async::Task<absl::Status>> tasks;
  tasks.push_back(add_both(1, 2));
  tasks.push_back(add_both(2, 1));
  for (const absl::Status& status : async::SyncWaitAll(std::move(tasks)))
    EXPECT_THAT(status, IsOk());
  EXPECT_GE(first_locked, 3);  // one ran twice
  EXPECT_EQ(test_database_.Value("SELECT string_agg(n::text, ',') FROM t"), "2,2");
}

TEST_F(DatabaseTest, AStatementEndsWithTheDeadline) {
  const absl::Time start = absl::Now();
  const absl::Status late = Write(
      [](WriteTx& tx) -> absl::Status {
        tx.Run(kInsert, 1, 1);
        tx.Run(kSleep, 30);
        return absl::OkStatus();
      },
      absl::Milliseconds(300));
  EXPECT_THAT(late, StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_THAT(late, ReasonIs(pb::ERROR_REASON_DEADLINE_PASSED));
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
  EXPECT_EQ(Rows(), "0");
  EXPECT_THAT(Insert(1), IsOk());
}

TEST_F(DatabaseTest, WhatComesTooLateOrIsCancelledNeverRuns) {
  bool ran = false;
  const auto body = [&](WriteTx&) -> absl::Status {
    ran = true;
    return absl::OkStatus();
  };
  EXPECT_THAT(async::SyncWait(database_->Write({absl::Now() - absl::Seconds(1), {}}, body)),
              ReasonIs(pb::ERROR_REASON_DEADLINE_PASSED));
  std::stop_source caller;
  caller.request_stop();
  EXPECT_THAT(async::SyncWait(database_->Write({absl::InfiniteFuture(), caller.get_token()}, body)),
              StatusIs(absl::StatusCode::kCancelled));
  EXPECT_FALSE(ran);
}

TEST_F(DatabaseTest, ReconnectsWhenABackendIsTerminatedInTheMiddle) {
  std::atomic<int> runs{0};
  std::jthread killer([&] {
    EXPECT_TRUE(WaitUntil([&] { return SomeoneSleeps(); }));
    TerminateTheOthers();
  });
  const absl::Status status = Write([&](WriteTx& tx) -> absl::Status {
    tx.Run(kInsert, 1, 1);
    if (++runs == 1) tx.Run(kSleep, 30);
    return absl::OkStatus();
  });
  EXPECT_THAT(status, IsOk());
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(Rows(), "1");
}

TEST_F(DatabaseTest, ReconnectsWhenIdleConnectionsAreTerminated) {
  for (int i = 0; i < 8; ++i) ASSERT_THAT(Insert(i), IsOk());  // all statements are prepared
  TerminateTheOthers();
  for (int i = 8; i < 24; ++i) EXPECT_THAT(Insert(i), IsOk());
  EXPECT_EQ(Rows(), "24");
}

TEST_F(DatabaseTest, AFaultOfAStatementIsInternalAndTheLaneLivesOn) {
  constexpr Query kSyntax{"test.syntax", "SELEC 1"};
  constexpr Query kNoTable{"test.no_table", "SELECT 1 FROM nowhere"};
  for (const Query& query : {kSyntax, kNoTable, kSyntax}) {
    EXPECT_THAT(Write([&](WriteTx& tx) -> absl::Status {
                  tx.Run(query);
                  return absl::OkStatus();
                }),
                ReasonIs(pb::ERROR_REASON_INTERNAL));
  }
  EXPECT_THAT(Write([](WriteTx&) -> absl::Status { throw std::logic_error("of the body"); }),
              ReasonIs(pb::ERROR_REASON_INTERNAL));
  for (int i = 0; i < 8; ++i) EXPECT_THAT(Insert(i), IsOk());
}

// What PostgreSQL says can quote a value: it reaches neither the caller nor the log.
TEST_F(DatabaseTest, TheDriversTextGoesNowhere) {
  ::testing::internal::CaptureStderr();
  log::Start("test", log::Level::kDebug);
  ASSERT_THAT(Insert(41415926, 1), IsOk());
  const absl::Status duplicate = Insert(41415926, 1);
  const absl::Status raised = FailUntil(1000, "P0001");
  constexpr Query kCast{"test.cast", "SELECT $1::text::integer"};
  const absl::Status cast = Write([&](WriteTx& tx) -> absl::Status {
    tx.Run(kCast, "Mme Secret");
    return absl::OkStatus();
  });
  constexpr Query kNotice{"test.notice", "SELECT say()"};
  test_database_.Query(
      "CREATE FUNCTION say() RETURNS void LANGUAGE plpgsql AS "
      "$$ BEGIN RAISE WARNING 'Mme Secret'; END $$");
  EXPECT_THAT(Write([&](WriteTx& tx) -> absl::Status {
                tx.Run(kNotice);
                return absl::OkStatus();
              }),
              IsOk());
  const std::string written = ::testing::internal::GetCapturedStderr();
  for (const absl::Status& status : {duplicate, raised, cast}) {
    EXPECT_THAT(status, ReasonIs(pb::ERROR_REASON_INTERNAL));
    EXPECT_THAT(status.ToString(), Not(HasSubstr("41415926")));
    EXPECT_THAT(status.ToString(), Not(HasSubstr("Secret")));
  }
  EXPECT_THAT(written, Not(HasSubstr("41415926")));
  EXPECT_THAT(written, Not(HasSubstr("Secret")));
  EXPECT_THAT(written, HasSubstr("query=test.insert sqlstate=23505"));
}

TEST_F(DatabaseTest, ManyCallersLoseNothing) {
  ASSERT_THAT(Insert(1), IsOk());
  std::vector<async::Task<absl::StatusOr<int>>> tasks;
  for (int i = 0; i < 2000; ++i) {
    tasks.push_back(database_->Write(
        Within(absl::Seconds(60)),
        [](WriteTx& tx) -> absl::StatusOr<int> { return tx.Run(kAdd, 1)[0].Get<int>("v"); }));
  }
  std::vector<bool> seen(2001);
  for (const auto& value : async::SyncWaitAll(std::move(tasks))) {
    ASSERT_THAT(value, IsOk());
    EXPECT_FALSE(seen[*value]) << *value;
    seen[*value] = true;
  }
}

TEST_F(DatabaseTest, MoreThanMayWaitIsRefused) {
  DatabaseOptions options = test_database_.owner_options(1);
  options.max_waiting = 1;
  const auto small = *Database::Open(options);
  std::atomic<bool> inside{false};
  std::atomic<bool> go_on{false};
  std::atomic<int> good{0};
  std::atomic<int> refused{0};
  std::vector<std::jthread> callers;
  const auto call = [&] {
    const absl::Status status =
        async::SyncWait(small->Write(Within(absl::Seconds(20)), [&](WriteTx&) -> absl::Status {
          inside = true;
          return WaitUntil([&] { return go_on.load(); }) ? absl::OkStatus()
                                                         : absl::InternalError("");
        }));
    if (status.ok()) ++good;
    if (errors::ReasonOf(status) == pb::ERROR_REASON_OVERLOADED) ++refused;
  };
  callers.emplace_back(call);
  ASSERT_TRUE(WaitUntil([&] { return inside.load(); }));
  for (int i = 0; i < 3; ++i) callers.emplace_back(call);
  EXPECT_TRUE(WaitUntil([&] { return refused == 2; }));  // one runs, one waits
  go_on = true;
  callers.clear();
  EXPECT_EQ(good, 2);
}

TEST_F(DatabaseTest, CloseAnswersWhatWaits) {
  std::vector<async::Task<absl::Status>> tasks;
  for (int i = 0; i < 100; ++i) {
    tasks.push_back(database_->Write(Within(absl::Seconds(20)), [i](WriteTx& tx) -> absl::Status {
      tx.Run(kInsert, i, 0);
      return absl::OkStatus();
    }));
  }
  std::atomic<bool> begun{false};
  std::jthread closer([&] {
    EXPECT_TRUE(WaitUntil([&] { return Rows() != "0"; }));
    begun = true;
    database_->Close();
  });
  for (const absl::Status& status : async::SyncWaitAll(std::move(tasks)))
    EXPECT_THAT(status, IsOk());
  closer.join();
  EXPECT_THAT(Insert(1000), ReasonIs(pb::ERROR_REASON_DRAINING));
  EXPECT_EQ(Rows(), "100");
}

TEST_F(DatabaseTest, OpenSaysWhenThereIsNoDatabase) {
  DatabaseOptions options;
  options.patience = absl::Milliseconds(200);
  options.connection = testing::TestConnection("nowhere");
  const auto database = Database::Open(options);
  EXPECT_THAT(database.status(), ReasonIs(pb::ERROR_REASON_DATABASE_UNAVAILABLE));
}

}  // namespace
}  // namespace veille::db
