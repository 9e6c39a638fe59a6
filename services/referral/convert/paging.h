#pragma once

// Pages of lists. One entry more than the page holds is read, which tells whether another follows.

#include <string>
#include <vector>

#include "common/ids/uuid.h"
#include "common/rpc/paging.h"

namespace veille::referral {

using rpc::Page;
using rpc::ReadPage;

// The worklist is ordered by urgency, then by age: its tokens name both.
struct WorklistPage {
  int size = 50;
  int urgency = 4;  // above all for the first page
  ids::Uuid after;
};
WorklistPage ReadWorklistPage(int page_size, const std::string& page_token,
                              errors::Violations& violations);
std::string WorklistToken(int urgency, const ids::Uuid& item);

// Takes off the entry that was read beyond the page; true when there was one.
template <typename T>
bool CutToPage(std::vector<T>& entries, int page_size) {
  if (entries.size() <= static_cast<size_t>(page_size)) return false;
  entries.resize(static_cast<size_t>(page_size));
  return true;
}

}  // namespace veille::referral
