#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "common/db/sql_values.h"

namespace veille::tenant_registry {

// A column of phone hashes (text[], hexadecimal), each once, in order.
inline std::vector<std::string> ReadHashes(const db::Row& row, const char* column) {
  std::vector<std::string> hashes;
  for (const std::string& hex : row.Get<std::vector<std::string>>(column)) {
    std::string hash = absl::HexStringToBytes(hex);
    if (std::find(hashes.begin(), hashes.end(), hash) == hashes.end()) {
      hashes.push_back(std::move(hash));
    }
  }
  return hashes;
}

}  // namespace veille::tenant_registry
