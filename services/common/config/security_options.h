#pragma once

// How a service is protected: TLS and identities, or nothing at all on loopback.
//
// With TLS, --tls-certificate, --tls-key, --tls-authority, --issuers and --audit-key are all
// needed. With
// --insecure-loopback none may be given: what is protected in part is believed to be protected.

#include <string>

#include "common/config/layers.h"

namespace CLI {
class App;
}

namespace veille::config {

struct SecurityOptions {
  bool insecure_loopback = false;  // clear text; callers are what they say they are
  std::string certificate;         // PEM files: this service's leaf, …
  std::string key;
  std::string authority;     // … who signs those of services and partners, …
  std::string issuers;       // … and a JSON file: who signs people's tokens (common/tokens)
  std::string trust_domain;  // of the SPIFFE IDs that count
  std::string audit_key;     // a PEM file: signs the heads of the audit trail (common/audit)

  bool tls() const { return !authority.empty(); }
};

void DeclareSecurity(CLI::App& app, SecurityOptions& options);

// What is missing, or is too much, for `serve`.
void CheckSecurity(const SecurityOptions& options, Problems& problems);

}  // namespace veille::config
