// veille-referral: partners, referrals, deliveries and the coordinator's worklist.

#include "common/status/macros.h"
#include "referral/referral_server.h"

namespace veille::referral {
namespace {

const config::ServiceDescription kDescription = {
    .name = "referral",
    .about = "Hands cases to partners and follows them to their end.",
    .default_listen = "127.0.0.1:7003",
    .peers = {{"calls-address", "address of call-tracking", "127.0.0.1:7002"}},
    .files = {{"partner-authority",
               "who signs the certificates of partners' machines (PEM); that of --tls-authority "
               "otherwise"},
              {"webhook-authority",
               "who signs the certificates of partners' webhooks (PEM); those of the system "
               "otherwise"}},
    .texts = {{"partner-networks",
               "networks outside the internet where partners' machines may be, such as "
               "10.1.0.0/16,fd12::/32",
               "", "CIDR,…"},
              {"partner-ports", "ports at which partners' machines may be, such as 443,8000-8999",
               "443", "PORTS"}}};

absl::StatusOr<CredentialsOfPartner> Partners(const config::ServiceConfig& config) {
  const config::SecurityOptions& security = config.security;
  const std::string& own = config.files.at("partner-authority");
  if (!security.tls()) {
    if (own.empty()) return PartnersInClearText();
    return absl::InvalidArgumentError("--insecure-loopback goes without --partner-authority");
  }
  return PartnersByTls({security.certificate, security.key, own.empty() ? security.authority : own},
                       security.trust_domain);
}

absl::StatusOr<web::CallerOptions> Outgoing(const config::ServiceConfig& config) {
  ASSIGN_OR_RETURN(web::AddressPolicy policy,
                   web::AddressPolicy::Parse(config.texts.at("partner-networks"),
                                             config.texts.at("partner-ports")));
  return web::CallerOptions{.policy = std::move(policy),
                            .authorities = config.files.at("webhook-authority")};
}

absl::StatusOr<std::unique_ptr<program::Parts>> Build(const program::Surroundings& surroundings) {
  ASSIGN_OR_RETURN(CredentialsOfPartner partners, Partners(surroundings.config));
  ASSIGN_OR_RETURN(web::CallerOptions outgoing, Outgoing(surroundings.config));
  return std::make_unique<ReferralServer>(
      surroundings.server, surroundings.seal,
      ReferralOptions{.calls = surroundings.PeerOf("calls-address"),
                      .endpoints = {surroundings.config.security.insecure_loopback},
                      .partners = std::move(partners),
                      .web = std::move(outgoing)});
}

}  // namespace
}  // namespace veille::referral

int main(int argc, char** argv) {
  using namespace veille::referral;
  return veille::program::Run({kDescription, ServiceNames(), Schema(), Build}, argc, argv);
}
