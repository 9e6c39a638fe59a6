#pragma once

// A transaction that can be seen. Only `Database` makes them; they live for one call of the body
// and are passed to stores by reference. SQL is reachable through them alone.

#include <pqxx/transaction_base>
#include <utility>

#include "common/db/query.h"
#include "common/db/sql_values.h"

namespace veille::db {

// Prepares a query on its connection the first time it is used there.
class StatementCache {
 public:
  virtual ~StatementCache() = default;
  // The name to execute. Registers the text when this connection does not have it yet.
  virtual const std::string& Prepared(const Query& query) = 0;
};

// Reads only: the database refuses a write in it.
class ReadTx {
 public:
  ReadTx(pqxx::transaction_base& transaction, StatementCache& statements)
      : transaction_(transaction), statements_(statements) {}
  ReadTx(const ReadTx&) = delete;
  ReadTx& operator=(const ReadTx&) = delete;

  // Runs a named statement. Throws what libpqxx throws: the lane turns it into a status, once.
  template <typename... Args>
  Rows Run(const Query& query, const Args&... args) {
    return Rows(transaction_.exec_prepared(statements_.Prepared(query), ToSql(args)...));
  }

 private:
  pqxx::transaction_base& transaction_;
  StatementCache& statements_;
};

// Reads and writes; commits when the body returns OK, rolls back otherwise.
class WriteTx : public ReadTx {
 public:
  using ReadTx::ReadTx;
};

}  // namespace veille::db
