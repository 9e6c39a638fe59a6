#pragma once

// Makes X.509 certificates for development and for tests: what a real authority (SPIRE, Vault, the
// landlord's own) does elsewhere. Keys are EC P-256. Nothing touches a file.
//
// Threads: const calls may run at once. Errors: INTERNAL, when OpenSSL refuses.

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace veille::veillectl {

// Both in PEM. The key is PKCS #8, unencrypted.
struct KeyedCertificate {
  std::string certificate;
  std::string key;
};

// What a certificate of a program says. Nothing is filled in: tests ask for what is wrong, too.
struct Leaf {
  std::string name;  // for people: the subject's common name
  std::vector<std::string> uris;
  std::vector<std::string> hosts;
  std::vector<std::string> addresses;  // "127.0.0.1", "::1"
  absl::Time begins;
  absl::Time ends;
  std::string usages = "serverAuth,clientAuth";  // as OpenSSL's configuration writes them
};

class CertificateAuthority {
 public:
  // A new one, its own root.
  static absl::StatusOr<CertificateAuthority> Generate(const std::string& name, absl::Time begins,
                                                       absl::Time ends);
  // INVALID_ARGUMENT when the texts are no certificate and its key.
  static absl::StatusOr<CertificateAuthority> FromPem(const KeyedCertificate& texts);

  // A new key and its certificate, signed by this authority.
  absl::StatusOr<KeyedCertificate> Issue(const Leaf& leaf) const;

  absl::StatusOr<KeyedCertificate> ToPem() const;

 private:
  CertificateAuthority(std::shared_ptr<X509> certificate, std::shared_ptr<EVP_PKEY> key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}

  std::shared_ptr<X509> certificate_;
  std::shared_ptr<EVP_PKEY> key_;
};

// A certificate that vouches for itself: nobody should take it.
absl::StatusOr<KeyedCertificate> SelfSigned(const Leaf& leaf);

}  // namespace veille::veillectl
