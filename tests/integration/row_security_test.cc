// The second wall: what the role that serves sees, and all it might try against it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <pqxx/connection>
#include <pqxx/nontransaction>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/async/sync_wait.h"
#include "common/db/migrator.h"
#include "common/db/roles.h"
#include "migrations/call_tracking.h"
#include "migrations/common.h"
#include "migrations/referral.h"
#include "migrations/tenant_registry.h"
#include "testing/status_matchers.h"
#include "testing/test_database.h"

namespace veille::db {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::veille::testing::IsOk;
using ::veille::testing::kOwnerRole;
using ::veille::testing::kServiceRole;
using ::veille::testing::StatusIs;
using ::veille::testing::TestConnection;
using ::veille::testing::TestDatabase;

std::vector<Migration> With(const std::vector<Migration>& own) {
  std::vector<Migration> all = migrations::common();
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

constexpr char kNotAllowed[] = "42501";

// What the role gets when it tries: the SQLSTATE, or "" when it may.
std::string Try(const TestDatabase& database, const std::string& role, const std::string& sql) {
  pqxx::connection connection(TestConnection(database.name(), role));
  pqxx::nontransaction session(connection);
  try {
    session.exec("BEGIN; " + sql + "; ROLLBACK");
    return "";
  } catch (const pqxx::insufficient_privilege&) {
    return kNotAllowed;  // libpqxx keeps the state of others only
  } catch (const pqxx::sql_error& error) {
    return error.sqlstate();
  }
}

// --- whose rows
// -----------------------------------------------------------------------------------

constexpr Query kInsert{"test.insert", R"sql(
  INSERT INTO requests (landlord_id, request_id, method, object_id)
  VALUES ($1, gen_random_uuid(), 'Test', gen_random_uuid())
)sql"};
constexpr Query kCount{"test.count",
                       "SELECT count(*) AS found FROM requests WHERE landlord_id = $1"};
// What no statement of a service may be: without a landlord.
constexpr Query kForgetfulCount{"test.forgetful_count", "SELECT count(*) AS found FROM requests"};
constexpr Query kForgetfulUpdate{"test.forgetful_update", "UPDATE requests SET method = 'Changed'"};
constexpr Query kForgetfulDelete{"test.forgetful_delete", "DELETE FROM requests"};
constexpr Query kMove{"test.move", "UPDATE requests SET landlord_id = $1"};
constexpr Query kRaiseSetting{"test.raise_setting",
                              "SELECT set_config('veille.every_landlord', 'on', true)"};

class WhoseRowsTest : public ::testing::Test {
 protected:
  template <typename Body>
  auto For(std::vector<ids::LandlordId> landlords, Body body) {
    return async::SyncWait(
        database_->Write(Within(absl::Seconds(20), std::move(landlords)), std::move(body)));
  }
  absl::Status Insert(std::vector<ids::LandlordId> named, ids::LandlordId landlord) {
    return For(std::move(named), [landlord](WriteTx& tx) -> absl::Status {
      tx.Run(kInsert, landlord);
      return absl::OkStatus();
    });
  }
  int Count(std::vector<ids::LandlordId> named, ids::LandlordId landlord) {
    return *For(std::move(named), [landlord](WriteTx& tx) -> absl::StatusOr<int> {
      return tx.Run(kCount, landlord)[0].Get<int>("found");
    });
  }
  int Forgetful(std::vector<ids::LandlordId> named) {
    return *For(std::move(named), [](WriteTx& tx) -> absl::StatusOr<int> {
      return tx.Run(kForgetfulCount)[0].Get<int>("found");
    });
  }
  int Affected(std::vector<ids::LandlordId> named, const Query& query) {
    return *For(std::move(named), [&query](WriteTx& tx) -> absl::StatusOr<int> {
      return static_cast<int>(tx.Run(query).affected());
    });
  }
  void SetUp() override {
    for (int i = 0; i < 2; ++i) ASSERT_THAT(Insert({one_}, one_), IsOk());
    for (int i = 0; i < 3; ++i) ASSERT_THAT(Insert({other_}, other_), IsOk());
  }

  TestDatabase test_database_{migrations::common()};
  std::unique_ptr<Database> database_ = *Database::Open(test_database_.options(1));
  const ids::LandlordId one_ = ids::LandlordId::Random();
  const ids::LandlordId other_ = ids::LandlordId::Random();
};

TEST_F(WhoseRowsTest, OneSeesTheRowsOfTheLandlordsThatItNamed) {
  EXPECT_EQ(Count({one_}, one_), 2);
  EXPECT_EQ(Count({one_}, other_), 0);
  EXPECT_EQ(Count({other_}, other_), 3);
  EXPECT_EQ(Count({one_, other_}, other_), 3);
  EXPECT_EQ(Count({}, one_), 0);
  EXPECT_EQ(Count({ids::LandlordId()}, one_), 0);
}

TEST_F(WhoseRowsTest, AStatementThatForgetsTheLandlordFindsNothingOfOthers) {
  EXPECT_EQ(Forgetful({one_}), 2);
  EXPECT_EQ(Forgetful({one_, other_}), 5);
  EXPECT_EQ(Forgetful({}), 0);
  EXPECT_EQ(Affected({one_}, kForgetfulUpdate), 2);
  EXPECT_EQ(test_database_.Value("SELECT count(*) FROM requests WHERE method = 'Changed'"), "2");
  EXPECT_EQ(Affected({one_}, kForgetfulDelete), 2);
  EXPECT_EQ(test_database_.Value("SELECT count(*) FROM requests"), "3");
}

TEST_F(WhoseRowsTest, NothingIsWrittenForOthers) {
  EXPECT_FALSE(Insert({one_}, other_).ok());
  EXPECT_FALSE(Insert({}, one_).ok());
  EXPECT_THAT(Insert({one_}, one_), IsOk());
  const auto move_to = [this](ids::LandlordId landlord) {
    return For({one_}, [landlord](WriteTx& tx) -> absl::Status {
      tx.Run(kMove, landlord);
      return absl::OkStatus();
    });
  };
  EXPECT_FALSE(move_to(other_).ok());
  EXPECT_THAT(move_to(one_), IsOk());
  EXPECT_EQ(Count({other_}, other_), 3);
}

TEST_F(WhoseRowsTest, WhatIsNamedEndsWithItsTransaction) {
  EXPECT_EQ(Forgetful({one_, other_}), 5);  // on the only connection
  EXPECT_EQ(Forgetful({}), 0);
  const auto failed = For({one_}, [](WriteTx& tx) -> absl::Status {
    tx.Run(kForgetfulCount);
    return absl::AbortedError("of the body");
  });
  EXPECT_FALSE(failed.ok());
  EXPECT_EQ(Forgetful({}), 0);
}

TEST_F(WhoseRowsTest, ATransactionGoesOnForOthersWhereItSaysSo) {
  const auto seen = *For({one_}, [this](WriteTx& tx) -> absl::StatusOr<std::vector<int>> {
    std::vector<int> found = {tx.Run(kForgetfulCount)[0].Get<int>("found")};
    tx.ActFor({other_});
    found.push_back(tx.Run(kForgetfulCount)[0].Get<int>("found"));
    tx.ActFor({});
    found.push_back(tx.Run(kForgetfulCount)[0].Get<int>("found"));
    return found;
  });
  EXPECT_THAT(seen, ElementsAre(2, 3, 0));
}

TEST_F(WhoseRowsTest, TheOwnersSettingIsOfNoUseToTheService) {
  const auto seen = *For({one_}, [](WriteTx& tx) -> absl::StatusOr<int> {
    tx.Run(kRaiseSetting);
    return tx.Run(kForgetfulCount)[0].Get<int>("found");
  });
  EXPECT_EQ(seen, 2);
  // To the owner it is.
  const auto owner = *Database::Open(test_database_.owner_options(1));
  for (const bool raised : {false, true}) {
    const auto all = async::SyncWait(
        owner->Write(Within(absl::Seconds(20)), [raised](WriteTx& tx) -> absl::StatusOr<int> {
          if (raised) tx.Run(kRaiseSetting);
          return tx.Run(kForgetfulCount)[0].Get<int>("found");
        }));
    ASSERT_THAT(all, IsOk());
    EXPECT_EQ(*all, raised ? 5 : 0);
  }
}

// --- the schema of each service
// -------------------------------------------------------------------

struct Service {
  const char* name;
  const std::vector<Migration>& (*own)();
};

class WallTest : public ::testing::TestWithParam<Service> {
 protected:
  // Tables with landlords that lack the wall or a part of it.
  std::vector<std::vector<std::string>> Unprotected() {
    return test_database_.Query(R"sql(
      SELECT c.relname FROM pg_class AS c
      JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'landlord_id'
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        AND NOT (c.relrowsecurity AND c.relforcerowsecurity
                 AND (SELECT array_agg(p.polname ORDER BY p.polname) FROM pg_policy AS p
                      WHERE p.polrelid = c.oid) = '{every_landlord,landlords}')
      ORDER BY 1)sql");
  }
  std::string May(const std::string& sql) { return Try(test_database_, kServiceRole, sql); }

  TestDatabase test_database_{With(GetParam().own())};
};

TEST_P(WallTest, EveryTableWithLandlordsHasIt) {
  EXPECT_THAT(Unprotected(), IsEmpty());
  EXPECT_THAT(test_database_.Query("SELECT FROM pg_class WHERE relrowsecurity"), SizeIs(Gt(10)));
  // A planted table is found, here and by `migrate`.
  test_database_.Query(
      absl::StrCat("CREATE TABLE planted (landlord_id uuid); "
                   "ALTER TABLE planted OWNER TO ",
                   kOwnerRole));
  EXPECT_THAT(Unprotected(), ElementsAre(ElementsAre("planted")));
  const auto migrated =
      Migrate(test_database_.owner_options(), With(GetParam().own()), kServiceRole);
  EXPECT_THAT(migrated, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(migrated.status().message()), HasSubstr("the table planted"));
}

TEST_P(WallTest, TheServiceReadsAndWritesRowsAndNoMore) {
  EXPECT_THAT(test_database_.Query(absl::StrCat(R"sql(
      SELECT c.relname, p.privilege_type
      FROM pg_class AS c CROSS JOIN aclexplode(c.relacl) AS p
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        AND p.grantee = ')sql",
                                                kServiceRole, R"sql('::regrole
        AND p.privilege_type <> ALL (
          CASE WHEN EXISTS (SELECT FROM pg_attribute AS a
                            WHERE a.attrelid = c.oid AND a.attname = 'landlord_id')
               THEN '{SELECT,INSERT,UPDATE,DELETE}' ELSE '{SELECT}' END::text[])
      )sql")),
              IsEmpty());
  // Nobody else has anything.
  EXPECT_THAT(test_database_.Query(R"sql(
      SELECT 'table', relname FROM pg_class CROSS JOIN aclexplode(relacl) AS p
      WHERE relnamespace = 'public'::regnamespace AND p.grantee = 0
      UNION ALL
      SELECT 'function', proname FROM pg_proc
      CROSS JOIN aclexplode(coalesce(proacl, acldefault('f', proowner))) AS p
      WHERE pronamespace = 'public'::regnamespace AND p.grantee = 0
      UNION ALL
      SELECT 'schema', nspname FROM pg_namespace CROSS JOIN aclexplode(nspacl) AS p
      WHERE nspname = 'public' AND p.grantee = 0)sql"),
              IsEmpty());
}

// A value for each type that a function of a queue takes.
std::string ArgumentOf(const std::string& type) {
  if (type == "timestamp with time zone") return "now()";
  if (type == "uuid") return "gen_random_uuid()";
  if (type == "tsquery") return "'a'::tsquery";
  if (absl::StrContains(type, "[]")) return "'{}'::" + type;
  return "10::" + type;
}

TEST_P(WallTest, TheFunctionsThatCrossAreCallableAndCannotBeLedAstray) {
  const auto functions = test_database_.Query(R"sql(
      SELECT p.proname, coalesce(array_to_string(ARRAY(
               SELECT format_type(a.type, NULL) FROM unnest(p.proargtypes) WITH ORDINALITY
                 AS a (type, place) ORDER BY a.place), ';'), ''),
             coalesce(p.proconfig::text, '')
      FROM pg_proc AS p WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef
      ORDER BY 1)sql");
  EXPECT_THAT(functions, SizeIs(Gt(6)));
  for (const auto& function : functions) {
    EXPECT_EQ(function[2], "{\"search_path=public, pg_temp\"}") << function[0];
    std::vector<std::string> arguments;
    for (const auto type : absl::StrSplit(function[1], ';', absl::SkipEmpty())) {
      arguments.push_back(ArgumentOf(std::string(type)));
    }
    const std::string call =
        absl::StrCat("SELECT public.", function[0], "(", absl::StrJoin(arguments, ", "), ")");
    EXPECT_EQ(May(call), "") << call;
    EXPECT_EQ(May("SET LOCAL search_path = ''; " + call), "") << call;
  }
}

INSTANTIATE_TEST_SUITE_P(Services, WallTest,
                         ::testing::Values(Service{"registry", migrations::tenant_registry},
                                           Service{"calls", migrations::call_tracking},
                                           Service{"referral", migrations::referral}),
                         [](const auto& tried) { return std::string(tried.param.name); });

// --- against the wall
// -----------------------------------------------------------------------------

struct Attempt {
  const char* sql;
  bool owner_may = true;  // the control: it fails for who tries it, not for how it is written
};

class AttemptsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const auto& landlord : {one_, other_}) {
      test_database_.Query(absl::StrCat(
          "INSERT INTO outbox (landlord_id, message_id, topic, subject_id, payload, due_time) "
          "VALUES ('",
          landlord.ToString(),
          "', gen_random_uuid(), 'topic', gen_random_uuid(), '', "
          "now() - interval '1 hour')"));
    }
  }
  std::string ValueFor(const std::string& role, const std::string& sql) {
    pqxx::connection connection(TestConnection(test_database_.name(), role));
    pqxx::nontransaction session(connection);
    return session.exec(sql)[0][0].as<std::string>();
  }

