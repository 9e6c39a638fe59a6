#pragma once

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "tenant_registry/domain/import.h"

namespace veille::tenant_registry::handlers {

// Today, where registers are kept.
inline absl::CivilDay RegisterDay(absl::Time now) {
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(kRegisterTimeZone, &zone)) zone = absl::UTCTimeZone();
  return absl::ToCivilDay(now, zone);
}

}  // namespace veille::tenant_registry::handlers
