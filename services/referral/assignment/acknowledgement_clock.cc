#include "referral/assignment/acknowledgement_clock.h"

#include <utility>

#include "common/async/sync_wait.h"
#include "common/telemetry/log.h"

namespace veille::referral {
namespace {

constexpr metrics::Family kSteps{
    "veille_overdue_steps_total",
    "What was done because the partner did not accept, or say more, in time."};

}  // namespace

AcknowledgementClock::AcknowledgementClock(db::Database& database, const privacy::Seal& seal,
                                           AcknowledgementClockOptions options)
    : database_(database),
      seal_(seal),
      options_(std::move(options)),
      loop_("acknowledgement", options_.interval, [this] { return Step(); }) {}

bool AcknowledgementClock::Step() {
  const auto listed = async::SyncWait(database_.Read(
      db::Within(options_.timeout), [&](db::ReadTx& tx) -> absl::StatusOr<std::vector<Overdue>> {
        return ListOverdue(tx, last_, options_.batch);
      }));
  if (!listed.ok()) return false;
  bool is_change = false;
  for (const Overdue& overdue : *listed) {
    if (stopping_) break;
    is_change |= Act(overdue);
  }
  if (is_change) options_.on_steps();
  const bool is_last = listed->size() < static_cast<size_t>(options_.batch);
  last_ = is_last ? Overdue() : listed->back();  // then a new round, with what failed in this one
  return !is_last;
}

bool AcknowledgementClock::Act(const Overdue& overdue) {
  const auto taken =
      async::SyncWait(database_.Write(db::Within(options_.timeout, {overdue.landlord}),
                                      [&](db::WriteTx& tx) -> absl::StatusOr<OverdueOutcome> {
                                        return TakeOverdueStep(tx, seal_, overdue);
                                      }));
  if (!taken.ok()) {
    log::Warning("overdue referral not taken on",
                 {{"referral", overdue.referral}, {"code", taken.status().code()}});
    return false;
  }
  switch (*taken) {
    case OverdueOutcome::kNothing:
    case OverdueOutcome::kStillWaits:
    case OverdueOutcome::kReckoned:
      return false;
    case OverdueOutcome::kOutcomeAsked:
      outcome_asked_.Add();
      return false;
    case OverdueOutcome::kReminded:
      reminded_.Add();
      break;
    case OverdueOutcome::kSecondContact:
      second_contact_.Add();
      break;
    case OverdueOutcome::kGivenToNext:
      given_to_next_.Add();
      break;
    case OverdueOutcome::kCoordinatorTold:
      coordinator_told_.Add();
      break;
  }
  return true;
}

void AcknowledgementClock::Expose(metrics::Scrape& scrape) const {
  using metrics::Label;
  scrape.Add(kSteps, {{Label::kOutcome, "reminded"}}, reminded_);
  scrape.Add(kSteps, {{Label::kOutcome, "second_contact"}}, second_contact_);
  scrape.Add(kSteps, {{Label::kOutcome, "given_to_next"}}, given_to_next_);
  scrape.Add(kSteps, {{Label::kOutcome, "coordinator_told"}}, coordinator_told_);
  scrape.Add(kSteps, {{Label::kOutcome, "outcome_asked"}}, outcome_asked_);
}

}  // namespace veille::referral
