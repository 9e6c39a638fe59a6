#pragma once

// A database of its own for a test, in the private PostgreSQL of the run.
//
// As in operation one role owns and migrates it, and another works, held to the landlords that a
// transaction names. Only the test itself, by `Query`, is a superuser, who sees and may do all.
//
// The schema is migrated once per run, into a template; each TestDatabase is a clone of it, which
// costs some 20 ms, and is dropped at its end. Test processes may run side by side.

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/db/database.h"
#include "common/db/migration.h"

namespace veille::testing {

class TestDatabase {
 public:
  // Throws, which fails the test: without a server (the message says how to run it), and when a
  // migration fails.
  explicit TestDatabase(const std::vector<db::Migration>& migrations);
  ~TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;

  const std::string& name() const { return name_; }
  // For who works: the service's role.
  db::DatabaseOptions options(int lanes = 4) const;
  // For who migrates: the owner.
  db::DatabaseOptions owner_options(int lanes = 4) const;

  // Runs statements on a connection of its own, outside any lane: to arrange and to look. The rows
  // of the last one as text; NULL reads "NULL". A table that is made so, every role may write.
  std::vector<std::vector<std::string>> Query(const std::string& sql);
  // The only value of the only row.
  std::string Value(const std::string& sql);

  // Moves the database's clock to now + `offset` for all transactions that begin afterwards.
  void MoveClock(absl::Duration offset);

 private:
  class Connection;
  std::string name_;
  std::unique_ptr<Connection> connection_;
};

// The roles that deploy/dev/private-postgres makes.
inline constexpr char kOwnerRole[] = "veille_owner";
inline constexpr char kServiceRole[] = "veille_service";

// libpq keywords of a database of the private PostgreSQL. Throws like the constructor.
std::string TestConnection(const std::string& database, const std::string& role = kServiceRole);

}  // namespace veille::testing
