#include "veillectl/simulation/board.h"

#include <algorithm>

#include "absl/time/clock.h"

namespace veille::veillectl {
namespace {

constexpr absl::Duration kOverdue = absl::Seconds(3);

// Dispositions of calls that nobody answered, among those that the ledger foresees.
bool IsAnswered(calls::v1::Disposition disposition) {
  switch (disposition) {
    case calls::v1::DISPOSITION_NO_ANSWER:
    case calls::v1::DISPOSITION_BUSY:
    case calls::v1::DISPOSITION_VOICEMAIL_LEFT:
    case calls::v1::DISPOSITION_VOICEMAIL_NO_MESSAGE:
      return false;
    default:
      return true;
  }
}

bool NamesANeed(const calls::v1::RecordCallResponse& response) {
  return std::any_of(response.findings().begin(), response.findings().end(),
                     [](const calls::v1::Finding& finding) {
                       return finding.kind() == calls::v1::FINDING_KIND_NEED;
                     });
}

absl::Time TimeOf(const google::protobuf::Timestamp& time) {
  return absl::FromUnixSeconds(time.seconds()) + absl::Nanoseconds(time.nanos());
}

}  // namespace

double SimulationCounts::CallsPerSecond() const {
  const absl::Duration time = last_call - first_call;
  return calls < 2 || time <= absl::ZeroDuration()
             ? 0
             : static_cast<double>(calls) / absl::ToDoubleSeconds(time);
}

Board::Board(const std::vector<Callee>& callees, const Ledger& ledger) {
  for (size_t i = 0; i < callees.size(); ++i) {
    households_[callees[i].household_id] = {&callees[i], &ledger.households[i]};
    standings_[callees[i].household_id] = {};
  }
  counts_.households = static_cast<int64_t>(callees.size());
}

const Board::Household* Board::Find(const std::string& household_id) const {
  const auto found = households_.find(household_id);
  return found == households_.end() ? nullptr : &found->second;
}

void Board::Record(const std::string& household_id, calls::v1::Disposition disposition,
                   const calls::v1::RecordCallResponse& response) {
  // A weekly call is a week away: it is not waited for.
  const bool waits = response.household_state() == calls::v1::HOUSEHOLD_STATE_PENDING &&
                     response.has_next_attempt_time();
  absl::MutexLock lock(&mutex_);
  Standing& standing = standings_[household_id];
  ++counts_.calls;
  counts_.last_call = absl::Now();
  counts_.first_call = std::min(counts_.first_call, counts_.last_call);
  if (IsAnswered(disposition) && !standing.reached) {
    standing.reached = true;
    ++counts_.reached;
  }
  if (NamesANeed(response) && !standing.flagged) {
    standing.flagged = true;
    ++counts_.flagged;
  }
  Set(standing, !waits, waits ? TimeOf(response.next_attempt_time()) : absl::InfiniteFuture());
}

void Board::Learn(const std::string& household_id, absl::Time next) {
  absl::MutexLock lock(&mutex_);
  Set(standings_[household_id], next == absl::InfiniteFuture(), next);
}

void Board::Set(Standing& standing, bool finished, absl::Time next) {
  if (finished != standing.finished) counts_.finished += finished ? 1 : -1;
  standing.finished = finished;
  standing.next = next;
}

void Board::Fail(const absl::Status& error) {
  absl::MutexLock lock(&mutex_);
  error_.Update(error);
}

bool Board::over() const {
  absl::MutexLock lock(&mutex_);
  return !error_.ok() || counts_.finished == counts_.households;
}

absl::Status Board::error() const {
  absl::MutexLock lock(&mutex_);
  return error_;
}

SimulationCounts Board::counts() const {
  absl::MutexLock lock(&mutex_);
  return counts_;
}

absl::Time Board::NextCall() const {
  absl::MutexLock lock(&mutex_);
  absl::Time next = absl::InfiniteFuture();
  for (const auto& [id, standing] : standings_) {
    if (!standing.finished) next = std::min(next, standing.next);
  }
  return next;
}

std::vector<std::string> Board::Overdue(absl::Time now) const {
  std::vector<std::string> overdue;
  absl::MutexLock lock(&mutex_);
  for (const auto& [id, standing] : standings_) {
    if (!standing.finished && standing.next < now - kOverdue) overdue.push_back(id);
  }
  return overdue;
}

void Board::Wait(absl::Duration time) const {
  const auto is_over = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !error_.ok() || counts_.finished == counts_.households;
  };
  absl::MutexLock lock(&mutex_);
  mutex_.AwaitWithTimeout(absl::Condition(&is_over), time);
}

}  // namespace veille::veillectl
