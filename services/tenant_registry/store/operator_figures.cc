#include "tenant_registry/store/operator_figures.h"

namespace veille::tenant_registry {
namespace {

// crosses landlords: a figure of the installation, for its operator.
constexpr db::Query kCountRunning{"imports.count_running", R"sql(
  SELECT count(*) AS imports FROM imports WHERE state = 1
)sql"};

}  // namespace

int64_t CountRunningImports(db::ReadTx& tx) {
  return tx.Run(kCountRunning)[0].Get<int64_t>("imports");
}

}  // namespace veille::tenant_registry
