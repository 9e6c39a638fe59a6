#pragma once

#include "referral/convert/partner.h"
#include "referral/request_context.h"

namespace veille::referral::handlers {

async::Task<absl::StatusOr<pb::RotatePartnerKeyResponse>> RotatePartnerKey(
    RequestContext& context, const pb::RotatePartnerKeyRequest& request);

// Whether the address of a webhook or of an inbox with TLS may be called, as it resolves now; OK
// for partners without a machine. A violation of partner.endpoint says why not.
async::Task<absl::Status> VetEndpoint(RequestContext& context, std::string endpoint);

}  // namespace veille::referral::handlers
