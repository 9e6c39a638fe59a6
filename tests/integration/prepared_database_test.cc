// What deploy/postgres/prepare.sql makes of a database.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <pqxx/connection>
#include <pqxx/except>
#include <pqxx/nontransaction>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/ids/uuid.h"
#include "testing/subprocess.h"
#include "testing/temporary_folder.h"
#include "testing/test_database.h"

namespace veille::db {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPerson[] = "Mme Martin, 3 rue des Lilas";

class PreparedDatabaseTest : public ::testing::Test {
 protected:
  PreparedDatabaseTest() {
    testing::Subprocess psql({"/usr/bin/env", "psql", "--quiet", "--no-psqlrc", "--dbname=postgres",
                              "--set=name=" + name_, "--file=" VEILLE_PREPARE_SQL});
    if (psql.Wait(absl::Seconds(20)) != 0) throw std::runtime_error("prepare.sql fails");
  }
  ~PreparedDatabaseTest() override {
    server_.Query(absl::StrCat("DROP DATABASE ", name_, " (FORCE)"));
    server_.Query(absl::StrCat("DROP ROLE ", name_, ", ", name_, "_owner"));
  }

  pqxx::connection Connect(const std::string& role) const {
    return pqxx::connection(testing::TestConnection(name_, role));
  }
  static void Run(pqxx::connection& connection, const std::string& sql) {
    pqxx::nontransaction(connection).exec(sql);
  }
  // Of the whole server.
  static std::string Log() { return testing::ContentOf(absl::StrCat(getenv("PGHOST"), "/log")); }

  const std::string name_ =
      absl::StrCat("prepared_", absl::StrReplaceAll(ids::Uuid::Random().ToString(), {{"-", "_"}}));
  testing::TestDatabase server_{{}};
};

TEST_F(PreparedDatabaseTest, TheServersLogHoldsNobodysData) {
  auto owner = Connect(name_ + "_owner");
  const std::string table = absl::StrCat("people_", name_.substr(9, 8));
  Run(owner, absl::StrCat("CREATE TABLE ", table, " (name text UNIQUE)"));
  owner.prepare("add", absl::StrCat("INSERT INTO ", table, " VALUES ($1)"));
  pqxx::nontransaction(owner).exec_prepared("add", kPerson);
  EXPECT_THROW(pqxx::nontransaction(owner).exec_prepared("add", kPerson), pqxx::unique_violation);
  EXPECT_THAT(Log(), AllOf(HasSubstr(table + "_name_key"), Not(HasSubstr(kPerson))));
}

TEST_F(PreparedDatabaseTest, TheRoleThatServesCannotChangeWhatIsLogged) {
  auto service = Connect(name_);
  for (const char* setting : {"log_error_verbosity = verbose", "log_parameter_max_length = -1"}) {
    EXPECT_THROW(Run(service, absl::StrCat("SET ", setting)), pqxx::insufficient_privilege);
  }
}

}  // namespace
}  // namespace veille::db
