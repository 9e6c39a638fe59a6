#pragma once

// A local authority in a folder: whatever a development machine, a demo or a test needs to run the
// services with TLS and tokens, without a provider of identities.
//
//   authority.pem, authority.key     sign certificates; a year
//   <program>.pem, <program>.key     tenant-registry, call-tracking, referral, edge; 90 days
//   partner-<id>.pem, .key           one per partner that was asked for; 90 days
//   tokens.key, tokens.jwks          sign tokens (ES256)
//   issuers.json                     tells services to believe them
//   audit.key, audit.pub             sign heads of the audit trail (Ed25519)
//
// Keys have mode 0600. Never for production: whoever reads the folder is everybody.
//
// Threads: const calls may run at once. Errors: INVALID_ARGUMENT names the file that is absent or
// is not what it should be; ALREADY_EXISTS; INTERNAL when a file cannot be written.

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/ids/uuid.h"
#include "common/tls/credentials.h"
#include "common/tokens/minting.h"
#include "veillectl/dev_authority/certificate_authority.h"

namespace veille::veillectl {

inline const absl::Duration kAuthorityLifetime = absl::Hours(24) * 365;
inline const absl::Duration kLeafLifetime = absl::Hours(24) * 90;
inline const absl::Duration kLongestToken = absl::Hours(12);  // services take no longer one

// Of the SPIFFE IDs, and the issuer and audience of the tokens: as services believe by default.
inline constexpr std::string_view kDevTrustDomain = "veille.internal";
inline constexpr std::string_view kDevIssuer = "https://issuer.veille.internal";

// The programs that have a certificate of their own.
const std::vector<std::string>& DevPrograms();

// What the authority certifies when nothing else is asked for: spiffe://veille.internal/<path>,
// from now for 90 days, for `name` and this machine. Tests change it.
Leaf DevLeaf(const std::string& name, const std::string& path);

class DevAuthority {
 public:
  // A new one with all its files. The folder is made when it is absent; ALREADY_EXISTS when an
  // authority is in it.
  static absl::StatusOr<DevAuthority> Create(const std::string& folder);
  // The same, in place of one that may be there: what it signed is worth nothing any more.
  static absl::StatusOr<DevAuthority> Replace(const std::string& folder);
  // The one that is there.
  static absl::StatusOr<DevAuthority> Open(const std::string& folder);
  static bool Exists(const std::string& folder);

  // New keys and certificates for the programs, each exchanged at once: services that run take them
  // up. The authority and the keys of tokens and audit stay.
  absl::Status RenewPrograms() const;

  // partner-<partner>.pem and .key: the machine of one partner of one landlord.
  absl::Status IssuePartner(const ids::LandlordId& landlord, const ids::PartnerId& partner) const;

  // An access token of `issuers.json`'s only issuer. INVALID_ARGUMENT for what no service would
  // take: a role that is no person's or partner's, without what it needs (a landlord for all but
  // operators, a partner for partners) or with what it must not have. It is a secret until it
  // expires: never logged.
  absl::StatusOr<std::string> Token(const std::string& role, const std::string& subject,
                                    const std::string& landlord, const std::string& partner,
                                    absl::Duration lifetime) const;

  // Paths for a server's or a channel's credentials: `name` is a program's, "partner-<id>", or
  // empty for somebody with a token, who presents no certificate.
  tls::Files FilesOf(const std::string& name) const;
  // A path in the folder: "issuers.json", "audit.key".
  std::string Path(const std::string& name) const;

  const CertificateAuthority& certificates() const { return certificates_; }

 private:
  DevAuthority(std::string folder, CertificateAuthority certificates, tokens::SigningKey tokens);

  absl::Status IssueTo(const std::string& name, const Leaf& leaf) const;

  std::string folder_;
  CertificateAuthority certificates_;
  tokens::SigningKey tokens_;
};

}  // namespace veille::veillectl
