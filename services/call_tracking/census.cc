#include "call_tracking/census.h"

#include "absl/time/clock.h"
#include "call_tracking/store/campaign_store.h"
#include "common/status/macros.h"

namespace veille::call_tracking {

absl::StatusOr<bool> Census::NextCampaign(db::ReadTx& tx, absl::Time now) {
  const std::optional<CensusPlace> next = FindRunningCampaign(tx, place_);
  if (!next.has_value()) return false;
  place_ = *next;
  tx.ActFor({place_.landlord});
  ASSIGN_OR_RETURN(campaign_, CampaignStore(tx).Get(place_.landlord, place_.campaign));
  CallabilityFacts left_out;
  left_out.left_out = LeftOutReason::kUnderAge;
  const LeftOutCounts& counts = campaign_->left_out;
  count_.households[static_cast<size_t>(Explain(*campaign_, left_out, now).bucket)] +=
      counts.under_age + counts.objection + counts.no_valid_phone;
  return true;
}

absl::Status Census::GoOn(db::ReadTx& tx, absl::Time now) {
  const absl::Time begin = absl::Now();
  if (count_.begin_time == absl::Time()) count_.begin_time = now;
  do {
    if (!campaign_.has_value()) {
      ASSIGN_OR_RETURN(const bool found, NextCampaign(tx, now));
      if (!found) {
        finished_ = count_;
        count_ = {};
        place_ = {};
        return absl::OkStatus();
      }
    }
    const CensusPage page = CountHouseholds(tx, place_, now, options_.page);
    for (const HouseholdGroup& group : page.groups) {
      count_.households[static_cast<size_t>(Explain(*campaign_, group.facts, now).bucket)] +=
          group.households;
    }
    if (page.last.has_value()) {
      place_.household = *page.last;
    } else {
      campaign_.reset();
    }
  } while (absl::Now() - begin < options_.budget);
  return absl::OkStatus();
}

}  // namespace veille::call_tracking
