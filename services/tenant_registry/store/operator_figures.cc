#include "tenant_registry/store/operator_figures.h"

namespace veille::tenant_registry {
namespace {

constexpr db::Query kCountRunning{"imports.count_running",
                                  "SELECT count_running_imports() AS imports"};

}  // namespace

int64_t CountRunningImports(db::ReadTx& tx) {
  return tx.Run(kCountRunning)[0].Get<int64_t>("imports");
}

}  // namespace veille::tenant_registry
