#pragma once

// The trace of acts on referrals, with the household whose record each is: so that "who saw
// household X" finds them.

#include <algorithm>
#include <vector>

#include "common/db/transaction.h"
#include "common/privacy/audit_trail.h"

namespace veille::referral {

// Why a referral is looked at or changed, unless something else is said.
inline constexpr char kReferralPurpose[] = "referral to partner";

// `event` is about a referral.
void AppendReferralEvent(db::WriteTx& tx, const privacy::AuditEvent& event);

// What a list showed: an event like `event` for each of these referrals.
void AppendReferralEvents(db::WriteTx& tx, const privacy::AuditEvent& event,
                          const std::vector<ids::ReferralId>& referrals);

// A page of a list: one event about the list, and one for each referral on the page. `entries` may
// hold more than are shown.
template <typename Entry>
void AppendListEvents(db::WriteTx& tx, const privacy::AuditEvent& list,
                      const std::vector<Entry>& entries, ids::ReferralId Entry::* referral,
                      int shown) {
  privacy::AppendAuditEvent(tx, list);
  std::vector<ids::ReferralId> referrals;
  for (size_t i = 0; i < std::min(entries.size(), static_cast<size_t>(shown)); ++i) {
    referrals.push_back(entries[i].*referral);
  }
  AppendReferralEvents(tx, list, referrals);
}

// The statements themselves, for what measures them.
const db::Query& AppendReferralEventsQuery();

}  // namespace veille::referral
