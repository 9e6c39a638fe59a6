// Values go to a real PostgreSQL and come back as they were.

#include "common/db/sql_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/async/sync_wait.h"
#include "common/db/database.h"
#include "testing/status_matchers.h"
#include "testing/test_database.h"

namespace veille::db {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::veille::testing::IsOk;
using ::veille::testing::StatusIs;
using ::veille::testing::TestDatabase;

// All that is not personal about text: quotes, backslashes, braces, commas, lines, other scripts.
const std::vector<std::string> kTexts = {
    "",          "NULL",        "null", "plain", "with space", "L'Haÿ-les-Roses",
    "say \"x\"", "back\\slash", "{",    "a,b",   "{}",         "\n\t",
    "$1",        "%s",          "東京", "👵🏽",  "'",          "';--\\",
    "\"\"",      " pad "};

class SqlValuesTest : public ::testing::Test {
 protected:
  // The only row of the statement.
  template <typename T, typename... Args>
  T Get(const Query& query, const Args&... args) {
    const absl::StatusOr<T> value = async::SyncWait(
        database_->Read(Within(absl::Seconds(10)), [&](ReadTx& tx) -> absl::StatusOr<T> {
          return tx.Run(query, args...)[0].template Get<T>("v");
        }));
    EXPECT_THAT(value, IsOk());
    return *value;
  }
  template <typename T>
  std::vector<std::optional<T>> Elements(const Query& query,
                                         const std::vector<std::optional<T>>& values) {
    const auto read = async::SyncWait(
        database_->Read(Within(absl::Seconds(10)),
                        [&](ReadTx& tx) -> absl::StatusOr<std::vector<std::optional<T>>> {
                          std::vector<std::optional<T>> found;
                          for (const Row row : tx.Run(query, values))
                            found.push_back(row.Find<T>("v"));
                          return found;
                        }));
    EXPECT_THAT(read, IsOk());
    return *read;
  }

