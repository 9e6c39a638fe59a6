#pragma once

// Keys of webhooks, between the contract and what signs.

#include "absl/status/statusor.h"
#include "common/ids/uuid.h"
#include "common/web/webhook_key.h"
#include "referral/convert/fields.h"
#include "veille/referral/v1/partner_directory_service.pb.h"

namespace veille::referral {

namespace pb = ::veille::referral::v1;

struct KeyOrder {
  ids::RequestId request;
  ids::PartnerId partner;
  web::WebhookKey::Algorithm algorithm = web::WebhookKey::Algorithm::kHmacSha256;
};

absl::StatusOr<KeyOrder> FromProto(const pb::RotatePartnerKeyRequest& request);

// HMAC_SHA256 when none is named.
web::WebhookKey::Algorithm ReadAlgorithm(std::string_view field, int algorithm,
                                         Violations& violations);

// What the partner is given.
pb::SigningKey ToProto(const web::WebhookKey& key);

}  // namespace veille::referral
