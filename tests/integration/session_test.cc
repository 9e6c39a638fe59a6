// What is queued travels with the next statement or with COMMIT, and fails with it.

#include "common/db/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pqxx/except>

#include "testing/test_database.h"

namespace veille::db {
namespace {

using ::veille::testing::TestDatabase;

constexpr Query kInsert{"test.insert", "INSERT INTO t VALUES ($1::integer, $2)"};
constexpr Query kCount{"test.count", "SELECT count(*) AS v FROM t"};
constexpr Query kOther{"test.other", "SELECT 7 AS v"};
constexpr Query kDefer{"test.defer", "INSERT INTO u VALUES ($1::integer)"};

const std::vector<Migration> kSchema = {{"test", 1, "create", "session_test.1", R"sql(
      CREATE TABLE t (k integer PRIMARY KEY, v text);
      CREATE TABLE u (k integer REFERENCES t DEFERRABLE INITIALLY DEFERRED))sql"}};

class SessionTest : public ::testing::Test {
 protected:
  void Queue(int key, const std::string& text = "x") {
    const Parameter parameters[] = {ToSql(key), ToSql(text)};
    session_.Queue(kInsert, parameters);
  }
  int64_t Run(const Query& query) { return session_.Run(query, {})[0].Get<int64_t>("v"); }
  std::string Stored() { return test_database_.Value("SELECT count(*) FROM t"); }
  // The SQLSTATE of what is thrown.
  template <typename Act>
  static std::string StateOf(Act act) {
    try {
      act();
    } catch (const pqxx::sql_error& error) {
      EXPECT_STREQ(error.what(), "a statement failed");
      return error.sqlstate();
    }
    return "";
  }
  void Terminate() {
    test_database_.Query(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()");
  }

  TestDatabase test_database_{kSchema};
  Session session_{test_database_.owner_options(1).connection};
};

TEST_F(SessionTest, StatementsRunInTheOrderTheyWereGiven) {
  session_.Begin(/*read_only=*/false);
  Queue(1);
  Queue(2);
  EXPECT_EQ(Run(kCount), 2);
  Queue(3);
  EXPECT_EQ(Stored(), "0");
  session_.Commit();
  EXPECT_EQ(Stored(), "3");
}

TEST_F(SessionTest, AStatementThatFailsTakesTheTransactionWithIt) {
  session_.Begin(false);
  Queue(1);
  Queue(1);
  Queue(2);
  EXPECT_EQ(StateOf([this] { session_.Commit(); }), "23505");
  EXPECT_EQ(session_.last_query(), "test.insert");
  session_.Rollback();
  EXPECT_TRUE(session_.is_open());
  EXPECT_EQ(Stored(), "0");

  session_.Begin(false);
  Queue(1);
  session_.Commit();
  EXPECT_EQ(Stored(), "1");
}

// The server skips what follows a failure: a statement that it should have prepared then is
// prepared when it is used again.
TEST_F(SessionTest, WhatWasSkippedIsPreparedAgain) {
  session_.Begin(false);
  Queue(1);
  Queue(1);
  EXPECT_EQ(StateOf([this] { Run(kOther); }), "23505");
  EXPECT_EQ(session_.last_query(), "test.insert");
  session_.Rollback();
  for (int i = 0; i < 2; ++i) {
    session_.Begin(true);
    EXPECT_EQ(Run(kOther), 7);
    session_.Commit();
  }
}

TEST_F(SessionTest, ARollbackUndoesWhatWaits) {
  session_.Begin(false);
  Queue(1);
  session_.Rollback();
  session_.Rollback();  // nothing happens
  session_.Begin(false);
  EXPECT_EQ(Run(kCount), 0);
  session_.Rollback();
  session_.Begin(false);  // and nothing was sent at all
  session_.Rollback();
  EXPECT_EQ(Stored(), "0");
  EXPECT_TRUE(session_.is_open());
}

TEST_F(SessionTest, WhatFailsAtCommitIsAFailure) {
  session_.Begin(false);
  const Parameter parameters[] = {ToSql(5)};
  session_.Queue(kDefer, parameters);
  EXPECT_EQ(StateOf([this] { session_.Commit(); }), "23503");
  session_.Rollback();
  EXPECT_TRUE(session_.is_open());
  EXPECT_EQ(test_database_.Value("SELECT count(*) FROM u"), "0");
}

// More than the buffers between client and server hold.
TEST_F(SessionTest, MuchMayWait) {
  const std::string text(1 << 20, 'x');
  session_.Begin(false);
  for (int i = 0; i < 20; ++i) Queue(i, text);
  session_.Commit();
  EXPECT_EQ(Stored(), "20");
}

TEST_F(SessionTest, AnEndNobodyWaitedForIsReadBeforeTheNextStatement) {
  session_.Begin(true);
  EXPECT_EQ(Run(kCount), 0);
  session_.Commit();
  session_.Execute("SET statement_timeout = '7s'");
  session_.Begin(true);
  EXPECT_EQ(Run(kCount), 0);
  session_.Commit();
  Terminate();
  session_.Begin(false);
  EXPECT_EQ(StateOf([this] { Run(kCount); }), "57P01");
  session_.Rollback();
  EXPECT_FALSE(session_.is_open());
}

// The server's last word says that not even BEGIN was done. Where there is no last word there is
// doubt: database_faults_test.cc.
TEST_F(SessionTest, AConnectionThatWentBeforeCommitLeavesNoDoubt) {
  session_.Begin(false);
  Queue(1);
  Terminate();
  EXPECT_EQ(StateOf([this] { session_.Commit(); }), "57P01");
  session_.Rollback();
  EXPECT_FALSE(session_.is_open());
  EXPECT_EQ(Stored(), "0");
}

TEST_F(SessionTest, AStatementNeedsATransaction) {
  EXPECT_THROW(Queue(1), std::logic_error);
  session_.Begin(false);
  Queue(1);
  session_.Commit();
  EXPECT_THROW(Queue(2), std::logic_error);
  EXPECT_EQ(Stored(), "1");
}

}  // namespace
}  // namespace veille::db
