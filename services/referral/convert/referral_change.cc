#include "referral/convert/referral_change.h"

#include "common/status/macros.h"
#include "referral/convert/fields.h"

namespace veille::referral {
namespace {

template <typename Request>
ReferralOrder ReadOrder(const Request& request, Violations& violations) {
  return {.request = ReadRequestId(request.request_id(), violations),
          .referral = ReadId<ids::ReferralId>("referral_id", request.referral_id(), violations)};
}

}  // namespace

absl::StatusOr<ReferralWithdrawal> FromProto(const pb::WithdrawReferralRequest& request) {
  Violations violations;
  const ReferralWithdrawal withdrawal{
      .order = ReadOrder(request, violations),
      .note = ReadText("note", request.note(), 1, 2000, violations)};
  RETURN_IF_ERROR(violations.ToStatus());
  return withdrawal;
}

absl::StatusOr<ReferralRerouting> FromProto(const pb::RerouteReferralRequest& request) {
  Violations violations;
  ReferralRerouting rerouting{.order = ReadOrder(request, violations), .partner = std::nullopt};
  if (!request.partner_id().empty()) {
    rerouting.partner = ReadId<ids::PartnerId>("partner_id", request.partner_id(), violations);
  }
  RETURN_IF_ERROR(violations.ToStatus());
  return rerouting;
}

absl::StatusOr<ReferralOrder> FromProto(const pb::RedeliverReferralRequest& request) {
  Violations violations;
  const ReferralOrder order = ReadOrder(request, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return order;
}

}  // namespace veille::referral
