#include "call_tracking/figures.h"

#include <map>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "call_tracking/domain/names.h"
#include "call_tracking/store/operator_figures.h"
#include "common/status/macros.h"

namespace veille::call_tracking {
namespace {

using metrics::Label;

constexpr metrics::Family kLeases{"veille_leases_live", "Volunteers who hold a household now."};
constexpr metrics::Family kDecisions{"veille_decisions_waiting",
                                     "Households that wait for a coordinator's decision."};
constexpr metrics::Family kOldestDecision{"veille_decisions_oldest_seconds",
                                          "How long the household has waited that waits longest."};
constexpr metrics::Family kHouseholds{"veille_households",
                                      "Households of the running campaigns, by why they are or are "
                                      "not callable."};
constexpr metrics::Family kCensusAge{"veille_households_age_seconds",
                                     "Since the count of the households was begun."};

constexpr DecisionReason kReasons[] = {
    DecisionReason::kNotAgreed,      DecisionReason::kNotCovered, DecisionReason::kReferralEnded,
    DecisionReason::kEmergency,      DecisionReason::kLateRecord, DecisionReason::kNotSendable,
    DecisionReason::kHelpDidNotCome, DecisionReason::kNotVerified};

std::string_view NameOf(CallabilityBucket bucket) {
  using Bucket = CallabilityBucket;
  switch (bucket) {
    case Bucket::kCampaignNotRunning:
      return "campaign_not_running";
    case Bucket::kClosed:
      return "closed";
    case Bucket::kLeftOut:
      return "left_out";
    case Bucket::kObjection:
      return "objection";
    case Bucket::kLeased:
      return "leased";
    case Bucket::kAwaitingDecision:
      return "awaiting_decision";
    case Bucket::kDone:
      return "done";
    case Bucket::kExhausted:
      return "exhausted";
    case Bucket::kNoNumberLeft:
      return "no_number_left";
    case Bucket::kAppointment:
      return "appointment";
    case Bucket::kWaitingForRetry:
      return "waiting_for_retry";
    case Bucket::kWeeklyCallWaiting:
      return "weekly_call_waiting";
    case Bucket::kVerificationWaiting:
      return "verification_waiting";
    case Bucket::kOutsideCallHours:
      return "outside_call_hours";
    case Bucket::kDue:
      return "due";
  }
  return "";
}

void ShowDecisions(const std::vector<WaitingDecisions>& waiting, operations::Readings& readings) {
  std::map<DecisionReason, WaitingDecisions> by_reason;
  for (const WaitingDecisions& some : waiting) by_reason[some.reason] = some;
  for (const DecisionReason reason : kReasons) {
    const std::string name = absl::AsciiStrToLower(std::string(NameOf<DecisionReason>(reason)));
    const metrics::Labels labels = {{Label::kReason, log::Text{name}}};
    readings.Set(kDecisions, labels, static_cast<double>(by_reason[reason].households));
    readings.Set(kOldestDecision, labels, absl::ToDoubleSeconds(by_reason[reason].oldest));
  }
}

void ShowHouseholds(const Census::Count& count, absl::Time now, operations::Readings& readings) {
  for (size_t bucket = 1; bucket < Census::kBuckets; ++bucket) {
    const std::string_view name = NameOf(static_cast<CallabilityBucket>(bucket));
    readings.Set(kHouseholds, {{Label::kBucket, log::Text{name}}},
                 static_cast<double>(count.households[bucket]));
  }
  readings.Set(kCensusAge, {}, absl::ToDoubleSeconds(now - count.begin_time));
}

}  // namespace

void CallFigures::Expose(metrics::Scrape& scrape) const {
  calls_.Expose(scrape);
  sheets_.Expose(scrape);
}

absl::Status CallFigures::Read(db::ReadTx& tx, operations::Readings& readings) {
  const absl::Time now = clock_.Now();
  readings.Set(kLeases, {}, static_cast<double>(CountLiveLeases(tx)));
  ShowDecisions(CountDecisions(tx), readings);
  Census census = census_;  // a count that fails half-way is made again
  RETURN_IF_ERROR(census.GoOn(tx, now));
  census_ = std::move(census);
  if (census_.finished().has_value()) ShowHouseholds(*census_.finished(), now, readings);
  return absl::OkStatus();
}

}  // namespace veille::call_tracking
