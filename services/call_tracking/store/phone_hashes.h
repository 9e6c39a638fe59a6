#pragma once

// The phones of a household in one column: keyed hashes of 32 bytes each, in the order to dial.

#include <string>
#include <vector>

#include "common/db/sql_values.h"

namespace veille::call_tracking {

inline constexpr size_t kPhoneHashSize = 32;

inline std::vector<std::string> SplitPhoneHashes(const db::Bytes& column) {
  std::vector<std::string> hashes;
  for (size_t at = 0; at + kPhoneHashSize <= column.value.size(); at += kPhoneHashSize) {
    hashes.push_back(column.value.substr(at, kPhoneHashSize));
  }
  return hashes;
}

inline db::Bytes JoinPhoneHashes(const std::vector<std::string>& hashes) {
  db::Bytes column;
  for (const std::string& hash : hashes) column.value += hash;
  return column;
}

}  // namespace veille::call_tracking
