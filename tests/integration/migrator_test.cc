#include "common/db/migrator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "common/async/sync_wait.h"
#include "migrations/common.h"
#include "testing/status_matchers.h"
#include "testing/test_database.h"
#include "testing/wait_until.h"

namespace veille::db {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::veille::testing::IsOk;
using ::veille::testing::StatusIs;
using ::veille::testing::TestDatabase;

const std::vector<Migration> kSteps = {
    {"test", 1, "create_a", "1a", "CREATE TABLE a (x integer); CREATE TABLE b (x integer)"},
    {"test", 2, "fill_a", "2a", "INSERT INTO a VALUES (1)"},
    {"other", 1, "fill_a_more", "3a", "INSERT INTO a VALUES (2)"}};

class MigratorTest : public ::testing::Test {
 protected:
  absl::Status Check(const std::vector<Migration>& all) {
    const auto database = *Database::Open(test_database_.options(1));
    return async::SyncWait(CheckSchema(*database, all));
  }
  absl::StatusOr<int> Migrate(const std::vector<Migration>& all) {
    return db::Migrate(test_database_.owner_options(), all, testing::kServiceRole);
  }
  static std::vector<Migration> First(size_t count) {
    return {kSteps.begin(), kSteps.begin() + static_cast<ptrdiff_t>(count)};
  }