  TestDatabase test_database_{migrations::common()};
  const ids::LandlordId one_ = ids::LandlordId::Random();
  const ids::LandlordId other_ = ids::LandlordId::Random();
};

TEST_F(AttemptsTest, TheServiceCannotTakeItDown) {
  const Attempt attempts[] = {
      {"ALTER TABLE outbox DISABLE ROW LEVEL SECURITY"},
      {"ALTER TABLE outbox NO FORCE ROW LEVEL SECURITY"},
      {"DROP POLICY landlords ON outbox"},
      {"ALTER POLICY landlords ON outbox USING (true)"},
      {"CREATE POLICY mine ON outbox USING (true)"},
      {"ALTER TABLE outbox OWNER TO CURRENT_USER"},
      {"ALTER TABLE outbox ADD COLUMN more text"},
      {"DROP TABLE inbox"},
      {"TRUNCATE outbox"},
      {"CREATE INDEX mine ON outbox (topic)"},
      {"CREATE TABLE mine (k integer)"},
      {"CREATE TABLE mine (k uuid REFERENCES outbox (message_id))", false},
      {"CREATE TEMPORARY TABLE outbox (k integer)"},
      {"CREATE VIEW mine AS SELECT landlord_id FROM outbox"},
      {"CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'"},
      {"CREATE OR REPLACE FUNCTION veille_now() RETURNS timestamptz LANGUAGE sql RETURN now()"},
      {"ALTER FUNCTION claim_messages(integer, bigint) SECURITY INVOKER"},
      {"ALTER FUNCTION claim_messages(integer, bigint) SET search_path = pg_temp"},
      {"DROP FUNCTION claim_messages(integer, bigint)"},
      {"CREATE SCHEMA mine"},
      {"ALTER SCHEMA public RENAME TO mine"},
      {"GRANT SELECT ON audit_events_waiting TO CURRENT_USER"},
      {"SELECT landlord_id FROM audit_events_waiting"},
      {"INSERT INTO schema_migrations (scope, version, name, checksum) VALUES ('x', 1, 'x', 'x')"},
      {"DELETE FROM schema_migrations"},
      {"CREATE TRIGGER mine BEFORE UPDATE ON outbox FOR EACH ROW "
       "EXECUTE FUNCTION suppress_redundant_updates_trigger()"},
      {"SET LOCAL ROLE veille_owner"},
      {"SET LOCAL ROLE postgres", false},
      {"SET SESSION AUTHORIZATION veille_owner", false},
      {"ALTER ROLE CURRENT_USER BYPASSRLS", false},
      {"CREATE ROLE mine", false},
      {"GRANT veille_owner TO veille_service", false},
      {"COPY outbox TO PROGRAM 'true'", false},
      {"SELECT rolpassword FROM pg_authid", false},
      {"SELECT pg_read_file('postgresql.conf')", false},
  };
  for (const Attempt& attempt : attempts) {
    const std::string state = Try(test_database_, kServiceRole, attempt.sql);
    EXPECT_EQ(state, kNotAllowed) << attempt.sql;
    if (attempt.owner_may) {
      EXPECT_EQ(Try(test_database_, kOwnerRole, attempt.sql), "") << attempt.sql;
    }
  }
  EXPECT_EQ(Try(test_database_, kServiceRole, "SELECT landlord_id FROM outbox"), "");
}

