#include "common/db/statistics.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/async/sync_wait.h"
#include "common/db/database.h"
#include "migrations/common.h"
#include "testing/test_database.h"
#include "testing/wait_until.h"

namespace veille::db {
namespace {

using ::veille::testing::TestDatabase;
using ::veille::testing::WaitUntil;

std::vector<Migration> Schema() {
  std::vector<Migration> schema = migrations::common();
  schema.push_back({"test", 1, "create", "statistics_test.1", R"sql(
      CREATE TABLE clubs (
        landlord_id uuid NOT NULL,
        club_id     uuid NOT NULL,
        CONSTRAINT clubs_pk PRIMARY KEY (landlord_id, club_id));
      SELECT veille_protect('clubs');
      CREATE TABLE people (
        landlord_id uuid NOT NULL,
        person_id   uuid NOT NULL,
        club_id     uuid NOT NULL,
        name        text NOT NULL,
        CONSTRAINT people_pk PRIMARY KEY (landlord_id, person_id));
      SELECT veille_protect('people');
      CREATE INDEX people_of_club ON people (landlord_id, club_id);
      CREATE TABLE few (n integer PRIMARY KEY))sql"});
  return schema;
}

// Beside a table of a few known rows, as those of partners.
constexpr Query kFind{"test.find", R"sql(
  SELECT p.name
  FROM unnest($1::uuid[], $2::uuid[]) AS k (landlord_id, person_id)
  JOIN people AS p ON p.landlord_id = k.landlord_id AND p.person_id = k.person_id
  JOIN clubs AS c ON c.landlord_id = p.landlord_id AND c.club_id = p.club_id
)sql"};
constexpr Query kPassed{"test.passed", R"sql(
  SELECT coalesce(idx_tup_fetch, 0) + seq_tup_read AS passed
  FROM pg_stat_xact_user_tables WHERE relname = 'people'
)sql"};

const ids::LandlordId kLandlord = ids::LandlordId::Random();
const ids::TenantId kPerson =
    *ids::TenantId::Parse("c4ca4238-a0b9-2382-0dcc-509a6f75849b");  // the first

class StatisticsTest : public ::testing::Test {
 protected:
  // PostgreSQL counts what is committed at once then, not within some seconds.
  void Fill(int from, int to) {
    test_database_.Query(absl::StrCat(
        "SELECT pg_stat_force_next_flush(); INSERT INTO people SELECT '", kLandlord.ToString(),
        "', md5(n::text)::uuid, md5((n % 20)::text)::uuid, 'person ' || n FROM generate_series(",
        from, ", ", to, ") AS n"));
  }
  int64_t PassedByFinding() {
    const auto find = [](WriteTx& tx) -> absl::StatusOr<int64_t> {
      const int64_t before = tx.Run(kPassed)[0].Get<int64_t>("passed");
      tx.Run(kFind, std::vector{kLandlord}, std::vector{kPerson});
      return tx.Run(kPassed)[0].Get<int64_t>("passed") - before;
    };
    return async::SyncWait(database_->Write(Within(absl::Seconds(20), {kLandlord}), find)).value();
  }
  int Analyze() {
    return async::SyncWait(database_->Write(Within(absl::Seconds(20)), AnalyzeGrownTables)).value();
  }
  bool IsKnown(const std::string& table) {
    return test_database_.Value(absl::StrCat("SELECT reltuples > 0 FROM pg_class WHERE relname = '",
                                             table, "'")) == "t";
  }

  TestDatabase test_database_{Schema()};
  std::unique_ptr<Database> database_ = *Database::Open(test_database_.options(1));
};

TEST_F(StatisticsTest, WhatHasGrownIsAnalysedAndWhatHasNotIsLeftAlone) {
  EXPECT_EQ(Analyze(), 0);
  test_database_.Query("INSERT INTO few SELECT generate_series(1, 100)");
  EXPECT_EQ(Analyze(), 0);
  Fill(1, 1000);
  EXPECT_EQ(Analyze(), 1);
  EXPECT_TRUE(IsKnown("people"));
  EXPECT_FALSE(IsKnown("few"));
  EXPECT_EQ(Analyze(), 0);
  Fill(1001, 2000);
  EXPECT_EQ(Analyze(), 0);
  Fill(2001, 5000);
  EXPECT_EQ(Analyze(), 1);
}

TEST_F(StatisticsTest, APlanThatWasMadeWithoutStatisticsEnds) {
  test_database_.Query(absl::StrCat("INSERT INTO clubs SELECT '", kLandlord.ToString(),
                                    "', md5(n::text)::uuid FROM generate_series(0, 19) AS n"));
  test_database_.Query("ANALYZE clubs");
  Fill(1, 1000);
  EXPECT_GE(PassedByFinding(), 100);
  EXPECT_EQ(Analyze(), 1);
  EXPECT_LE(PassedByFinding(), 2);
}

TEST_F(StatisticsTest, ATableThatSomebodyIsAtIsNotWaitedFor) {
  Fill(1, 1000);
  test_database_.Query("BEGIN; LOCK TABLE people IN SHARE UPDATE EXCLUSIVE MODE");
  Analyze();
  test_database_.Query("ROLLBACK");
  EXPECT_FALSE(IsKnown("people"));
  EXPECT_EQ(Analyze(), 1);
  EXPECT_TRUE(IsKnown("people"));
}

TEST_F(StatisticsTest, IsKeptByAThreadOfItsOwn) {
  Statistics statistics(*database_);
  Fill(1, 1000);
  EXPECT_TRUE(WaitUntil([&] { return IsKnown("people"); }));
  statistics.Stop();
}

}  // namespace
}  // namespace veille::db
