#include "common/db/session.h"

#include <libpq-fe.h>

#include <pqxx/except>
#include <stdexcept>
#include <utility>

namespace veille::db {
namespace {

constexpr Query kBegin{"begin", "BEGIN"};
constexpr Query kBeginReading{"begin_reading", "BEGIN READ ONLY"};
// Of the transaction alone: the next one on this connection begins with nobody.
constexpr Query kActFor{"act_for", "SELECT set_config('veille.landlords', $1, true)"};
constexpr Query kCommit{"commit", "COMMIT"};
constexpr Query kRollback{"rollback", "ROLLBACK"};

bool Succeeded(const PGresult* result) {
  const ExecStatusType status = PQresultStatus(result);
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

// What the server reports beside its answers is nobody's business.
void Ignore(void*, const PGresult*) {}

}  // namespace

const Query& ActForQuery() { return kActFor; }

void Session::Closer::operator()(pg_conn* connection) const { PQfinish(connection); }

Session::Session(const std::string& connection) : connection_(PQconnectdb(connection.c_str())) {
  if (!is_open()) throw pqxx::broken_connection("cannot connect");
  PQsetNoticeReceiver(connection_.get(), Ignore, nullptr);
  if (PQenterPipelineMode(connection_.get()) == 0) throw std::logic_error("no pipeline mode");
}

bool Session::is_open() const { return PQstatus(connection_.get()) == CONNECTION_OK; }

void Session::Execute(const std::string& sql) {
  ReceiveOutstanding();
  ThrowUnlessSent(PQsendQueryParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr,
                                    nullptr, /*resultFormat=*/0));
  sent_.push_back({"session"});
  Sync();
  Receive();
}

void Session::Begin(bool read_only, const std::vector<ids::LandlordId>& landlords) {
  stage_ = Stage::kToBegin;
  read_only_ = read_only;
  landlords_ = landlords;
}

void Session::ActFor(const std::vector<ids::LandlordId>& landlords) {
  if (stage_ == Stage::kBegun) {
    SendLandlords(landlords);
  } else {
    landlords_ = landlords;
  }
}

void Session::Queue(const Query& query, std::span<const Parameter> parameters) {
  if (stage_ == Stage::kIdle) throw std::logic_error("a statement outside a transaction");
  if (std::exchange(stage_, Stage::kBegun) == Stage::kToBegin) {
    ReceiveOutstanding();
    Send(read_only_ ? kBeginReading : kBegin, {});
    if (!landlords_.empty()) SendLandlords(landlords_);
  }
  Send(query, parameters);
}

void Session::SendLandlords(std::span<const ids::LandlordId> landlords) {
  std::string literal = "{";
  for (const ids::LandlordId& landlord : landlords) {
    if (literal.size() > 1) literal += ',';
    literal += landlord.ToString();
  }
  const Parameter parameters[] = {ToSql(literal + "}")};
  Send(kActFor, parameters);
}

Rows Session::Run(const Query& query, std::span<const Parameter> parameters) {
  Queue(query, parameters);
  Sync();
  return Receive();
}

void Session::Commit(const std::function<void()>& meanwhile) {
  if (stage_ == Stage::kBegun) {
    const bool nothing_waits = sent_.empty();
    try {
      Send(kCommit, {});
      Sync();
      if (meanwhile) meanwhile();
      if (!read_only_ || !nothing_waits) Receive();
    } catch (const pqxx::broken_connection&) {
      if (read_only_) throw;
      throw pqxx::in_doubt_error("the connection went during COMMIT");
    }
  }
  stage_ = Stage::kIdle;
}

void Session::Rollback() noexcept {
  if (std::exchange(stage_, Stage::kIdle) != Stage::kBegun || !is_open()) return;
  try {
    if (!sent_.empty()) {
      Sync();
      try {
        Receive();
      } catch (const pqxx::sql_error&) {  // it is undone anyway
      }
    }
    if (PQtransactionStatus(connection_.get()) == PQTRANS_IDLE) return;
    const std::string_view failed = last_query_;
    Send(kRollback, {});
    Sync();
    Receive();
    last_query_ = failed;
  } catch (const std::exception&) {
    connection_.reset();
  }
}

void Session::Send(const Query& query, std::span<const Parameter> parameters) {
  last_query_ = query.name;
  const std::string name(query.name);
  if (!prepared_.contains(name)) {
    ThrowUnlessSent(
        PQsendPrepare(connection_.get(), name.c_str(), std::string(query.sql).c_str(), 0, nullptr));
    sent_.push_back({query.name, /*prepares=*/true});
    prepared_.insert(name);
  }
  const size_t count = parameters.size();
  std::vector<const char*> values(count);
  std::vector<int> lengths(count);
  std::vector<int> formats(count);
  for (size_t i = 0; i < count; ++i) {
    if (!parameters[i].value.has_value()) continue;  // null is NULL
    values[i] = parameters[i].value->c_str();
    lengths[i] = static_cast<int>(parameters[i].value->size());
    formats[i] = parameters[i].is_binary ? 1 : 0;
  }
  ThrowUnlessSent(PQsendQueryPrepared(connection_.get(), name.c_str(), static_cast<int>(count),
                                      values.data(), lengths.data(), formats.data(),
                                      /*resultFormat=*/0));
  sent_.push_back({query.name});
}

void Session::Sync() { ThrowUnlessSent(PQpipelineSync(connection_.get())); }

// When one statement of a pipeline fails, the server skips the others.
Rows Session::Receive() {
  std::shared_ptr<const PGresult> last;
  std::string failure;
  for (const Sent& part : std::exchange(sent_, {})) {
    last.reset(PQgetResult(connection_.get()), PQclear);
    // A null ends each statement's answer.
    while (PGresult* more = PQgetResult(connection_.get())) PQclear(more);
    if (Succeeded(last.get())) continue;
    if (part.prepares) prepared_.erase(std::string(part.query));
    if (!failure.empty()) continue;
    last_query_ = part.query;
    const char* state = PQresultErrorField(last.get(), PG_DIAG_SQLSTATE);
    const bool is_answer = is_open() || (state != nullptr && part.query != kCommit.name);
    if (!is_answer) throw pqxx::broken_connection("the connection went");
    failure = state != nullptr ? state : "XX000";
  }
  PQclear(PQgetResult(connection_.get()));  // the answer to the sync
  if (!failure.empty()) throw pqxx::sql_error("a statement failed", "", failure.c_str());
  return Rows(std::move(last));
}

void Session::ReceiveOutstanding() {
  if (!sent_.empty()) Receive();
}

void Session::ThrowUnlessSent(int sent) {
  if (sent == 1) return;
  if (!is_open()) throw pqxx::broken_connection("the connection went");
  throw std::logic_error("a statement cannot be sent");
}

}  // namespace veille::db
