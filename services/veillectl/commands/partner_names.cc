#include "veillectl/commands/partner_names.h"

#include "common/status/macros.h"
#include "veille/referral/v1/partner_directory_service.grpc.pb.h"

namespace veille::veillectl {

absl::StatusOr<PartnerNames> PartnerNames::Read(const Connection& referral) {
  ASSIGN_OR_RETURN(const referral::v1::ListPartnersResponse response,
                   referral.CallAllPages(&referral::v1::PartnerDirectoryService::Stub::ListPartners,
                                         referral::v1::ListPartnersRequest()));
  PartnerNames names;
  for (const referral::v1::Partner& partner : response.partners()) {
    names.names_[partner.partner_id()] = partner.name();
  }
  return names;
}

std::string PartnerNames::Of(const std::string& partner_id) const {
  if (partner_id.empty()) return "nobody";
  const auto found = names_.find(partner_id);
  return found == names_.end() ? partner_id : found->second;
}

}  // namespace veille::veillectl
