#pragma once

// A PostgreSQL database, reached through lanes.
//
// A lane is a thread that owns one connection (session.h). `co_await db.Read(limits, body)` and
// `co_await db.Write(limits, body)` run `body` on a lane, inside one transaction, and continue the
// coroutine there:
//
//   const absl::StatusOr<Campaign> campaign =
//       co_await db.Write(limits, [&](db::WriteTx& tx) -> absl::StatusOr<Campaign> { … });
//
// The contract of a body:
//  * It returns absl::StatusOr<T> or absl::Status. OK commits, an error rolls back and is returned.
//  * It may run again: after a serialization failure, a deadlock, a broken connection, and after a
//    COMMIT whose fate is unknown. So it keeps no state outside, and a body that writes is
//    idempotent: it begins by taking its request id (or another unique key, or a fence), which
//    tells on the fresh connection whether the first run was committed. Nothing is retried blindly.
//  * It does nothing slow but SQL: no RPC, no wait, no log of values.
//
// Errors added by the database: DEADLINE_EXCEEDED (DEADLINE_PASSED) when the deadline passes before
// or while it runs, CANCELLED when the caller gave up before it ran, UNAVAILABLE
// (DATABASE_UNAVAILABLE) when no connection can be had, INTERNAL for a fault of a statement; what
// PostgreSQL said is logged as an SQLSTATE with the query's name, never sent.
//
// Rows: the database shows a transaction the rows of the landlords that its `Limits` name, and no
// others, and takes none of others in; see common/migrations/0006_protect_rows.sql. Where nobody is
// named nothing is found, but through the functions of the queues, which cross landlords.
//
// Threads: any number of callers. Ownership: outlives every caller; `Close()` joins the lanes.

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/async/task.h"
#include "common/db/transaction.h"
#include "common/ids/uuid.h"
#include "common/telemetry/metrics.h"

namespace veille::db {

struct DatabaseOptions {
  // libpq keywords ("host=/run/postgresql dbname=veille_calls user=…"); a password comes from a
  // file, in `password`, so that it stands in no process list and no log.
  std::string connection;
  std::string password;
  int lanes = 8;
  size_t max_waiting = 4096;  // more work than this is refused with OVERLOADED
  // How long a lane tries to get its connection back before it answers UNAVAILABLE.
  absl::Duration patience = absl::Seconds(2);
};

// What bounds one piece of work.
struct Limits {
  absl::Time deadline;
  std::stop_token stop = {};
  std::vector<ids::LandlordId> landlords = {};  // whose rows it may read and write
};

// For work of the service's own (loops, batches): so much time from now.
Limits Within(absl::Duration timeout, std::vector<ids::LandlordId> landlords = {});

namespace internal {
struct Work {
  bool read_only = false;
  Limits limits;
  std::function<absl::Status(WriteTx&)> body;
};
template <typename R>
struct Outcome;  // maps what a body returns to its value
template <typename T>
struct Outcome<absl::StatusOr<T>> {
  using Type = T;
};
}  // namespace internal

class Database {
 public:
  // Starts the lanes and waits until one is connected: UNAVAILABLE if none is within `patience`.
  static absl::StatusOr<std::unique_ptr<Database>> Open(DatabaseOptions options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  template <typename Body>
  auto Read(Limits limits, Body body) -> async::Task<std::invoke_result_t<Body&, ReadTx&>> {
    return Execute<ReadTx>(true, std::move(limits), std::move(body));
  }
  template <typename Body>
  auto Write(Limits limits, Body body) -> async::Task<std::invoke_result_t<Body&, WriteTx&>> {
    return Execute<WriteTx>(false, std::move(limits), std::move(body));
  }

  // Answers what waits, then joins the lanes. Idempotent. No work may be handed in afterwards.
  void Close();

  // What the operator sees: lanes, how busy they are, and how many of them only a restart would
  // free. Safe from any thread, after Close too.
  void Expose(metrics::Scrape& scrape) const;
  int HangingLanes() const;

 private:
  class Lanes;
  explicit Database(std::unique_ptr<Lanes> lanes);

  struct RunAwaiter {
    Database* database;
    internal::Work* work;
    absl::Status result;
    std::coroutine_handle<> caller;

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> handle) {
      caller = handle;
      return database->Push(this);  // the last touch
    }
    absl::Status await_resume() { return std::move(result); }
  };
  // False when refused, with the awaiter's result set.
  bool Push(RunAwaiter* waiter);

  template <typename Tx, typename Body>
  async::Task<std::invoke_result_t<Body&, Tx&>> Execute(bool read_only, Limits limits, Body body) {
    using R = std::invoke_result_t<Body&, Tx&>;
    if constexpr (std::is_same_v<R, absl::Status>) {
      internal::Work work{read_only, std::move(limits),
                          [&body](WriteTx& tx) -> absl::Status { return body(tx); }};
      absl::Status status = co_await RunAwaiter{this, &work, {}, {}};
      co_return status;
    } else {
      std::optional<typename internal::Outcome<R>::Type> value;
      internal::Work work{read_only, std::move(limits), [&body, &value](WriteTx& tx) {
                            R result = body(tx);
                            if (!result.ok()) return result.status();
                            value.emplace(*std::move(result));
                            return absl::OkStatus();
                          }};
      absl::Status status = co_await RunAwaiter{this, &work, {}, {}};
      if (!status.ok()) co_return status;
      co_return *std::move(value);
    }
  }

  std::unique_ptr<Lanes> lanes_;
};

// A database with the limits of one request: what handlers use.
class BoundDatabase {
 public:
  BoundDatabase(Database& database, Limits limits)
      : database_(database), limits_(std::move(limits)) {}

  template <typename Body>
  auto Read(Body body) {
    return database_.Read(limits_, std::move(body));
  }
  template <typename Body>
  auto Write(Body body) {
    return database_.Write(limits_, std::move(body));
  }

 private:
  Database& database_;
  Limits limits_;
};

}  // namespace veille::db
