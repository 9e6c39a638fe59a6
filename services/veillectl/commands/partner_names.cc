#include "veillectl/commands/partner_names.h"

#include "common/status/macros.h"
#include "veille/referral/v1/partner_directory_service.grpc.pb.h"

namespace veille::veillectl {

namespace pb = ::veille::referral::v1;

absl::StatusOr<PartnerNames> PartnerNames::Read(const Connection& referral) {
  ASSIGN_OR_RETURN(const pb::ListPartnersResponse response,
                   referral.CallAllPages(&pb::PartnerDirectoryService::Stub::ListPartners,
                                         pb::ListPartnersRequest()));
  PartnerNames names;
  for (const pb::Partner& partner : response.partners()) {
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
