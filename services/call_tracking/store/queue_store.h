#pragma once

// The queue of households that wait, moved on by the clock of business rules.

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "call_tracking/domain/call_hours.h"
#include "call_tracking/domain/campaign.h"
#include "common/db/transaction.h"
#include "common/ids/uuid.h"

namespace veille::call_tracking {

// Marks up to `limit` households whose time has come as due. Gives how many.
int PromoteDue(db::WriteTx& tx, absl::Time now, int limit);

// Marks up to `limit` weekly calls as due for anybody whose time has come and whose own volunteer
// has left or is away. Gives how many.
int PromoteUnkept(db::WriteTx& tx, absl::Time now, int limit);

// A time zone of a campaign whose span is over.
struct PassedZone {
  ids::LandlordId landlord;
  ids::CampaignId campaign;
  std::string time_zone;
  absl::Time start_time;  // of the campaign
  absl::Time end_time;
  std::vector<CallWindow> call_hours;
};
// Of campaigns that run, or may again; a zone whose campaign is over is not among them.
std::vector<PassedZone> FindPassedZones(db::ReadTx& tx, absl::Time now, int limit);

// Sets the next span of each, in order.
void SetSpans(db::WriteTx& tx, const std::vector<PassedZone>& zones,
              const std::vector<CallSpan>& spans);

}  // namespace veille::call_tracking
