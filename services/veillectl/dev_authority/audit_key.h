#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace veille::veillectl {

// An ed25519 key that signs heads of the audit trail, and what checks them, both in PEM.
struct AuditKey {
  std::string secret;  // PKCS #8, unencrypted
  std::string open;    // SubjectPublicKeyInfo
};

absl::StatusOr<AuditKey> NewAuditKey();

}  // namespace veille::veillectl
