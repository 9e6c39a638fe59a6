#pragma once

#include <optional>

#include "call_tracking/domain/callability.h"
#include "common/db/transaction.h"

namespace veille::call_tracking {

// What is known about one household of a campaign; absent when the campaign neither drew it nor
// left it out.
std::optional<CallabilityFacts> FindCallability(db::ReadTx& tx, ids::LandlordId landlord,
                                                ids::CampaignId campaign,
                                                ids::HouseholdId household);

}  // namespace veille::call_tracking
