#include "referral/store/referral_audit.h"

namespace veille::referral {
namespace {

constexpr db::Query kAppendReferralEvents{"audit_events.append_referrals", R"sql(
  INSERT INTO audit_events (landlord_id, actor_role, actor, method, object_kind, object_id, purpose,
                            outcome, reason, household_id)
  SELECT r.landlord_id, $2, $3, $4, 'referral', r.referral_id, $5, $6, $7, r.household_id
  FROM referrals AS r
  WHERE r.landlord_id = $1::uuid AND r.referral_id = ANY ($8::uuid[])
)sql"};

}  // namespace

const db::Query& AppendReferralEventsQuery() { return kAppendReferralEvents; }

void AppendReferralEvent(db::WriteTx& tx, const privacy::AuditEvent& event) {
  AppendReferralEvents(tx, event, {ids::ReferralId(event.object)});
}

void AppendReferralEvents(db::WriteTx& tx, const privacy::AuditEvent& event,
                          const std::vector<ids::ReferralId>& referrals) {
  if (referrals.empty()) return;
  tx.Queue(kAppendReferralEvents, event.landlord, event.actor_role, event.actor, event.method,
           event.purpose, event.outcome, event.reason, referrals);
}

}  // namespace veille::referral
