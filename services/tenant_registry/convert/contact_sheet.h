#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tenant_registry/domain/contact_sheet.h"
#include "veille/registry/v1/registry_service.pb.h"

namespace veille::tenant_registry {

namespace pb = ::veille::registry::v1;

absl::StatusOr<std::vector<ContactSheetQuery>> FromProto(
    const pb::BatchGetContactSheetsRequest& request);

// With ages on the day that it is at `now` where the household lives.
pb::ContactSheet ToProto(const ContactSheet& sheet, absl::Time now);

}  // namespace veille::tenant_registry
