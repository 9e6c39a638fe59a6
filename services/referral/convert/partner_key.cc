#include "referral/convert/partner_key.h"

#include "common/status/macros.h"

namespace veille::referral {

using Algorithm = web::WebhookKey::Algorithm;

Algorithm ReadAlgorithm(std::string_view field, int algorithm, Violations& violations) {
  if (algorithm == pb::SIGNING_ALGORITHM_UNSPECIFIED) return Algorithm::kHmacSha256;
  return ReadEnum<Algorithm>(field, algorithm, pb::SigningAlgorithm_IsValid, violations);
}

absl::StatusOr<KeyOrder> FromProto(const pb::RotatePartnerKeyRequest& request) {
  Violations violations;
  const KeyOrder order{
      .request = ReadRequestId(request.request_id(), violations),
      .partner = ReadId<ids::PartnerId>("partner_id", request.partner_id(), violations),
      .algorithm = ReadAlgorithm("algorithm", request.algorithm(), violations)};
  RETURN_IF_ERROR(violations.ToStatus());
  return order;
}

pb::SigningKey ToProto(const web::WebhookKey& key) {
  pb::SigningKey proto;
  proto.set_algorithm(static_cast<pb::SigningAlgorithm>(key.algorithm()));
  proto.set_key(key.ForPartner());
  return proto;
}

}  // namespace veille::referral
