#pragma once

// Whose rows a batch is about: what its `Limits` name.

#include <algorithm>
#include <functional>
#include <vector>

#include "common/ids/uuid.h"

namespace veille::db {

// Of each item, once: `of` is a member or a function of an item.
template <typename Items, typename Of>
std::vector<ids::LandlordId> LandlordsOf(const Items& items, const Of& of) {
  std::vector<ids::LandlordId> landlords;
  landlords.reserve(items.size());
  for (const auto& item : items) landlords.push_back(std::invoke(of, item));
  std::sort(landlords.begin(), landlords.end());
  landlords.erase(std::unique(landlords.begin(), landlords.end()), landlords.end());
  return landlords;
}

}  // namespace veille::db
