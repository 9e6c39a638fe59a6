#pragma once

// The figures of a service together with those of its audit trail.

#include "common/audit/chainer.h"
#include "common/operations/figures.h"
#include "common/status/macros.h"

namespace veille::audit {

// What it is given outlives it.
class AuditedFigures final : public operations::Figures {
 public:
  AuditedFigures(operations::Figures& own, const Chainer& chainer) : own_(own), chainer_(chainer) {}

  void Expose(metrics::Scrape& scrape) const override {
    own_.Expose(scrape);
    chainer_.Expose(scrape);
  }
  absl::Status Read(db::ReadTx& tx, operations::Readings& readings) override {
    RETURN_IF_ERROR(own_.Read(tx, readings));
    return chainer_.Read(tx, readings);
  }

 private:
  operations::Figures& own_;
  const Chainer& chainer_;
};

}  // namespace veille::audit
