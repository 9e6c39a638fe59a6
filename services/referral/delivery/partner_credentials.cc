#include "referral/delivery/partner_credentials.h"

#include "absl/strings/str_cat.h"
#include "common/status/macros.h"

namespace veille::referral {

absl::StatusOr<CredentialsOfPartner> PartnersByTls(const tls::Files& files,
                                                   const std::string& trust_domain) {
  RETURN_IF_ERROR(tls::ChannelCredentials(files).status());
  return [files, trust_domain](const ids::LandlordId& landlord, const ids::PartnerId& partner) {
    return tls::ChannelCredentials(
        files, absl::StrCat("spiffe://", trust_domain, "/landlord/", landlord.ToString(),
                            "/partner/", partner.ToString()));
  };
}

CredentialsOfPartner PartnersInClearText() {
  return [](const ids::LandlordId&, const ids::PartnerId&) {
    return grpc::InsecureChannelCredentials();
  };
}

}  // namespace veille::referral
