#include "common/rpc/paging.h"

#include "common/rpc/fields.h"

namespace veille::rpc {
namespace {
constexpr int kUsualSize = 50;
constexpr int kLargestSize = 1000;
}  // namespace

Page ReadPage(int page_size, const std::string& page_token, errors::Violations& violations) {
  Page page;
  page.size = static_cast<int>(ReadNumber("page_size", page_size, 0, kLargestSize, violations));
  if (page.size == 0) page.size = kUsualSize;
  if (!page_token.empty()) {
    const auto after = ids::Uuid::Parse(page_token);
    if (after.has_value()) {
      page.after = *after;
    } else {
      violations.Add("page_token", "is not a next_page_token of this method; send it unchanged");
    }
  }
  return page;
}

}  // namespace veille::rpc
