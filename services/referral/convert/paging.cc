#include "referral/convert/paging.h"

#include <optional>

#include "absl/strings/str_cat.h"

namespace veille::referral {

WorklistPage ReadWorklistPage(int page_size, const std::string& page_token,
                              errors::Violations& violations) {
  WorklistPage page;
  page.size = ReadPage(page_size, /*page_token=*/"", violations).size;
  if (page_token.empty()) return page;
  const bool has_form =
      page_token.size() > 2 && page_token[0] >= '1' && page_token[0] <= '3' && page_token[1] == '.';
  const auto after = has_form ? ids::Uuid::Parse(page_token.substr(2)) : std::nullopt;
  if (after.has_value()) {
    page.urgency = page_token[0] - '0';
    page.after = *after;
  } else {
    violations.Add("page_token", "is not a next_page_token of this method; send it unchanged");
  }
  return page;
}

std::string WorklistToken(int urgency, const ids::Uuid& item) {
  return absl::StrCat(urgency, ".", item.ToString());
}

}  // namespace veille::referral
