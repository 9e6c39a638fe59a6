#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "call_tracking/domain/call_hours.h"
#include "call_tracking/domain/cohort.h"
#include "common/db/transaction.h"

namespace veille::call_tracking {

// Where the drawing of a cohort stands.
struct DrawingStanding {
  ids::HouseholdId cursor;  // the last household judged; nil: none yet
  int64_t selected = 0;
};

// A time zone of a cohort and when its households may be called first.
struct ZoneSpan {
  std::string time_zone;
  CallSpan span;
};

// The cohort of one campaign while it is drawn. The campaign is locked first (CampaignStore::Lock).
class CohortStore {
 public:
  CohortStore(db::WriteTx& tx, ids::LandlordId landlord, ids::CampaignId campaign)
      : tx_(tx), landlord_(landlord), campaign_(campaign) {}

  DrawingStanding GetStanding();

  // Adds a page that follows `cursor` and moves the cursor on. False when the cursor is another
  // by now: the page was added already, or somebody else draws too.
  bool AddPage(ids::HouseholdId cursor, const CohortPage& page);

  // Forgets what was drawn, left-out households included, so that it can be drawn anew.
  void Clear();

  std::vector<std::string> ListTimeZones();
  // The cohort is complete: the campaign runs.
  void Freeze(const std::vector<ZoneSpan>& zones, absl::Time now);

 private:
  void AddHouseholds(const std::vector<CohortHousehold>& households);
  void AddLeftOut(const std::vector<LeftOutHousehold>& households);

  db::WriteTx& tx_;
  const ids::LandlordId landlord_;
  const ids::CampaignId campaign_;
};

}  // namespace veille::call_tracking
