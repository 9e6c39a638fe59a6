#include "common/db/migrator.h"

#include <map>
#include <pqxx/connection>
#include <pqxx/result>
#include <pqxx/transaction>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/db/roles.h"
#include "common/status/macros.h"
#include "common/telemetry/log.h"

namespace veille::db {
namespace {

constexpr int64_t kMigrationLock = 0x7665696c6c65;  // "veille"

constexpr std::string_view kCreateTable = R"sql(
  CREATE TABLE IF NOT EXISTS schema_migrations (
    scope text NOT NULL, version integer NOT NULL, name text NOT NULL, checksum text NOT NULL,
    applied_time timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT schema_migrations_pk PRIMARY KEY (scope, version)))sql";

// crosses landlords: the schema belongs to the whole database.
constexpr Query kListApplied{"schema_migrations.list",
                             "SELECT scope, version, checksum FROM schema_migrations"};

using Applied = std::map<std::pair<std::string, int>, std::string>;

// OK when the step is applied as it is now, NOT_FOUND when it is missing.
absl::Status CheckStep(const Applied& applied, const Migration& step) {
  const auto found = applied.find({step.scope, step.version});
  if (found == applied.end()) {
    return absl::NotFoundError(absl::StrCat("the schema lacks ", step.scope, " ", step.version,
                                            " (", step.name, "): run `migrate` first"));
  }
  if (found->second != step.checksum) {
    return absl::FailedPreconditionError(
        absl::StrCat("migration ", step.scope, " ", step.version, " (", step.name,
                     ") was applied with another text than this binary has"));
  }
  return absl::OkStatus();
}

Applied ReadApplied(const pqxx::result& rows) {
  Applied applied;
  for (const auto& row : rows) {
    applied[{row[0].as<std::string>(), row[1].as<int>()}] = row[2].as<std::string>();
  }
  return applied;
}

}  // namespace

absl::StatusOr<int> Migrate(const DatabaseOptions& options, const std::vector<Migration>& all,
                            const std::string& service_role) {
  try {
    std::string target = options.connection;
    if (!options.password.empty()) {
      absl::StrAppend(&target, " password='",
                      absl::StrReplaceAll(options.password, {{"\\", "\\\\"}, {"'", "\\'"}}), "'");
    }
    pqxx::connection connection(target);
    connection.set_verbosity(pqxx::connection::terse);
    RETURN_IF_ERROR(CheckServiceRole(connection, service_role));
    {
      pqxx::work lock(connection);
      // Of the session: it is let go when the connection ends, however it ends.
      lock.exec_params("SELECT pg_advisory_lock($1)", kMigrationLock);
      lock.exec("SET client_min_messages = warning");
      lock.exec("SET veille.every_landlord = 'on'");
      lock.exec(std::string(kCreateTable));
      lock.commit();
    }
    int count = 0;
    for (const Migration& step : all) {
      pqxx::work transaction(connection);
      const Applied applied = ReadApplied(transaction.exec(std::string(kListApplied.sql)));
      const absl::Status state = CheckStep(applied, step);
      if (state.ok()) continue;
      if (!absl::IsNotFound(state)) return state;
      transaction.exec(step.sql);
      transaction.exec_params(
          "INSERT INTO schema_migrations (scope, version, name, checksum) VALUES ($1, $2, $3, $4)",
          step.scope, step.version, step.name, step.checksum);
      transaction.commit();
      log::Info("migrated", {{"scope", log::Text{step.scope}},
                             {"version", step.version},
                             {"name", log::Text{step.name}}});
      ++count;
    }
    RETURN_IF_ERROR(GrantService(connection, service_role));
    return count;
  } catch (const pqxx::broken_connection&) {
    return absl::UnavailableError("the database does not answer");
  } catch (const std::exception& error) {
    // What to mend. The terse text names a constraint, and not the row that breaks it.
    return absl::InternalError(absl::StrCat("migration failed: ", error.what()));
  }
}

async::Task<absl::Status> CheckSchema(Database& database, const std::vector<Migration>& all) {
  const Limits limits = Within(absl::Seconds(5));
  const auto applied = co_await database.Read(limits, [](ReadTx& tx) -> absl::StatusOr<Applied> {
    Applied found;
    for (const Row row : tx.Run(kListApplied)) {
      found[{row.Get<std::string>("scope"), row.Get<int>("version")}] =
          row.Get<std::string>("checksum");
    }
    return found;
  });
  if (!applied.ok() && !absl::IsInternal(applied.status())) {
    co_return absl::UnavailableError("the database does not answer");
  }
  if (!applied.ok()) {
    co_return absl::FailedPreconditionError(
        "the schema cannot be read: run `migrate` first, and check the database's address");
  }
  for (const Migration& step : all) {
    absl::Status state = CheckStep(*applied, step);
    if (!state.ok()) co_return absl::FailedPreconditionError(state.message());
  }
  co_return absl::OkStatus();
}

}  // namespace veille::db