  TestDatabase test_database_{{}};
};

TEST_F(MigratorTest, AppliesWhatIsMissingOnce) {
  EXPECT_EQ(*Migrate(First(2)), 2);
  EXPECT_EQ(*Migrate(First(2)), 0);
  EXPECT_EQ(*Migrate(kSteps), 1);
  EXPECT_EQ(*Migrate(kSteps), 0);
  EXPECT_EQ(test_database_.Value("SELECT sum(x) FROM a"), "3");
  EXPECT_THAT(test_database_.Query("SELECT scope, version, name, checksum FROM schema_migrations "
                                   "ORDER BY applied_time"),
              ElementsAre(ElementsAre("test", "1", "create_a", "1a"),
                          ElementsAre("test", "2", "fill_a", "2a"),
                          ElementsAre("other", "1", "fill_a_more", "3a")));
}

TEST_F(MigratorTest, TwoAtOnceApplyEachStepOnce) {
  absl::StatusOr<int> counts[4];
  {
    std::vector<std::jthread> replicas;
    for (auto& count : counts) replicas.emplace_back([&] { count = Migrate(kSteps); });
  }
  int sum = 0;
  for (const auto& count : counts) {
    ASSERT_THAT(count, IsOk());
    sum += *count;
  }
  EXPECT_EQ(sum, 3);
  EXPECT_EQ(test_database_.Value("SELECT sum(x) FROM a"), "3");
}

TEST_F(MigratorTest, AStepThatFailsSaysNothingOfTheRowsItFailsOn) {
  const std::vector<Migration> steps = {
      {"test", 1, "name_people", "1", "CREATE TABLE people (name text)"},
      {"test", 2, "add_people", "2", "INSERT INTO people VALUES ('Mme Martin'), ('Mme Martin')"},
      {"test", 3, "tell_apart", "3", "CREATE UNIQUE INDEX people_by_name ON people (name)"}};
  const absl::Status failed = Migrate(steps).status();
  EXPECT_THAT(failed.message(), HasSubstr("people_by_name"));
  EXPECT_THAT(failed.message(), Not(HasSubstr("Martin")));
}

TEST_F(MigratorTest, RefusesAStepThatWasAppliedWithAnotherText) {
  ASSERT_THAT(Migrate(First(1)), IsOk());
  std::vector<Migration> changed = kSteps;
  changed[0].checksum = "1b";
  EXPECT_THAT(Migrate(changed), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Check(changed), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(test_database_.Value("SELECT count(*) FROM a"), "0");
}

TEST_F(MigratorTest, AStepThatFailsLeavesNothingAndTheNextRunGoesOn) {
  std::vector<Migration> broken = kSteps;
  broken[1].sql = "INSERT INTO a VALUES (1); INSERT INTO a VALUES ('x')";
  const auto failed = Migrate(broken);
  EXPECT_THAT(failed, StatusIs(absl::StatusCode::kInternal));
  EXPECT_EQ(test_database_.Value("SELECT count(*) FROM a"), "0");
  EXPECT_EQ(*Migrate(kSteps), 2);
}

TEST_F(MigratorTest, ServeRefusesAnOlderSchemaAndAcceptsANewerOne) {
  test_database_.Query("DROP TABLE schema_migrations");
  EXPECT_THAT(Check(kSteps), StatusIs(absl::StatusCode::kFailedPrecondition));
  ASSERT_THAT(Migrate(First(2)), IsOk());
  const absl::Status older = Check(kSteps);
  EXPECT_THAT(older, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(older.message()), HasSubstr("run `migrate` first"));
  EXPECT_THAT(Check(First(2)), IsOk());
  EXPECT_THAT(Check(First(1)), IsOk());
}

TEST_F(MigratorTest, SaysWhenThereIsNoDatabase) {
  DatabaseOptions nowhere;
  nowhere.connection = "host=/does/not/exist dbname=x";
  EXPECT_THAT(db::Migrate(nowhere, kSteps, testing::kServiceRole),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(MigratorTest, TheCommonSchemaIsComplete) {
  const std::vector<Migration>& common = migrations::common();
  ASSERT_FALSE(common.empty());
  for (size_t i = 0; i < common.size(); ++i) {
    EXPECT_EQ(common[i].version, static_cast<int>(i) + 1);
    EXPECT_EQ(common[i].checksum.size(), 64u);
  }
  EXPECT_EQ(*Migrate(common), static_cast<int>(common.size()));
  EXPECT_THAT(Check(common), IsOk());
  EXPECT_EQ(test_database_.Value("SELECT veille_now() = now()"), "t");
}

TEST(TestDatabaseTest, ABrokenSchemaLeavesNothingHalfMade) {
  std::vector<Migration> broken = kSteps;
  broken[2].sql = "INSERT INTO nowhere VALUES (1)";
  broken[2].checksum = "broken";
  EXPECT_THROW(TestDatabase{broken}, std::runtime_error);
  TestDatabase look({});
  // Tests beside this one may be making theirs.
  EXPECT_TRUE(testing::WaitUntil([&] {
    return look.Value("SELECT count(*) FROM pg_database WHERE datname LIKE '%unfinished'") == "0";
  }));
  EXPECT_THROW(TestDatabase{broken}, std::runtime_error);
}

TEST(TestDatabaseTest, EachIsACloneOfItsOwn) {
  std::string name;
  {
    TestDatabase one(kSteps);
    TestDatabase two(kSteps);
    name = one.name();
    one.Query("INSERT INTO a VALUES (100)");
    EXPECT_EQ(one.Value("SELECT sum(x) FROM a"), "103");
    EXPECT_EQ(two.Value("SELECT sum(x) FROM a"), "3");
    EXPECT_EQ(two.Value("SELECT NULL"), "NULL");
  }
  TestDatabase look({});
  EXPECT_EQ(look.Value("SELECT count(*) FROM pg_database WHERE datname = '" + name + "'"), "0");
}

TEST(TestDatabaseTest, ItsClockMoves) {
  TestDatabase database(migrations::common());
  database.MoveClock(absl::Hours(-2));
  EXPECT_EQ(database.Value("SELECT now() - veille_now()"), "02:00:00");
  database.MoveClock(absl::Milliseconds(1500));
  EXPECT_EQ(database.Value("SELECT veille_now() - now()"), "00:00:01.5");
  database.MoveClock(absl::ZeroDuration());
  EXPECT_EQ(database.Value("SELECT veille_now() = now()"), "t");
}

}  // namespace
}  // namespace veille::db
