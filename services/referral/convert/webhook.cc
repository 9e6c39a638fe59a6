#include "referral/convert/webhook.h"

#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_cat.h"

namespace veille::referral {

namespace json = google::protobuf::util;

std::string ToWebhook(const ::veille::partner::v1::DeliverReferralRequest& notice) {
  std::string data;
  // It fails for Any and for text that is no UTF-8 alone: the one is not in it, the other does not
  // get past the request that brought it.
  (void)json::MessageToJsonString(notice, &data);
  return absl::StrCat(R"({"type":")",
                      notice.withdrawn() ? "referral.withdrawn" : "referral.assigned",
                      R"(","data":)", data, "}");
}

std::string ReceiptIn(const std::string& body) {
  constexpr size_t kLongestReceipt = 200;
  ::veille::partner::v1::DeliverReferralResponse answer;
  json::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  if (!json::JsonStringToMessage(body, &answer, options).ok()) return "";
  const std::string& receipt = answer.receipt_number();
  const bool fits = receipt.size() <= kLongestReceipt && receipt.find('\0') == std::string::npos;
  return fits ? receipt : "";
}

}  // namespace veille::referral
