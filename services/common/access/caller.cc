#include "common/access/caller.h"

#include <array>
#include <utility>

#include "common/status/errors.h"

namespace veille::access {
namespace {

namespace pb = ::veille::common::v1;

constexpr size_t kLongestSubject = 200;

constexpr std::array<std::pair<Role, std::string_view>, 6> kRoles = {{
    {pb::ROLE_VOLUNTEER, "volunteer"},
    {pb::ROLE_COORDINATOR, "coordinator"},
    {pb::ROLE_DPO, "dpo"},
    {pb::ROLE_OPERATOR, "operator"},
    {pb::ROLE_PARTNER, "partner"},
    {pb::ROLE_SERVICE, "service"},
}};

absl::Status Unauthenticated(std::string_view message) {
  return errors::Make(absl::StatusCode::kUnauthenticated, pb::ERROR_REASON_UNAUTHENTICATED,
                      message);
}

}  // namespace

std::string_view NameOf(Role role) {
  for (const auto& [known, name] : kRoles) {
    if (known == role) return name;
  }
  return "unknown";
}

Role ParseRole(std::string_view text) {
  for (const auto& [role, name] : kRoles) {
    if (name == text) return role;
  }
  return pb::ROLE_UNSPECIFIED;
}

absl::StatusOr<Caller> IdentifyCaller(std::string_view role, std::string_view subject,
                                      std::string_view landlord, std::string_view partner) {
  Caller caller;
  caller.role = ParseRole(role);
  if (caller.role == pb::ROLE_UNSPECIFIED) {
    return Unauthenticated("veille-role is absent or no role; send the role you act in");
  }
  if (subject.empty() || subject.size() > kLongestSubject) {
    return Unauthenticated("veille-subject is absent or too long; send who calls");
  }
  caller.subject = std::string(subject);
  if (caller.role != pb::ROLE_OPERATOR) {
    const auto id = ids::LandlordId::Parse(landlord);
    if (!id.has_value() || id->is_nil()) {
      return Unauthenticated("veille-landlord is absent or no UUID");
    }
    caller.landlord = *id;
  }
  if (caller.role == pb::ROLE_PARTNER) {
    const auto id = ids::PartnerId::Parse(partner);
    if (!id.has_value()) return Unauthenticated("veille-partner is absent or no UUID");
    caller.partner = *id;
  }
  return caller;
}

}  // namespace veille::access
