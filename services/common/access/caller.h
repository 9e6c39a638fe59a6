#pragma once

// Who calls. Until the servers speak TLS this is what the caller's metadata claims, and a server
// that believes it listens on loopback only.

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/ids/uuid.h"
#include "veille/common/v1/access.pb.h"

namespace veille::access {

using Role = ::veille::common::v1::Role;

// The metadata keys.
inline constexpr std::string_view kRoleKey = "veille-role";
inline constexpr std::string_view kSubjectKey = "veille-subject";
inline constexpr std::string_view kLandlordKey = "veille-landlord";
inline constexpr std::string_view kPartnerKey = "veille-partner";

struct Caller {
  Role role = ::veille::common::v1::ROLE_UNSPECIFIED;
  std::string subject;       // an OIDC sub; the name of a service: "call-tracking"
  ids::LandlordId landlord;  // nil for an operator
  ids::PartnerId partner;    // partners only
  std::string issuer = {};   // whose token names the subject; empty without one
};

// "volunteer" and the like: as they stand in metadata and in the audit trail.
std::string_view NameOf(Role role);
Role ParseRole(std::string_view name);  // ROLE_UNSPECIFIED when it is none

// From the four values as they came (empty when absent): UNAUTHENTICATED when the role, the
// subject, or what the role needs beside them (a landlord, a partner) is missing or malformed.
absl::StatusOr<Caller> IdentifyCaller(std::string_view role, std::string_view subject,
                                      std::string_view landlord, std::string_view partner);

}  // namespace veille::access
