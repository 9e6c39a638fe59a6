#include "e2e/contracts.h"

#include "veille/audit/v1/audit_service.pb.h"
#include "veille/calls/v1/call_service.pb.h"
#include "veille/calls/v1/campaign_service.pb.h"
#include "veille/calls/v1/intake_service.pb.h"
#include "veille/calls/v1/script_service.pb.h"
#include "veille/calls/v1/volunteer_service.pb.h"
#include "veille/partner/v1/partner_desk_service.pb.h"
#include "veille/referral/v1/partner_directory_service.pb.h"
#include "veille/referral/v1/referral_service.pb.h"
#include "veille/registry/v1/registry_service.pb.h"

namespace veille::e2e {

std::vector<Contract> Contracts() {
  const auto of = [](Service service, const google::protobuf::FileDescriptor* file) {
    return Contract{service, file->service(0)};
  };
  return {of(Service::kRegistry, registry::v1::ImportHeader::descriptor()->file()),
          of(Service::kCalls, calls::v1::GetCampaignRequest::descriptor()->file()),
          of(Service::kCalls, calls::v1::RecordCallRequest::descriptor()->file()),
          of(Service::kCalls, calls::v1::GetScriptRequest::descriptor()->file()),
          of(Service::kCalls, calls::v1::EnrolVolunteerRequest::descriptor()->file()),
          of(Service::kCalls, calls::v1::RecordHouseholdChangeRequest::descriptor()->file()),
          of(Service::kReferral, referral::v1::GetPartnerRequest::descriptor()->file()),
          of(Service::kReferral, referral::v1::GetReferralRequest::descriptor()->file()),
          of(Service::kReferral, partner::v1::GetMyReferralRequest::descriptor()->file()),
          of(Service::kRegistry, audit::v1::ListAuditEventsRequest::descriptor()->file()),
          of(Service::kCalls, audit::v1::ListAuditEventsRequest::descriptor()->file()),
          of(Service::kReferral, audit::v1::ListAuditEventsRequest::descriptor()->file())};
}

}  // namespace veille::e2e
