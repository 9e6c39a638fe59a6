#include "common/limits/call_rates.h"

#include "absl/hash/hash.h"
#include "common/limits/limited.h"

namespace veille::limits {
namespace {

using metrics::Label;

uint64_t KeyOf(const access::Caller& caller) {
  return absl::HashOf(caller.issuer, caller.subject, caller.landlord, caller.partner);
}

}  // namespace

absl::Status CallRates::Admit(const access::Caller& caller) {
  if (caller.role == common::v1::ROLE_SERVICE) return absl::OkStatus();
  const bool is_partner = caller.role == common::v1::ROLE_PARTNER;
  Buckets& buckets = is_partner ? partners_ : people_;
  const std::chrono::nanoseconds wait = buckets.Take(KeyOf(caller), clock_.Now());
  if (wait.count() == 0) return absl::OkStatus();
  (is_partner ? partners_limited_ : people_limited_).Add();
  return RateLimited("this caller makes too many calls; nothing was done, call again later", wait);
}

void CallRates::Expose(metrics::Scrape& scrape) const {
  scrape.Add(kLimited, {{Label::kRole, "person"}, {Label::kReason, "rate"}}, people_limited_);
  scrape.Add(kLimited, {{Label::kRole, "partner"}, {Label::kReason, "rate"}}, partners_limited_);
}

}  // namespace veille::limits
