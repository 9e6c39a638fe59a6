#include "common/rpc/authenticator.h"

#include <iterator>

namespace veille::rpc {

absl::StatusOr<access::Caller> BelievingAuthenticator::Identify(
    const grpc::CallbackServerContext& context) const {
  return access::IdentifyCaller(
      MetadataOf(context, access::kRoleKey), MetadataOf(context, access::kSubjectKey),
      MetadataOf(context, access::kLandlordKey), MetadataOf(context, access::kPartnerKey));
}

std::string_view MetadataOf(const grpc::ServerContextBase& context, std::string_view key) {
  const auto& metadata = context.client_metadata();
  const auto [first, last] = metadata.equal_range(grpc::string_ref(key.data(), key.size()));
  if (first == last || std::next(first) != last) return "";
  return std::string_view(first->second.data(), first->second.size());
}

}  // namespace veille::rpc
