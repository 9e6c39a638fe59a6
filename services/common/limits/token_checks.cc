#include "common/limits/token_checks.h"

#include "common/limits/address.h"
#include "common/limits/limited.h"

namespace veille::limits {

using metrics::Label;

std::chrono::nanoseconds TokenChecks::TakeOfAll(std::chrono::nanoseconds now) {
  if (!all_.limited()) return std::chrono::nanoseconds(0);
  int64_t seen = all_full_.load(std::memory_order_relaxed);
  while (true) {
    std::chrono::nanoseconds full(seen);
    const std::chrono::nanoseconds wait = all_.Take(full, now);
    if (wait.count() > 0) return wait;
    if (all_full_.compare_exchange_weak(seen, full.count(), std::memory_order_relaxed)) return wait;
  }
}

absl::StatusOr<TokenChecks::Charge> TokenChecks::Begin(std::string_view address) {
  const std::chrono::nanoseconds now = clock_.Now();
  const uint64_t key = AddressKey(address);
  const std::chrono::nanoseconds own = addresses_.Take(key, now);
  if (own.count() > 0) {
    address_limited_.Add();
    return RateLimited("too many access tokens from this address were refused; call again later",
                       own);
  }
  Charge charge(addresses_, key);
  const std::chrono::nanoseconds all = TakeOfAll(now);
  if (all.count() > 0) {
    charge.GiveBack();
    all_limited_.Add();
    return RateLimited("too many new access tokens at once; call again with the same one later",
                       all);
  }
  return charge;
}

void TokenChecks::Expose(metrics::Scrape& scrape) const {
  scrape.Add(kLimited, {{Label::kRole, "unknown"}, {Label::kReason, "refused-tokens"}},
             address_limited_);
  scrape.Add(kLimited, {{Label::kRole, "unknown"}, {Label::kReason, "token-checks"}}, all_limited_);
}

}  // namespace veille::limits
