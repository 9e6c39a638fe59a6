#pragma once

// What the operator sees of call-tracking: how far the calls are, and who waits for a decision.

#include "absl/status/status.h"
#include "call_tracking/batches/calls.h"
#include "call_tracking/census.h"
#include "call_tracking/clients/contact_sheets.h"
#include "common/operations/figures.h"
#include "common/time/clock.h"

namespace veille::call_tracking {

// What it is given outlives it.
class CallFigures final : public operations::Figures {
 public:
  CallFigures(const time::Clock& clock, const Calls& calls, const RegistryContactSheets& sheets)
      : clock_(clock), calls_(calls), sheets_(sheets) {}

  void Expose(metrics::Scrape& scrape) const override;
  absl::Status Read(db::ReadTx& tx, operations::Readings& readings) override;

 private:
  const time::Clock& clock_;
  const Calls& calls_;
  const RegistryContactSheets& sheets_;
  Census census_;
};

}  // namespace veille::call_tracking
