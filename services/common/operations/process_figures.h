#pragma once

// The process as the kernel sees it, under the names that all Prometheus clients give.

#include "common/telemetry/metrics.h"

namespace veille::operations {

// Reads /proc: some 50 µs. What cannot be read is left out.
void ExposeProcess(metrics::Scrape& scrape);

}  // namespace veille::operations