// It asks for rows as they are or for an error: an error it gets.
TEST_F(AttemptsTest, SwitchedOffForASessionItAnswersNothing) {
  const std::string named =
      absl::StrCat("SET LOCAL veille.landlords = '{", one_.ToString(), "}'; ");
  EXPECT_EQ(Try(test_database_, kServiceRole,
                named + "SET LOCAL row_security = off; SELECT landlord_id FROM outbox"),
            kNotAllowed);
  EXPECT_EQ(Try(test_database_, kServiceRole, named + "SELECT landlord_id FROM outbox"), "");
}

TEST_F(AttemptsTest, AQueueIsClaimedThroughItsFunctionAlone) {
  EXPECT_EQ(ValueFor(kServiceRole, "SELECT count(*) FROM outbox"), "0");
  EXPECT_EQ(ValueFor(kServiceRole, "SELECT count(*) FROM claim_messages(10, 3600000)"), "2");
  EXPECT_EQ(ValueFor(kServiceRole, "SELECT count(*) FROM claim_messages(10, 3600000)"), "0");
  EXPECT_EQ(ValueFor(kServiceRole, "SELECT waiting FROM count_messages()"), "2");
  // The owner by itself gets nothing by it: nobody called it in.
  test_database_.Query("UPDATE outbox SET due_time = now() - interval '1 hour'");
  EXPECT_EQ(ValueFor(kOwnerRole, "SELECT count(*) FROM claim_messages(10, 3600000)"), "0");
}

