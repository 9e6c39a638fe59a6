#pragma once

// What subjects agreed to in the calls of a campaign.

#include <vector>

#include "absl/status/statusor.h"
#include "common/db/transaction.h"
#include "common/privacy/seal.h"

namespace veille::call_tracking {

// Who of these subjects agreed, in earlier calls of the campaign, that health answers are kept;
// what each said last counts.
absl::StatusOr<std::vector<ids::TenantId>> FindHealthAgreements(
    db::ReadTx& tx, const privacy::Seal& seal, ids::LandlordId landlord, ids::CampaignId campaign,
    const std::vector<ids::TenantId>& tenants);

// The statements of StoreAnswers and StoreAgreements (record_store.h), for measurements and plans.
const db::Query& StoreAnswersQuery();
const db::Query& StoreAgreementsQuery();

}  // namespace veille::call_tracking
