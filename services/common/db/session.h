#pragma once

// One connection to PostgreSQL, and statements sent over it, several in one round trip.
//
// A round trip costs what a small statement costs: two threads wake each other. So BEGIN, and whose
// rows the transaction is about, travel with the first statement, and a statement whose rows nobody
// reads waits for the next one whose rows are read, or for COMMIT. That is libpq's pipeline mode;
// libpqxx 6 has none for statements with parameters and does not lend its connection, so this
// stands on libpq itself and keeps libpqxx's names for what goes wrong.
//
// Throws pqxx::broken_connection when the connection is gone, pqxx::sql_error with the SQLSTATE
// (and no text: it can quote a value) when a statement fails, pqxx::in_doubt_error when the
// connection went while COMMIT was under way.
//
// Threads: one. After any of these exceptions: `Rollback()`, then `is_open()` tells whether it can
// go on.

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "common/db/query.h"
#include "common/db/sql_values.h"
#include "common/ids/uuid.h"

struct pg_conn;

namespace veille::db {

// The statement that names the landlords of a transaction.
const Query& ActForQuery();

class Session {
 public:
  // Connects, as libpq's keywords say.
  explicit Session(const std::string& connection);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  bool is_open() const;

  // A statement of the session itself (SET …), outside any transaction.
  void Execute(const std::string& sql);

  // Begins a transaction; sends nothing yet.
  void Begin(bool read_only, const std::vector<ids::LandlordId>& landlords = {});
  // From here on the transaction sees and takes in the rows of these landlords, and of no others.
  // Travels with the next statement.
  void ActFor(const std::vector<ids::LandlordId>& landlords);
  // A statement whose rows nobody reads. Its failure is that of the next `Run` or `Commit`.
  void Queue(const Query& query, std::span<const Parameter> parameters);
  Rows Run(const Query& query, std::span<const Parameter> parameters);
  // What only read is ended without waiting for the answer. `meanwhile`, if any, is called when
  // COMMIT is on its way and not answered yet.
  void Commit(const std::function<void()>& meanwhile = nullptr);
  // Never fails: what cannot be rolled back is closed. Nothing happens outside a transaction.
  void Rollback() noexcept;

  // The statement sent last, or the one that failed.
  std::string_view last_query() const { return last_query_; }

 private:
  struct Closer {
    void operator()(pg_conn* connection) const;
  };
  struct Sent {
    std::string_view query;
    bool prepares = false;
  };
  enum class Stage { kIdle, kToBegin, kBegun };

  void SendLandlords(std::span<const ids::LandlordId> landlords);
  void Send(const Query& query, std::span<const Parameter> parameters);
  // Ends the pipeline: the server answers what was sent.
  void Sync();
  // Waits for the answers; the last one's rows.
  Rows Receive();
  // The answer to a COMMIT that nobody waited for.
  void ReceiveOutstanding();
  void ThrowUnlessSent(int sent);

  std::unique_ptr<pg_conn, Closer> connection_;
  absl::flat_hash_set<std::string> prepared_;
  std::vector<Sent> sent_;  // whose answers were not read yet
  Stage stage_ = Stage::kIdle;
  bool read_only_ = false;
  std::vector<ids::LandlordId> landlords_;  // of a transaction that is to begin
  std::string_view last_query_ = "connect";
};

}  // namespace veille::db
