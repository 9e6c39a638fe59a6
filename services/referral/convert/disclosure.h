#pragma once

// Statements of what partners were told, between the contract and the domain.

#include "absl/status/statusor.h"
#include "referral/convert/paging.h"
#include "referral/domain/disclosure.h"
#include "veille/referral/v1/referral_service.pb.h"

namespace veille::referral {

namespace pb = ::veille::referral::v1;

struct StatementRequest {
  ids::TenantId tenant;
  Page page;
};
absl::StatusOr<StatementRequest> FromProto(const pb::GetDisclosureStatementRequest& request);

pb::DisclosedCase ToProto(const DisclosedCase& told);

}  // namespace veille::referral
