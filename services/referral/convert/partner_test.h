#pragma once

// Tests of partners, between the contract and the domain.

#include "absl/status/statusor.h"
#include "referral/convert/partner_change.h"
#include "referral/domain/partner_test.h"

namespace veille::referral {

absl::StatusOr<PartnerOrder> FromProto(const pb::TestPartnerRequest& request);

pb::PartnerTest ToProto(const PartnerTest& test);

}  // namespace veille::referral
