#pragma once

#include "common/ids/uuid.h"

namespace veille::tenant_registry {

using ids::AttemptId;
using ids::HouseholdId;
using ids::LandlordId;
using ids::RequestId;
using ids::TenantId;
using DwellingId = ids::Id<struct DwellingTag>;
using ImportId = ids::Id<struct ImportTag>;

}  // namespace veille::tenant_registry
