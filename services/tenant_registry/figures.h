#pragma once

// What the operator sees of the registry: the imports.

#include "absl/status/status.h"
#include "common/operations/figures.h"
#include "tenant_registry/environment.h"

namespace veille::tenant_registry {

// The environment outlives it.
class RegistryFigures final : public operations::Figures {
 public:
  explicit RegistryFigures(const Environment& environment) : environment_(environment) {}

  void Expose(metrics::Scrape& scrape) const override;
  absl::Status Read(db::ReadTx& tx, operations::Readings& readings) override;

 private:
  const Environment& environment_;
};

}  // namespace veille::tenant_registry
