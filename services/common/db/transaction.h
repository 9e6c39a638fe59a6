#pragma once

// A transaction that can be seen. Only `Database` makes them; they live for one call of the body
// and are passed to stores by reference. SQL is reachable through them alone.

#include <array>
#include <functional>
#include <utility>
#include <vector>

#include "common/db/query.h"
#include "common/db/session.h"
#include "common/db/sql_values.h"
#include "common/ids/uuid.h"

namespace veille::db {

// Reads only: the database refuses a write in it.
class ReadTx {
 public:
  explicit ReadTx(Session& session) : session_(session) {}
  ReadTx(const ReadTx&) = delete;
  ReadTx& operator=(const ReadTx&) = delete;

  // Runs a named statement. Throws what `Session` throws: the lane turns it into a status, once.
  template <typename... Args>
  Rows Run(const Query& query, const Args&... args) {
    const std::array<Parameter, sizeof...(Args)> parameters{ToSql(args)...};
    return session_.Run(query, parameters);
  }

  // From here on the transaction works for these landlords instead of those of its `Limits`: for
  // whoever learns from a queue, or from its own statements, whose rows come next. Costs no round
  // trip.
  void ActFor(const std::vector<ids::LandlordId>& landlords) { session_.ActFor(landlords); }

 protected:
  Session& session_;
};

// Reads and writes; commits when the body returns OK, rolls back otherwise.
class WriteTx : public ReadTx {
 public:
  using ReadTx::ReadTx;

  // A statement whose rows nobody reads: it travels with the next one that is `Run`, or with
  // COMMIT, in the order of the calls. If it fails, so does that one.
  template <typename... Args>
  void Queue(const Query& query, const Args&... args) {
    const std::array<Parameter, sizeof...(Args)> parameters{ToSql(args)...};
    session_.Queue(query, parameters);
  }

  // `act` is called when the body has returned OK and COMMIT is on its way, unanswered: a place to
  // start what is of use if it succeeds and harmless if it does not. One at most; with the other
  // rules of a body (it may be called again, and does nothing slow). Not called when the
  // transaction sent nothing.
  void WhileCommitting(std::function<void()> act) { while_committing_ = std::move(act); }
  const std::function<void()>& while_committing() const { return while_committing_; }

 private:
  std::function<void()> while_committing_;
};

}  // namespace veille::db
