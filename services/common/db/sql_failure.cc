#include "common/db/sql_failure.h"

#include <pqxx/except>
#include <string>

#include "absl/strings/match.h"
#include "common/status/errors.h"
#include "common/telemetry/log.h"

namespace veille::db {
namespace {

using Next = SqlFailure::Next;

SqlFailure FromSqlState(const std::string& state, std::string_view query_name) {
  if (state == "40001" || state == "40P01") return {Next::kRunAgain, errors::DatabaseUnavailable()};
  if (state == "57014") return {Next::kGiveUp, errors::DeadlinePassed()};
  // 57P0x: the server stops or starts; 08xxx: the connection; 25006: a standby was promoted away;
  // 25P03: we stood still for so long that the server ended it.
  if (absl::StartsWith(state, "57P") || absl::StartsWith(state, "08") || state == "25006" ||
      state == "25P03") {
    return {Next::kReconnect, errors::DatabaseUnavailable()};
  }
  log::Error("statement failed",
             {{"query", log::Text{query_name}}, {"sqlstate", log::Text{state}}});
  // 53xxx: no memory, disk or connection left. It may pass.
  if (absl::StartsWith(state, "53")) return {Next::kGiveUp, errors::DatabaseUnavailable()};
  return {Next::kGiveUp, errors::Internal()};
}

}  // namespace

SqlFailure ToSqlFailure(std::exception_ptr exception, std::string_view query_name) {
  try {
    std::rethrow_exception(exception);
  } catch (const pqxx::in_doubt_error&) {
    log::Warning("commit in doubt", {{"query", log::Text{query_name}}});
    return {Next::kLookUp, errors::DatabaseUnavailable()};
  } catch (const pqxx::statement_completion_unknown&) {
    return {Next::kLookUp, errors::DatabaseUnavailable()};
  } catch (const pqxx::serialization_failure&) {
    return {Next::kRunAgain, errors::DatabaseUnavailable()};
  } catch (const pqxx::deadlock_detected&) {
    return {Next::kRunAgain, errors::DatabaseUnavailable()};
  } catch (const pqxx::broken_connection&) {
    return {Next::kReconnect, errors::DatabaseUnavailable()};
  } catch (const pqxx::sql_error& error) {
    return FromSqlState(error.sqlstate(), query_name);
  } catch (const std::exception&) {
    // A column that cannot be read, a parameter too many: a fault of ours.
    log::Error("statement misused", {{"query", log::Text{query_name}}});
    return {Next::kGiveUp, errors::Internal()};
  }
}

}  // namespace veille::db