// Somebody planted tables of the same names where the service looks first.
TEST_F(AttemptsTest, APlantedSearchPathLeadsNoFunctionAstray) {
  test_database_.Query(absl::StrCat(
      "CREATE SCHEMA planted; CREATE TABLE planted.outbox AS SELECT * FROM public.outbox LIMIT 0; "
      "GRANT USAGE ON SCHEMA planted TO ",
      kServiceRole, "; GRANT ALL ON planted.outbox TO ", kServiceRole));
  const std::string led = "SET search_path = planted, public; ";
  EXPECT_EQ(ValueFor(kServiceRole, led + "SELECT 'outbox'::regclass::oid = "
                                         "'planted.outbox'::regclass::oid"),
            "t");
  EXPECT_EQ(ValueFor(kServiceRole, led + "SELECT count(*) FROM claim_messages(10, 3600000)"), "2");
}

// --- the roles
// ------------------------------------------------------------------------------------

class RolesTest : public ::testing::Test {
 protected:
  // A role of this test alone, with `attributes`.
  std::string Role(const std::string& attributes = "") {
    roles_.push_back("test_" + absl::StrReplaceAll(ids::Uuid::Random().ToString(), {{"-", ""}}));
    look_.Query(absl::StrCat("CREATE ROLE ", roles_.back(), " LOGIN ", attributes));
    return roles_.back();
  }
  ~RolesTest() override {
    database_.reset();
    other_.reset();
    for (const std::string& role : roles_) {
      look_.Query(absl::StrCat("DROP OWNED BY ", role, "; DROP ROLE ", role));
    }
  }
  static absl::Status Serve(const TestDatabase& database, const std::string& role) {
    DatabaseOptions options = database.options(1);
    options.connection = TestConnection(database.name(), role);
    const auto opened = Database::Open(options);
    if (!opened.ok()) return opened.status();
    return async::SyncWait(CheckOwnRole(**opened));
  }

