#pragma once

// Brings a database to the schema that this binary was built with.
//
// Steps run in order, each in its own transaction, under an advisory lock, so that two replicas
// started at once do not run one twice. A step that was applied with another text is refused: an
// applied step never changes. `CheckSchema` is what `serve` calls: it refuses an older schema (run
// `migrate` first) and accepts a newer one, since every migration leaves the previous release
// running.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/db/database.h"
#include "common/db/migration.h"

namespace veille::db {

// Applies what is missing, and gives `service_role` what serving needs (roles.h); the number of
// steps applied. Connects by itself, with `options`: as the owner of the database.
absl::StatusOr<int> Migrate(const DatabaseOptions& options, const std::vector<Migration>& all,
                            const std::string& service_role);

// FAILED_PRECONDITION when a step is missing or was applied with another text; UNAVAILABLE when the
// database does not answer.
async::Task<absl::Status> CheckSchema(Database& database, const std::vector<Migration>& all);

}  // namespace veille::db