  TestDatabase test_database_{{}};
  std::unique_ptr<Database> database_ = *Database::Open(test_database_.options(1));
};

TEST_F(SqlValuesTest, ScalarsComeBack) {
  constexpr Query kText{"test.text", "SELECT $1::text AS v"};
  for (const std::string& text : kTexts) EXPECT_EQ(Get<std::string>(kText, text), text);
  EXPECT_EQ(Get<std::string>(kText, std::string(1'000'000, 'x')).size(), 1'000'000u);
  EXPECT_EQ(Get<std::string>(kText, "literal"), "literal");
  EXPECT_EQ(Get<std::string>(kText, std::string_view("view")), "view");
  constexpr Query kBool{"test.bool", "SELECT $1::boolean AS v"};
  EXPECT_TRUE(Get<bool>(kBool, true));
  EXPECT_FALSE(Get<bool>(kBool, false));
  constexpr Query kInt{"test.int", "SELECT $1::integer AS v"};
  for (const int value : {0, -1, INT32_MAX, INT32_MIN}) EXPECT_EQ(Get<int>(kInt, value), value);
  constexpr Query kBigint{"test.bigint", "SELECT $1::bigint AS v"};
  for (const int64_t value : {int64_t{0}, INT64_MAX, INT64_MIN}) {
    EXPECT_EQ(Get<int64_t>(kBigint, value), value);
  }
  constexpr Query kUuid{"test.uuid", "SELECT $1::uuid AS v"};
  const auto tenant = ids::TenantId::Random();
  EXPECT_EQ(Get<ids::TenantId>(kUuid, tenant), tenant);
  EXPECT_EQ(Get<ids::Uuid>(kUuid, tenant.uuid()), tenant.uuid());
  constexpr Query kDay{"test.day", "SELECT $1::date AS v"};
  for (const absl::CivilDay day : {absl::CivilDay(1899, 12, 31), absl::CivilDay(2020, 2, 29)}) {
    EXPECT_EQ(Get<absl::CivilDay>(kDay, day), day);
  }
}

TEST_F(SqlValuesTest, BytesComeBack) {
  constexpr Query kBytes{"test.bytes", "SELECT $1::bytea AS v"};
  std::string every;
  for (int i = 0; i < 256; ++i) every.push_back(static_cast<char>(i));
  for (const std::string& value : {std::string(), every, std::string(100'000, '\0')}) {
    EXPECT_EQ(Get<Bytes>(kBytes, Bytes{value}).value, value);
  }
}

TEST_F(SqlValuesTest, TimesComeBackToTheMicrosecond) {
  constexpr Query kTime{"test.time", "SELECT $1::timestamptz AS v"};
  for (const absl::Time time :
       {absl::UnixEpoch(), absl::FromUnixMicros(1584435600123456), absl::FromUnixMicros(-1),
        absl::FromCivil(absl::CivilDay(1, 1, 1), absl::UTCTimeZone()),
        absl::FromCivil(absl::CivilDay(9999, 12, 31), absl::UTCTimeZone()), absl::InfiniteFuture(),
        absl::InfinitePast()}) {
    EXPECT_EQ(Get<absl::Time>(kTime, time), time);
  }
}

TEST_F(SqlValuesTest, NullIsAbsent) {
  constexpr Query kNull{"test.null", "SELECT $1::text AS v, $2::timestamptz AS w, $3::uuid AS x"};
  const auto absent = async::SyncWait(
      database_->Read(Within(absl::Seconds(10)), [&](ReadTx& tx) -> absl::StatusOr<int> {
        const Row row = tx.Run(kNull, std::optional<std::string>(), std::optional<absl::Time>(),
                               std::nullopt)[0];
        EXPECT_TRUE(row.IsNull("v"));
        return int{row.Find<std::string>("v").has_value()} +
               int{row.Find<absl::Time>("w").has_value()} +
               int{row.Find<ids::Uuid>("x").has_value()};
      }));
  EXPECT_EQ(*absent, 0);
}

TEST_F(SqlValuesTest, ArraysComeBackWithTheirNulls) {
  std::vector<std::optional<std::string>> texts(kTexts.begin(), kTexts.end());
  texts.push_back(std::nullopt);
  constexpr Query kTextArray{"test.texts", "SELECT unnest($1::text[]) AS v"};
  EXPECT_EQ(Elements(kTextArray, texts), texts);

  const std::vector<std::optional<bool>> bools = {true, std::nullopt, false};
  EXPECT_EQ(Elements({"test.bools", "SELECT unnest($1::boolean[]) AS v"}, bools), bools);
  const std::vector<std::optional<int32_t>> ints = {0, -1, INT32_MAX, INT32_MIN, std::nullopt};
  EXPECT_EQ(Elements({"test.ints", "SELECT unnest($1::integer[]) AS v"}, ints), ints);
  const std::vector<std::optional<int64_t>> bigints = {0, -1, INT64_MAX, INT64_MIN, std::nullopt};
  EXPECT_EQ(Elements({"test.bigints", "SELECT unnest($1::bigint[]) AS v"}, bigints), bigints);
  const std::vector<std::optional<ids::TenantId>> ids = {ids::TenantId::Random(), std::nullopt,
                                                         ids::TenantId()};
  EXPECT_EQ(Elements({"test.uuids", "SELECT unnest($1::uuid[]) AS v"}, ids), ids);
  const std::vector<std::optional<Bytes>> bytes = {Bytes{""}, Bytes{std::string("\0\xff\\", 3)},
                                                   std::nullopt, Bytes{std::string(10'000, 'x')}};
  EXPECT_EQ(Elements({"test.byteas", "SELECT unnest($1::bytea[]) AS v"}, bytes), bytes);
  const std::vector<std::optional<absl::Time>> times = {
      absl::FromUnixMicros(1584435600123456), absl::FromUnixMicros(-1), absl::InfiniteFuture(),
      absl::InfinitePast(), std::nullopt};
  EXPECT_EQ(Elements({"test.times", "SELECT unnest($1::timestamptz[]) AS v"}, times), times);
}

TEST_F(SqlValuesTest, ArraysMayBeEmptyOrLarge) {
  constexpr Query kCount{"test.count", "SELECT cardinality($1::uuid[]) AS v"};
  EXPECT_EQ(Get<int>(kCount, std::vector<ids::TenantId>()), 0);
  EXPECT_EQ(Get<int>(kCount, std::vector<ids::TenantId>(10'000, ids::TenantId::Random())), 10'000);
  constexpr Query kNone{"test.none", "SELECT count(*) AS v FROM unnest($1::text[])"};
  EXPECT_EQ(Get<int64_t>(kNone, std::vector<std::string>()), 0);
}

TEST_F(SqlValuesTest, ArrayColumnsAreRead) {
  constexpr Query kTextColumn{"test.column", "SELECT $1::text[] AS v"};
  const std::vector<std::string> texts(kTexts.begin(), kTexts.end());
  EXPECT_EQ(Get<std::vector<std::string>>(kTextColumn, texts), texts);
  EXPECT_THAT(Get<std::vector<std::string>>(kTextColumn, std::vector<std::string>()), IsEmpty());
  constexpr Query kIdColumn{"test.id_column", "SELECT $1::uuid[] AS v"};
  const auto tenant = ids::TenantId::Random();
  EXPECT_THAT(Get<std::vector<ids::TenantId>>(kIdColumn, std::vector<ids::TenantId>{tenant}),
              ElementsAre(tenant));
}

TEST_F(SqlValuesTest, ValuesThatDoNotFitAreFaultsOfTheStatement) {
  const auto fault = [this](const Query& query, auto get) {
    EXPECT_THAT(async::SyncWait(database_->Read(Within(absl::Seconds(10)),
                                                [&](ReadTx& tx) -> absl::Status {
                                                  get(tx.Run(query)[0]);
                                                  return absl::OkStatus();
                                                })),
                StatusIs(absl::StatusCode::kInternal));
  };
  constexpr Query kQuery{"test.fault", "SELECT 'x' AS v, NULL::integer AS w"};
  fault(kQuery, [](const Row& row) { row.Get<int>("v"); });
  fault(kQuery, [](const Row& row) { row.Get<ids::Uuid>("v"); });
  fault(kQuery, [](const Row& row) { row.Get<absl::Time>("v"); });
  fault(kQuery, [](const Row& row) { row.Get<int>("w"); });
  fault(kQuery, [](const Row& row) { row.Get<std::string>("missing"); });
}

}  // namespace
}  // namespace veille::db
