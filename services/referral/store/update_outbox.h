#pragma once

// What call-tracking is told of each change of a referral, on its way through the outbox. The
// payload is sealed under the campaign's key, whose id stands before it.

#include <string>

#include "absl/status/statusor.h"
#include "common/outbox/outbox.h"
#include "common/privacy/seal.h"
#include "referral/domain/referral.h"

namespace veille::referral {

inline constexpr char kUpdateTopic[] = "referral-update";

// `payload` says the same as `update`, as the receiver reads it.
void AppendUpdate(db::WriteTx& tx, const privacy::Seal& seal, ids::LandlordId landlord,
                  const ReferralUpdate& update, const std::string& payload);

// The payload of a message of this topic.
absl::StatusOr<std::string> OpenUpdate(const privacy::Seal& seal, const outbox::Message& message);

}  // namespace veille::referral