  TestDatabase look_{{}};
  std::optional<TestDatabase> database_{std::in_place, std::vector<Migration>()};
  std::optional<TestDatabase> other_{std::in_place, std::vector<Migration>()};
  std::vector<std::string> roles_;
};

TEST_F(RolesTest, ServeRefusesWhomTheWallDoesNotHold) {
  const std::string owner = std::string(kOwnerRole);
  TestDatabase database(migrations::common());
  EXPECT_THAT(Serve(database, kServiceRole), IsOk());
  const std::pair<std::string, std::string> refused[] = {
      {"postgres", "superuser"},
      {owner, "owns"},
  };
  for (const auto& [role, why] : refused) {
    const absl::Status status = Serve(database, role);
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition)) << role;
    EXPECT_THAT(std::string(status.message()), HasSubstr(why));
  }
  // These may connect to a database whose doors are open.
  const std::pair<std::string, std::string> mighty[] = {
      {"BYPASSRLS", "bypass"},
      {"REPLICATION", "replicate"},
      {"CREATEROLE", "create roles"},
      {"IN ROLE " + owner, "owner"},
      {"NOINHERIT IN ROLE " + owner, "owner"},
      {"IN ROLE pg_execute_server_program", "bypass"},
  };
  database_->Query("GRANT CONNECT ON DATABASE " + database_->name() + " TO PUBLIC");
  EXPECT_THAT(Serve(*database_, Role()), IsOk());
  for (const auto& [attributes, why] : mighty) {
    const absl::Status status = Serve(*database_, Role(attributes));
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition)) << attributes;
    EXPECT_THAT(std::string(status.message()), HasSubstr(why)) << attributes;
  }
}

