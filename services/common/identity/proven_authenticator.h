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

#include <string>

#include "common/rpc/authenticator.h"
#include "common/tls/peer_identity.h"
#include "common/tokens/verifier.h"

namespace veille::identity {

class ProvenAuthenticator final : public rpc::Authenticator {
 public:
  // Without a verifier (null) no token is taken. It outlives this.
  ProvenAuthenticator(std::string trust_domain, tokens::Verifier* verifier)
      : trust_domain_(std::move(trust_domain)), verifier_(verifier) {}

  absl::StatusOr<access::Caller> Identify(
      const grpc::CallbackServerContext& context) const override;

 private:
  absl::StatusOr<access::Caller> OfToken(const grpc::CallbackServerContext& context,
                                         std::string_view authorization) const;

  const std::string trust_domain_;
  tokens::Verifier* const verifier_;
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
