#pragma once

#include "absl/status/statusor.h"
#include "call_tracking/domain/campaign_report.h"
#include "common/db/transaction.h"

namespace veille::call_tracking {

// The figures of a campaign, in one statement and therefore in one snapshot; CAMPAIGN_NOT_FOUND.
absl::StatusOr<CampaignReport> ReadReport(db::ReadTx& tx, ids::LandlordId landlord,
                                          ids::CampaignId campaign, absl::Time now);

}  // namespace veille::call_tracking
