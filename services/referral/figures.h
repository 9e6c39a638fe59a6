#pragma once

// What the operator sees of the referral service: whether anyone is waiting for help.

#include "absl/status/status.h"
#include "common/operations/figures.h"
#include "referral/assignment/acknowledgement_clock.h"
#include "referral/delivery/engine.h"

namespace veille::referral {

// The loops outlive it.
class ReferralFigures final : public operations::Figures {
 public:
  ReferralFigures(const Engine& engine, const AcknowledgementClock& clock)
      : engine_(engine), clock_(clock) {}

  void Expose(metrics::Scrape& scrape) const override {
    engine_.Expose(scrape);
    clock_.Expose(scrape);
  }
  absl::Status Read(db::ReadTx& tx, operations::Readings& readings) override;

 private:
  const Engine& engine_;
  const AcknowledgementClock& clock_;
};

}  // namespace veille::referral
