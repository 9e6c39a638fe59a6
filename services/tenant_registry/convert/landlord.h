#pragma once

#include "absl/status/statusor.h"
#include "tenant_registry/domain/household.h"
#include "veille/registry/v1/registry_service.pb.h"

namespace veille::tenant_registry {

namespace pb = ::veille::registry::v1;

struct LandlordDraft {
  RequestId request;
  std::string name;
};
absl::StatusOr<LandlordDraft> FromProto(const pb::CreateLandlordRequest& request);

pb::Landlord ToProto(const Landlord& landlord);

}  // namespace veille::tenant_registry
