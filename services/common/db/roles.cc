#include "common/db/roles.h"

#include <pqxx/result>
#include <pqxx/transaction>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/db/query.h"

namespace veille::db {
namespace {

// What makes `$1`, or one that it may become, unfit to serve; no row when there is no such role.
// Whoever may create roles may give itself any; whoever may replicate, or reach the server's files,
// reads all there is.
// crosses landlords: roles have none.
constexpr Query kJudgeRole{"pg_roles.judge", R"sql(
  SELECT bool_or(m.rolsuper) AS is_superuser,
         bool_or(m.rolbypassrls OR m.rolreplication
                 OR m.rolname IN ('pg_read_server_files', 'pg_write_server_files',
                                  'pg_execute_server_program')) AS passes_walls,
         bool_or(m.rolcreaterole) AS makes_roles,
         bool_or(m.oid IN (SELECT c.relowner FROM pg_class AS c
                           WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
                           UNION ALL
                           SELECT d.datdba FROM pg_database AS d
                           WHERE d.datname = current_database())) AS owns
  FROM pg_roles AS r JOIN pg_roles AS m ON pg_has_role(r.oid, m.oid, 'MEMBER')
  WHERE r.rolname = coalesce($1::name, current_user) GROUP BY r.oid
)sql"};

// Tables whose rows belong to landlords: `has_wall` when all of them are held to them.
constexpr std::string_view kTables = R"sql(
  SELECT c.oid::regclass::text AS name, c.relispartition AS is_part,
         EXISTS (SELECT FROM pg_attribute AS a
                 WHERE a.attrelid = c.oid AND a.attname = 'landlord_id' AND NOT a.attisdropped)
           AS has_landlord,
         c.relrowsecurity AND c.relforcerowsecurity AS has_wall
  FROM pg_class AS c
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1
)sql";

// $role and $database are names, quoted.
constexpr std::string_view kGrants = R"sql(
  REVOKE ALL ON DATABASE $database FROM PUBLIC, $role;
  GRANT CONNECT ON DATABASE $database TO $role;
  REVOKE ALL ON SCHEMA public FROM PUBLIC, $role;
  GRANT USAGE ON SCHEMA public TO $role;
  REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, $role;
  REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC, $role;
  GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO $role;
  REVOKE ALL ON ALL ROUTINES IN SCHEMA public FROM PUBLIC, $role;
  GRANT EXECUTE ON ALL ROUTINES IN SCHEMA public TO $role;
)sql";

// Only the owner of the database can take these from PUBLIC.
constexpr std::string_view kHasTooMuch = R"sql(
  SELECT has_database_privilege($1, current_database(), 'TEMPORARY, CREATE')
      OR has_schema_privilege($1, 'public', 'CREATE')
)sql";

absl::Status Unfit(const std::string& role, const std::string& why) {
  return absl::FailedPreconditionError(absl::StrCat(
      "the database role ", role, " ", why,
      ": row-level security would not hold it. Serve as a role of its own that owns nothing "
      "(deploy/postgres/README.md)"));
}

absl::Status Judge(const std::string& role, bool is_superuser, bool passes_walls, bool makes_roles,
                   bool owns) {
  if (is_superuser) return Unfit(role, "is a superuser");
  if (passes_walls) return Unfit(role, "may bypass row-level security or replicate");
  if (makes_roles) return Unfit(role, "may create roles");
  if (owns) return Unfit(role, "owns the database or its tables, or may become their owner");
  return absl::OkStatus();
}

absl::Status GrantTables(pqxx::work& transaction, const std::string& role) {
  for (const auto& table : transaction.exec(std::string(kTables))) {
    const std::string name = table["name"].as<std::string>();
    const bool has_landlord = table["has_landlord"].as<bool>();
    if (has_landlord && !table["has_wall"].as<bool>()) {
      return absl::FailedPreconditionError(
          absl::StrCat("the table ", name,
                       " has landlords and no row-level security: its migration lacks "
                       "veille_protect"));
    }
    if (table["is_part"].as<bool>()) continue;  // reached through the whole
    transaction.exec(absl::StrCat("GRANT SELECT", has_landlord ? ", INSERT, UPDATE, DELETE" : "",
                                  " ON ", name, " TO ", role));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckServiceRole(pqxx::connection& owner, const std::string& role) {
  pqxx::work transaction(owner);
  const auto found = transaction.exec_params(std::string(kJudgeRole.sql), role);
  if (found.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "there is no database role ", role,
        " to serve with: create it first (deploy/postgres/README.md), or name another with "
        "--service-role"));
  }
  return Judge(role, found[0]["is_superuser"].as<bool>(), found[0]["passes_walls"].as<bool>(),
               found[0]["makes_roles"].as<bool>(), found[0]["owns"].as<bool>());
}

absl::Status GrantService(pqxx::connection& owner, const std::string& role) {
  pqxx::work transaction(owner);
  const std::string quoted = transaction.quote_name(role);
  const std::string database = transaction.quote_name(owner.dbname());
  transaction.exec(
      absl::StrReplaceAll(std::string(kGrants), {{"$role", quoted}, {"$database", database}}));
  absl::Status granted = GrantTables(transaction, quoted);
  if (!granted.ok()) return granted;
  if (transaction.exec_params(std::string(kHasTooMuch), role)[0][0].as<bool>()) {
    return absl::FailedPreconditionError(
        "everybody may create in this database, and this role cannot change that: migrate as the "
        "owner of the database (deploy/postgres/README.md)");
  }
  transaction.commit();
  return absl::OkStatus();
}

async::Task<absl::Status> CheckOwnRole(Database& database) {
  const Limits limits = Within(absl::Seconds(5));
  const absl::Status judged = co_await database.Read(limits, [](ReadTx& tx) -> absl::Status {
    const Rows rows = tx.Run(kJudgeRole, std::nullopt);
    if (rows.empty()) return absl::InternalError("no role");
    return Judge("of this connection", rows[0].Get<bool>("is_superuser"),
                 rows[0].Get<bool>("passes_walls"), rows[0].Get<bool>("makes_roles"),
                 rows[0].Get<bool>("owns"));
  });
  co_return judged;
}

}  // namespace veille::db
