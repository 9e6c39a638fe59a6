#include "e2e/referrals.h"

#include "common/ids/uuid.h"
#include "veille/referral/v1/referral_service.grpc.pb.h"

namespace veille::e2e {

namespace pb = ::veille::referral::v1;

absl::StatusOr<std::string> CreateReferral(const Programme& programme, const std::string& landlord,
                                           const std::string& commune, common::v1::Urgency urgency,
                                           const std::string& tenant) {
  const auto new_id = [] { return ids::Uuid::Random().ToString(); };
  pb::CreateReferralRequest request;
  request.set_request_id(new_id());
  request.set_finding_id(new_id());
  request.set_campaign_id(new_id());
  request.set_household_id(new_id());
  request.set_tenant_id(tenant.empty() ? new_id() : tenant);
  request.set_commune_code(commune);
  request.set_time_zone("Europe/Paris");
  request.set_need(common::v1::NEED_MEALS);
  request.set_urgency(urgency);
  request.mutable_basis()->mutable_agreement()->set_text_version("1");
  request.mutable_basis()->mutable_agreement()->mutable_agree_time()->set_seconds(1585720000);
  request.mutable_contact()->set_family_name("Personne");
  const auto created =
      programme.Connect(Service::kReferral, {"service", "call-tracking", landlord, ""})
          .Call(&pb::ReferralService::Stub::CreateReferral, request);
  if (!created.ok()) return created.status();
  return created->referral_id();
}

}  // namespace veille::e2e
