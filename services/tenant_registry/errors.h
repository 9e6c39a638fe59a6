#pragma once

// The errors of this service, by name.

#include "absl/status/status.h"

namespace veille::tenant_registry::errors {

absl::Status DuplicateName();
absl::Status LandlordNotFound();
// Also for a household of another landlord, and for a tenant who is not of the household.
absl::Status HouseholdNotFound();
absl::Status PhoneNotFound();
absl::Status AnotherImportRuns();
absl::Status ImportHeaderDiffers();
absl::Status ImportOvertaken();
absl::Status ImportStreamReplaced();
absl::Status ImportChunkOutOfOrder();
absl::Status ImportCut();
absl::Status ImportRowCountDiffers();
absl::Status ImportEmpty();

}  // namespace veille::tenant_registry::errors
