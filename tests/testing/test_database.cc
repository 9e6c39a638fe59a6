#include "testing/test_database.h"

#include <cstdlib>
#include <iostream>
#include <optional>
#include <pqxx/connection>
#include <pqxx/nontransaction>
#include <pqxx/result>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/db/migrator.h"
#include "common/ids/uuid.h"

namespace veille::testing {
namespace {

// A machine that tests keep busy may take longer to accept a connection than a service would wait.
constexpr absl::Duration kPatience = absl::Seconds(30);

std::string FromEnvironment(const char* name, const char* other) {
  for (const char* variable : {name, other}) {
    const char* value = std::getenv(variable);
    if (value != nullptr && *value != '\0') return value;
  }
  throw std::runtime_error(
      absl::StrCat("this test needs a PostgreSQL (", other,
                   " is not set): run it as `deploy/dev/private-postgres PROGRAM`"));
}

pqxx::result Execute(pqxx::connection& connection, const std::string& sql) {
  pqxx::nontransaction session(connection);
  return session.exec(sql);
}

std::string SuperuserConnection(const std::string& database) {
  return TestConnection(database, FromEnvironment("VEILLE_TEST_PGUSER", "PGUSER"));
}

bool Exists(pqxx::connection& server, const std::string& database) {
  return !Execute(server,
                  absl::StrCat("SELECT FROM pg_database WHERE datname = ", server.quote(database)))
              .empty();
}

// The template, made when this is the first test of the run that needs it. It gets its name when it
// is whole, so that a process which dies in the middle leaves none.
std::string TemplateOf(const std::vector<db::Migration>& migrations) {
  std::string schema;
  for (const db::Migration& step : migrations) {
    absl::StrAppend(&schema, step.scope, step.version, step.checksum, "\n");
  }
  pqxx::connection server(SuperuserConnection("postgres"));
  const std::string hash =
      Execute(server, absl::StrCat("SELECT left(md5(", server.quote(schema), "), 16)"))[0][0]
          .as<std::string>();
  const std::string name = "veille_template_" + hash;
  const std::string unfinished = name + "_unfinished";
  // One process makes it, the others wait. The lock ends with the connection.
  Execute(server, absl::StrCat("SELECT pg_advisory_lock(hashtextextended('", name, "', 0))"));
  if (Exists(server, name)) return name;
  const std::string drop = absl::StrCat("DROP DATABASE IF EXISTS ", unfinished, " WITH (FORCE)");
  Execute(server, "SET client_min_messages = warning");
  Execute(server, drop);
  Execute(server, absl::StrCat("CREATE DATABASE ", unfinished, " OWNER ", kOwnerRole));
  {
    pqxx::connection inside(SuperuserConnection(unfinished));
    Execute(inside, absl::StrCat("ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO ", kServiceRole));
  }
  db::DatabaseOptions options;
  options.connection = TestConnection(unfinished, kOwnerRole);
  const auto migrated = db::Migrate(options, migrations, kServiceRole);
  if (!migrated.ok()) {
    Execute(server, drop);
    throw std::runtime_error(std::string(migrated.status().message()));
  }
  // The session that migrated may take a moment to end.
  for (int again = 0;; ++again) {
    try {
      Execute(server, absl::StrCat("ALTER DATABASE ", unfinished, " RENAME TO ", name));
      return name;
    } catch (const pqxx::sql_error&) {
      if (again == 100) throw;
      absl::SleepFor(absl::Milliseconds(20));
    }
  }
}

}  // namespace

std::string TestConnection(const std::string& database, const std::string& role) {
  return absl::StrCat("host=", FromEnvironment("VEILLE_TEST_PGHOST", "PGHOST"), " user=", role,
                      " dbname=", database);
}

// Connects when it is used first, and again when the server has restarted.
class TestDatabase::Connection {
 public:
  explicit Connection(std::string target) : target_(std::move(target)) {}

  pqxx::result Run(const std::string& sql) {
    try {
      if (!connection_.has_value()) connection_.emplace(target_);
      return Execute(*connection_, sql);
    } catch (const pqxx::broken_connection&) {
      connection_.reset();
      connection_.emplace(target_);
      return Execute(*connection_, sql);
    }
  }

 private:
  const std::string target_;
  std::optional<pqxx::connection> connection_;
};

TestDatabase::TestDatabase(const std::vector<db::Migration>& migrations) {
  const std::string source = TemplateOf(migrations);
  name_ = "test_" + absl::StrReplaceAll(ids::Uuid::Random().ToString(), {{"-", ""}});
  pqxx::connection server(SuperuserConnection("postgres"));
  Execute(server, absl::StrCat("CREATE DATABASE ", name_, " TEMPLATE ", source,
                               " STRATEGY FILE_COPY OWNER ", kOwnerRole));
  // A clone has its own rights of connecting.
  Execute(server, absl::StrCat("REVOKE ALL ON DATABASE ", name_, " FROM PUBLIC; ",
                               "GRANT CONNECT ON DATABASE ", name_, " TO ", kServiceRole));
  connection_ = std::make_unique<Connection>(SuperuserConnection(name_));
}

TestDatabase::~TestDatabase() {
  connection_.reset();
  try {
    pqxx::connection server(SuperuserConnection("postgres"));
    Execute(server, absl::StrCat("DROP DATABASE ", name_, " WITH (FORCE)"));
  } catch (const std::exception& error) {
    std::cerr << "database " << name_ << " stays behind: " << error.what() << "\n";
  }
}

db::DatabaseOptions TestDatabase::options(int lanes) const {
  db::DatabaseOptions options;
  options.connection = TestConnection(name_);
  options.lanes = lanes;
  options.patience = kPatience;
  return options;
}

db::DatabaseOptions TestDatabase::owner_options(int lanes) const {
  db::DatabaseOptions options;
  options.connection = TestConnection(name_, kOwnerRole);
  options.lanes = lanes;
  options.patience = kPatience;
  return options;
}

std::vector<std::vector<std::string>> TestDatabase::Query(const std::string& sql) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : connection_->Run(sql)) {
    std::vector<std::string>& values = rows.emplace_back();
    for (const auto& field : row) values.emplace_back(field.is_null() ? "NULL" : field.c_str());
  }
  return rows;
}

std::string TestDatabase::Value(const std::string& sql) {
  const auto rows = Query(sql);
  if (rows.size() != 1 || rows[0].size() != 1) {
    throw std::runtime_error(absl::StrCat("not one value but ", rows.size(), " rows: ", sql));
  }
  return rows[0][0];
}

void TestDatabase::MoveClock(absl::Duration offset) {
  Query(
      absl::StrCat("CREATE OR REPLACE FUNCTION veille_now() RETURNS timestamptz LANGUAGE sql "
                   "STABLE PARALLEL SAFE RETURN now() + interval '",
                   absl::ToInt64Microseconds(offset), " microseconds'"));
}

}  // namespace veille::testing
