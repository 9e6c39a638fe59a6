#include "referral/figures.h"

#include <algorithm>
#include <map>
#include <utility>

#include "referral/store/operator_figures.h"

namespace veille::referral {
namespace {

using metrics::Label;

constexpr metrics::Family kUnreceived{"veille_referrals_oldest_unreceived_seconds",
                                      "How long the case has waited that nobody has received yet "
                                      "and waits longest; 0: none waits."};
constexpr metrics::Family kOverdue{"veille_referrals_overdue_seconds",
                                   "How long ago the deadline for acceptance passed that passed "
                                   "first and has had no consequence yet; 0: none has."};
constexpr metrics::Family kOpen{"veille_referrals_open", "Referrals that are not ended."};
constexpr metrics::Family kItems{"veille_worklist_items_open",
                                 "What waits for a coordinator's decision."};
constexpr metrics::Family kOldestItem{"veille_worklist_oldest_seconds",
                                      "How long the item has waited that waits longest."};
constexpr metrics::Family kDeliveries{"veille_deliveries_open",
                                      "Pushes to partners that have not been received."};
constexpr metrics::Family kLatest{"veille_deliveries_overdue_seconds",
                                  "How long the push is overdue that should have gone out first."};

struct Named {
  int number;
  log::Literal name;
};
// What is shown though there is none: a figure that comes and goes cannot be watched.
constexpr Named kUrgencies[] = {{1, "routine"}, {2, "priority"}, {3, "emergency"}};
constexpr Named kStates[] = {{1, "requested"},   {2, "received"}, {3, "accepted"},
                             {4, "in_progress"}, {6, "rejected"}, {8, "failed"}};
constexpr Named kReasons[] = {
    {1, "emergency"},         {2, "no_partner"},          {3, "declined"},
    {4, "not_acknowledged"},  {5, "not_delivered"},       {6, "not_helped"},
    {7, "telephone_partner"}, {8, "withdrawal_not_told"}, {9, "no_outcome"}};

struct Waiting {
  double count = 0;
  absl::Duration oldest;
};
using ByNumbers = std::map<std::pair<int, int>, Waiting>;  // state or reason, and urgency

template <typename Enum>
std::pair<int, int> Key(Enum first, Urgency urgency) {
  return {static_cast<int>(first), static_cast<int>(urgency)};
}

void ShowReferrals(const std::vector<OpenReferrals>& open, operations::Readings& readings) {
  ByNumbers waiting;
  for (const OpenReferrals& some : open) {
    waiting[Key(some.state, some.urgency)] = {static_cast<double>(some.referrals), some.oldest};
  }
  for (const Named& urgency : kUrgencies) {
    for (const Named& state : kStates) {
      readings.Set(kOpen, {{Label::kState, state.name}, {Label::kUrgency, urgency.name}},
                   waiting[{state.number, urgency.number}].count);
    }
    const Waiting& unreceived =
        waiting[{static_cast<int>(ReferralState::kRequested), urgency.number}];
    readings.Set(kUnreceived, {{Label::kUrgency, urgency.name}},
                 absl::ToDoubleSeconds(unreceived.oldest));
  }
}

void ShowItems(const std::vector<OpenItems>& open, operations::Readings& readings) {
  ByNumbers waiting;
  for (const OpenItems& some : open) {
    waiting[Key(some.reason, some.urgency)] = {static_cast<double>(some.items), some.oldest};
  }
  for (const Named& urgency : kUrgencies) {
    absl::Duration oldest;
    for (const Named& reason : kReasons) {
      const Waiting& some = waiting[{reason.number, urgency.number}];
      readings.Set(kItems, {{Label::kReason, reason.name}, {Label::kUrgency, urgency.name}},
                   some.count);
      oldest = std::max(oldest, some.oldest);
    }
    readings.Set(kOldestItem, {{Label::kUrgency, urgency.name}}, absl::ToDoubleSeconds(oldest));
  }
}

void ShowDeliveries(const DeliveryFigures& deliveries, operations::Readings& readings) {
  const auto show = [&readings](log::Literal state, int64_t count) {
    readings.Set(kDeliveries, {{Label::kState, state}}, static_cast<double>(count));
  };
  show("due", deliveries.due);
  show("sending", deliveries.sending);
  show("parked", deliveries.parked);
  readings.Set(kLatest, {}, absl::ToDoubleSeconds(deliveries.latest));
}

}  // namespace

absl::Status ReferralFigures::Read(db::ReadTx& tx, operations::Readings& readings) {
  ShowReferrals(CountOpenReferrals(tx), readings);
  readings.Set(kOverdue, {}, absl::ToDoubleSeconds(LongestOverdue(tx)));
  ShowItems(CountOpenItems(tx), readings);
  ShowDeliveries(CountDeliveries(tx), readings);
  return absl::OkStatus();
}

}  // namespace veille::referral
