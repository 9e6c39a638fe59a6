#pragma once

// How the channel to a partner's machine is protected, and what that machine must prove.

#include <grpcpp/security/credentials.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/ids/uuid.h"
#include "common/tls/credentials.h"

namespace veille::referral {

using CredentialsOfPartner =
    std::function<absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>>(
        const ids::LandlordId& landlord, const ids::PartnerId& partner)>;

// We show our own certificate; the machine shows one of `files.authority`. If that has URIs, it
// must be this partner's, spiffe://<trust domain>/landlord/<id>/partner/<id>, and nobody else's,
// wherever the machine is. If it has none, as those of most authorities, it must carry the host of
// the endpoint that the coordinator registered.
//
// INVALID_ARGUMENT when the files are no good.
absl::StatusOr<CredentialsOfPartner> PartnersByTls(const tls::Files& files,
                                                   const std::string& trust_domain);

// Clear text: for machines of this one, with `insecure_loopback`.
CredentialsOfPartner PartnersInClearText();

}  // namespace veille::referral
