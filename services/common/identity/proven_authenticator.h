#pragma once

// Callers are what a certificate or a token proves; what a call says of itself counts for nothing,
// but for the two things that only it can say: for which landlord a service calls, and in which of
// its roles a person does.
//
//   certificate spiffe://<trust domain>/service/<name>            that service, for
//   `veille-landlord` certificate spiffe://<trust domain>/landlord/<id>/partner/<id>   that partner
//   of that landlord `authorization: Bearer <token>` (RFC 9068), with no certificate   the person
//   of the token, in its
//     or the edge's, spiffe://<trust domain>/edge/<name>              only role, or in
//     `veille-role`
//
// A token beside the certificate of a service or a partner is refused: one caller, one proof.
//
// How many tokens that were not seen before are checked is bounded (common/limits/token_checks.h),
// by the address they come from: the peer's, or the one that the edge names in
// `veille-client-address`, which counts from nobody else.

#include <string>

#include "common/limits/token_checks.h"
#include "common/rpc/authenticator.h"
#include "common/tls/peer_identity.h"
#include "common/tokens/verifier.h"

namespace veille::identity {

// Where a client of the edge calls from: an IP address.
inline constexpr std::string_view kClientAddressKey = "veille-client-address";

class ProvenAuthenticator final : public rpc::Authenticator {
 public:
  // Without a verifier (null) no token is taken; without `checks` all are checked. Both outlive
  // this.
  ProvenAuthenticator(std::string trust_domain, tokens::Verifier* verifier,
                      limits::TokenChecks* checks = nullptr)
      : trust_domain_(std::move(trust_domain)), verifier_(verifier), checks_(checks) {}

  absl::StatusOr<access::Caller> Identify(
      const grpc::CallbackServerContext& context) const override;

 private:
  absl::StatusOr<access::Caller> OfToken(const grpc::CallbackServerContext& context,
                                         std::string_view authorization,
                                         std::string_view address) const;
  absl::StatusOr<tokens::Grant> Verify(std::string_view token, absl::Time now,
                                       std::string_view address) const;

  const std::string trust_domain_;
  tokens::Verifier* const verifier_;
  limits::TokenChecks* const checks_;
};

// What a certificate of ours says about who calls, with the landlord that a service named. Nothing
// for the edge, which speaks for others. UNAUTHENTICATED for a foreign trust domain and for a path
// that is nobody's.
absl::StatusOr<std::optional<access::Caller>> CallerOf(const tls::Identity& certificate,
                                                       std::string_view trust_domain,
                                                       std::string_view landlord);

// Whom a token makes its bearer: in `role`, or, when that is empty, in the only one it grants.
absl::StatusOr<access::Caller> CallerOf(const tokens::Grant& grant, std::string_view role);

}  // namespace veille::identity
