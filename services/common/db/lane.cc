#include "common/db/lane.h"

#include <algorithm>
#include <pqxx/except>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/db/sql_failure.h"
#include "common/status/errors.h"

namespace veille::db {
namespace {

constexpr int kMostRuns = 5;

// The bounds of a peer that stopped answering: statement_timeout does not bound COMMIT, these do.
// idle_in_transaction: what a process that stands still had locked can be taken over soon; no body
// of a transaction waits for anything but the database.
//
// enable_seqscan: a plan is kept until there are new statistics (statistics.h). One made while a
// table was empty would scan it from end to end until then; without an index it still may.
constexpr std::string_view kConnectionBounds =
    " connect_timeout=2 keepalives_idle=5 keepalives_interval=2 keepalives_count=3"
    " tcp_user_timeout=10000 client_encoding=UTF8 fallback_application_name=veille"
    " options='-c TimeZone=UTC -c DateStyle=ISO -c bytea_output=hex -c "
    "plan_cache_mode=force_generic_plan"
    " -c jit=off -c enable_seqscan=off -c client_min_messages=error -c "
    "idle_in_transaction_session_timeout=10000'";

std::string ConnectionString(const DatabaseOptions& options) {
  std::string text = options.connection + std::string(kConnectionBounds);
  if (!options.password.empty()) {
    absl::StrAppend(&text, " password='",
                    absl::StrReplaceAll(options.password, {{"\\", "\\\\"}, {"'", "\\'"}}), "'");
  }
  return text;
}

// A few steps only, so that most transactions find the right one set already.
int64_t TimeoutStep(absl::Duration left) {
  for (const int64_t seconds : {1, 2, 5, 10, 30, 60, 300}) {
    if (left <= absl::Seconds(seconds)) return seconds;
  }
  return 3600;
}

}  // namespace

bool Lane::Connect() {
  if (session_ != nullptr) return true;
  statement_timeout_seconds_ = 0;
  try {
    session_ = std::make_unique<Session>(ConnectionString(options_));
    metrics_.Connected();
    return true;
  } catch (const pqxx::broken_connection&) {
    return false;
  }
}

bool Lane::ConnectUntil(absl::Time deadline, const std::stop_token& stop) {
  absl::Duration pause = absl::Milliseconds(20);
  while (!Connect()) {
    if (stop.stop_requested() || absl::Now() + pause >= deadline) return false;
    absl::SleepFor(pause);
    pause = std::min(pause * 2, absl::Milliseconds(500));
  }
  return true;
}

void Lane::SetStatementTimeout(absl::Duration left) {
  const int64_t seconds = TimeoutStep(left);
  if (seconds == statement_timeout_seconds_) return;
  session_->Execute(absl::StrCat("SET statement_timeout = '", seconds, "s'"));
  statement_timeout_seconds_ = seconds;
}

absl::Status Lane::RunOnce(const internal::Work& work) {
  const absl::Time now = absl::Now();
  SetStatementTimeout(work.limits.deadline - now);
  session_->Begin(work.read_only, work.limits.landlords);
  WriteTx tx(*session_);
  absl::Status status = work.body(tx);
  if (status.ok()) {
    session_->Commit(tx.while_committing());
  } else {
    session_->Rollback();
  }
  return status;
}

absl::Status Lane::Execute(const internal::Work& work) {
  Limits limits = work.limits;
  absl::Status last = errors::DatabaseUnavailable();
  bool in_doubt = false;
  for (int run = 0; run < kMostRuns; ++run) {
    const absl::Time now = absl::Now();
    if (limits.stop.stop_requested()) return errors::Cancelled();
    if (limits.deadline <= now) return in_doubt ? last : errors::DeadlinePassed();
    if (!ConnectUntil(std::min(limits.deadline, now + options_.patience), limits.stop)) {
      return limits.stop.stop_requested() ? errors::Cancelled() : errors::DatabaseUnavailable();
    }
    if (run > 0) metrics_.Rerun();
    try {
      return RunOnce(work);
    } catch (...) {
      session_->Rollback();
      const SqlFailure failure = ToSqlFailure(std::current_exception(), session_->last_query());
      using Next = SqlFailure::Next;
      if (failure.next == Next::kLookUp && !in_doubt) {
        // Only the database knows whether it was committed: it is asked even if the caller has
        // gone, and nobody is told meanwhile that nothing was changed.
        in_doubt = true;
        limits = {std::max(limits.deadline, absl::Now() + options_.patience), {}};
      }
      if (!in_doubt) last = failure.status;
      if (failure.next == Next::kReconnect || failure.next == Next::kLookUp ||
          !session_->is_open()) {
        session_.reset();
      }
      if (failure.next == Next::kGiveUp) return last;
    }
  }
  return last;
}

}  // namespace veille::db
