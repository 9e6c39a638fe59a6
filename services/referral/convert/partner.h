#pragma once

// Partners and coverage, between the contract and the domain.

#include <vector>

#include "absl/status/statusor.h"
#include "common/ids/uuid.h"
#include "common/web/webhook_key.h"
#include "referral/convert/paging.h"
#include "referral/domain/endpoint.h"
#include "referral/domain/partner.h"
#include "veille/referral/v1/partner_directory_service.pb.h"

namespace veille::referral {

namespace pb = ::veille::referral::v1;

struct PartnerRegistration {
  ids::RequestId request;
  PartnerDraft draft;
  web::WebhookKey::Algorithm algorithm = web::WebhookKey::Algorithm::kHmacSha256;
};
struct CoverageQuestion {
  std::vector<std::string> communes;
  std::vector<Need> needs;
};

absl::StatusOr<PartnerRegistration> FromProto(const pb::RegisterPartnerRequest& request,
                                              const EndpointPolicy& policy);
absl::StatusOr<ids::PartnerId> FromProto(const pb::GetPartnerRequest& request);
absl::StatusOr<Page> FromProto(const pb::ListPartnersRequest& request);
absl::StatusOr<CoverageQuestion> FromProto(const pb::CheckCoverageRequest& request);

pb::Partner ToProto(const Partner& partner);
pb::CoverageAnswer ToProto(const CoverageAnswer& answer);

}  // namespace veille::referral
