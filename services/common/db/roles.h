#pragma once

// The two roles of a service's database. The owner migrates: all that is in it is the owner's. The
// service's role works: it reads and writes rows, of the landlords that a transaction names
// (migrations/0006_protect_rows.sql), and can change nothing that holds it to them.

#include <pqxx/connection>
#include <string>

#include "absl/status/status.h"
#include "common/async/task.h"
#include "common/db/database.h"

namespace veille::db {

// Whether there is such a role, and whether it is not too mighty to serve. FAILED_PRECONDITION says
// what to do.
absl::Status CheckServiceRole(pqxx::connection& owner, const std::string& role);

// Gives the role what serving needs and takes all else from it, and everything from PUBLIC. By the
// owner of the database. FAILED_PRECONDITION when a table with landlords has no wall, or when the
// owner's word is not enough.
absl::Status GrantService(pqxx::connection& owner, const std::string& role);

// Whether this process connects as a role that row-level security holds: FAILED_PRECONDITION for a
// superuser, an owner of tables, and whoever may become one.
async::Task<absl::Status> CheckOwnRole(Database& database);

}  // namespace veille::db
