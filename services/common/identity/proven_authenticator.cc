#include "common/identity/proven_authenticator.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace veille::identity {
namespace {

namespace pb = ::veille::common::v1;

absl::Status Unauthenticated(std::string_view message) {
  return errors::Make(absl::StatusCode::kUnauthenticated, pb::ERROR_REASON_UNAUTHENTICATED,
                      message);
}

// RFC 6750; the scheme in any case, as RFC 9110 has it.
std::optional<std::string_view> BearerToken(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() <= kScheme.size() ||
      !absl::EqualsIgnoreCase(std::string(authorization.substr(0, kScheme.size())),
                              std::string(kScheme))) {
    return std::nullopt;
  }
  return authorization.substr(kScheme.size());
}

}  // namespace

absl::StatusOr<std::optional<access::Caller>> CallerOf(const tls::Identity& certificate,
                                                       std::string_view trust_domain,
                                                       std::string_view landlord) {
  if (certificate.trust_domain != trust_domain) {
    return Unauthenticated("the certificate is of another trust domain");
  }
  const std::vector<std::string>& path = certificate.path;
  if (path.size() == 2 && path[0] == "edge") return std::nullopt;
  if (path.size() == 2 && path[0] == "service") {
    return access::IdentifyCaller("service", path[1], landlord, "");
  }
  if (path.size() == 4 && path[0] == "landlord" && path[2] == "partner") {
    return access::IdentifyCaller("partner", path[3], path[1], path[3]);
  }
  return Unauthenticated("the certificate is neither a service's nor a partner's");
}

absl::StatusOr<access::Caller> CallerOf(const tokens::Grant& grant, std::string_view role) {
  access::Role chosen = grant.roles.front();
  if (!role.empty()) {
    chosen = access::ParseRole(role);
    if (std::find(grant.roles.begin(), grant.roles.end(), chosen) == grant.roles.end()) {
      return Unauthenticated("veille-role is not among the roles that the token grants");
    }
  } else if (grant.roles.size() > 1) {
    return Unauthenticated("the token grants several roles; say in veille-role which you act in");
  }
  if (chosen != pb::ROLE_OPERATOR && grant.landlord.is_nil()) {
    return Unauthenticated("the token names no landlord, which this role needs");
  }
  if (chosen == pb::ROLE_PARTNER && grant.partner.is_nil()) {
    return Unauthenticated("the token names no partner, which this role needs");
  }
  access::Caller caller{.role = chosen, .subject = grant.subject, .issuer = grant.issuer};
  if (chosen != pb::ROLE_OPERATOR) caller.landlord = grant.landlord;
  if (chosen == pb::ROLE_PARTNER) caller.partner = grant.partner;
  return caller;
}

absl::StatusOr<access::Caller> ProvenAuthenticator::Identify(
    const grpc::CallbackServerContext& context) const {
  ASSIGN_OR_RETURN(const auto certificate, tls::PeerIdentity(*context.auth_context()));
  const std::string_view authorization = rpc::MetadataOf(context, "authorization");
  if (certificate.has_value()) {
    ASSIGN_OR_RETURN(const auto caller, CallerOf(*certificate, trust_domain_,
                                                 rpc::MetadataOf(context, access::kLandlordKey)));
    if (caller.has_value() && !authorization.empty()) {
      return Unauthenticated("a certificate and a token; send one of them");
    }
    if (caller.has_value()) return *caller;
    // The edge speaks for its clients, and says where each calls from.
    const std::string_view client = rpc::MetadataOf(context, kClientAddressKey);
    if (!client.empty()) return OfToken(context, authorization, client);
  }
  return OfToken(context, authorization, context.peer());
}

absl::StatusOr<access::Caller> ProvenAuthenticator::OfToken(
    const grpc::CallbackServerContext& context, std::string_view authorization,
    std::string_view address) const {
  const std::optional<std::string_view> token = BearerToken(authorization);
  if (verifier_ == nullptr || !token.has_value()) {
    return Unauthenticated(
        "no proof of who calls; send `authorization: Bearer TOKEN` once, or come with a "
        "certificate");
  }
  const std::string_view role = rpc::MetadataOf(context, access::kRoleKey);
  const absl::Time now = absl::Now();
  if (const std::optional<tokens::Grant> known = verifier_->Recall(*token, now)) {
    return CallerOf(*known, role);
  }
  ASSIGN_OR_RETURN(const tokens::Grant grant, Verify(*token, now, address));
  return CallerOf(grant, role);
}

absl::StatusOr<tokens::Grant> ProvenAuthenticator::Verify(std::string_view token, absl::Time now,
                                                          std::string_view address) const {
  if (checks_ == nullptr) return verifier_->Verify(token, now);
  ASSIGN_OR_RETURN(limits::TokenChecks::Charge charge, checks_->Begin(address));
  absl::StatusOr<tokens::Grant> grant = verifier_->Verify(token, now);
  if (!absl::IsUnauthenticated(grant.status())) charge.GiveBack();
  return grant;
}

}  // namespace veille::identity