TEST_F(RolesTest, MigrateRefusesARoleThatIsNoneToServeWith) {
  const auto migrate = [this](const std::string& role) {
    return Migrate(database_->owner_options(), migrations::common(), role);
  };
  EXPECT_THAT(std::string(migrate("nobody_such").status().message()),
              HasSubstr("there is no database role nobody_such"));
  for (const std::string& role : {std::string(kOwnerRole), Role("BYPASSRLS"), Role("CREATEROLE")}) {
    EXPECT_THAT(migrate(role), StatusIs(absl::StatusCode::kFailedPrecondition)) << role;
  }
  EXPECT_THAT(migrate(Role()), IsOk());
}

TEST_F(RolesTest, AServiceCannotConnectToTheDatabaseOfAnother) {
  const std::string registry = Role();
  const std::string referral = Role();
  ASSERT_THAT(Migrate(database_->owner_options(), With(migrations::tenant_registry()), registry),
              IsOk());
  ASSERT_THAT(Migrate(other_->owner_options(), With(migrations::referral()), referral), IsOk());
  const auto connects = [](const TestDatabase& database, const std::string& role) {
    try {
      return pqxx::connection(TestConnection(database.name(), role)).is_open();
    } catch (const pqxx::broken_connection&) {
      return false;
    }
  };
  EXPECT_TRUE(connects(*database_, registry));
  EXPECT_TRUE(connects(*other_, referral));
  EXPECT_FALSE(connects(*other_, registry));
  EXPECT_FALSE(connects(*database_, referral));
}

}  // namespace
}  // namespace veille::db
