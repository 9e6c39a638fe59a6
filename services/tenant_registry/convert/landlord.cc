#include "tenant_registry/convert/landlord.h"

#include "common/rpc/fields.h"
#include "common/status/macros.h"
#include "tenant_registry/domain/text.h"

namespace veille::tenant_registry {

absl::StatusOr<LandlordDraft> FromProto(const pb::CreateLandlordRequest& request) {
  rpc::Violations violations;
  LandlordDraft draft;
  draft.request = rpc::ReadRequestId(request.request_id(), violations);
  const std::optional<std::string> clean = CleanCell(request.name());
  if (!clean.has_value()) violations.Add("name", "has control characters");
  draft.name = clean.value_or("");
  if (clean.has_value()) rpc::ReadText("name", draft.name, 1, 200, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return draft;
}

pb::Landlord ToProto(const Landlord& landlord) {
  pb::Landlord proto;
  proto.set_landlord_id(landlord.id.ToString());
  proto.set_name(landlord.name);
  *proto.mutable_create_time() = rpc::ToProto(landlord.create_time);
  return proto;
}

}  // namespace veille::tenant_registry
