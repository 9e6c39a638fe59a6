#pragma once

#include "referral/convert/partner.h"
#include "referral/request_context.h"

namespace veille::referral::handlers {

async::Task<absl::StatusOr<pb::RotatePartnerKeyResponse>> RotatePartnerKey(
    RequestContext& context, const pb::RotatePartnerKeyRequest& request);

// Whether the address of a webhook may be called, as it resolves now; OK for other endpoints. A
// violation of partner.endpoint says why not.
async::Task<absl::Status> VetEndpoint(RequestContext& context, std::string endpoint);

}  // namespace veille::referral::handlers
