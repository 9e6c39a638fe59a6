#pragma once

#include <vector>

#include "migrations/common.h"
#include "migrations/tenant_registry.h"

namespace veille::tenant_registry {

// The steps of this service's database, in order.
inline std::vector<db::Migration> Schema() {
  std::vector<db::Migration> all = migrations::common();
  const auto& own = migrations::tenant_registry();
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

}  // namespace veille::tenant_registry
