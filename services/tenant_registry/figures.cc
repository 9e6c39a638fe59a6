#include "tenant_registry/figures.h"

#include "tenant_registry/store/operator_figures.h"

namespace veille::tenant_registry {
namespace {

constexpr metrics::Family kRunning{"veille_imports_running",
                                   "Imports that have begun and not ended, cut ones among them."};

}  // namespace

void RegistryFigures::Expose(metrics::Scrape& scrape) const {
  environment_.contact_sheets.Expose(scrape);
  environment_.imports.Expose(scrape);
}

absl::Status RegistryFigures::Read(db::ReadTx& tx, operations::Readings& readings) {
  readings.Set(kRunning, {}, static_cast<double>(CountRunningImports(tx)));
  return absl::OkStatus();
}

}  // namespace veille::tenant_registry
