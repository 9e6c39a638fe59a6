#include "referral/store/delivery_queue.h"

#include <algorithm>
#include <functional>

#include "common/db/landlords.h"
#include "common/privacy/audit_trail.h"
#include "common/status/macros.h"
#include "referral/domain/deadlines.h"
#include "referral/domain/partner.h"
#include "referral/domain/transitions.h"
#include "referral/store/numbers.h"
#include "referral/store/partner_test_queue.h"
#include "referral/store/referral_audit.h"
#include "referral/store/sealed_values.h"
#include "referral/store/worklist_store.h"

namespace veille::referral {
namespace {

using db::Query;

// Which: the function crosses landlords. What: read for these landlords alone.
constexpr Query kClaimDeliveries{"deliveries.claim", R"sql(
  SELECT landlord_id, delivery_id, is_probe
  FROM claim_deliveries($1::integer, $2::integer, $3::uuid[], $4::integer[], $5::bigint, $6::bigint,
                        $7::bigint)
)sql"};

// One claim after the other, by its key, whatever the planner believes: in tables that it knows
// nothing of yet it joined them by the landlord alone, which is everything with everything.
constexpr Query kReadClaims{"deliveries.read_claims", R"sql(
  SELECT d.landlord_id, d.delivery_id, d.message_number, d.fence, d.tries, d.partner_id, d.is_withdrawal,
         claimed.is_probe = 1 AS is_probe, p.endpoint, p.payload = 2 AND NOT d.is_withdrawal AS is_full, r.referral_id, a.assignment_id, a.fence AS assignment_fence,
         r.version, r.state, r.need, r.urgency, r.commune_code, r.time_zone, r.campaign_id, a.assigned_time,
         r.acknowledge_deadline,
         CASE WHEN p.payload = 2 AND NOT d.is_withdrawal THEN r.words ELSE '' END AS words,
         CASE WHEN p.payload = 2 AND NOT d.is_withdrawal THEN r.contact ELSE '' END AS contact,
         CASE WHEN p.payload = 2 AND NOT d.is_withdrawal THEN r.basis ELSE '' END AS basis
  FROM unnest($1::uuid[], $2::uuid[], $3::integer[]) AS claimed (landlord_id, delivery_id, is_probe)
  CROSS JOIN LATERAL (
    SELECT landlord_id, delivery_id, message_number, fence, tries, partner_id, is_withdrawal,
           referral_id, assignment_fence
    FROM deliveries
    WHERE landlord_id = claimed.landlord_id AND delivery_id = claimed.delivery_id OFFSET 0) AS d
  CROSS JOIN LATERAL (
    SELECT referral_id, version, state, need, urgency, commune_code, time_zone, campaign_id,
           acknowledge_deadline, words, contact, basis
    FROM referrals
    WHERE landlord_id = d.landlord_id AND referral_id = d.referral_id OFFSET 0) AS r
  CROSS JOIN LATERAL (
    SELECT landlord_id, assignment_id, partner_id, fence, assigned_time
    FROM assignments
    WHERE landlord_id = d.landlord_id AND referral_id = d.referral_id
      AND fence = d.assignment_fence OFFSET 0) AS a
  CROSS JOIN LATERAL (
    SELECT endpoint, payload FROM partners
    WHERE landlord_id = a.landlord_id AND partner_id = a.partner_id OFFSET 0) AS p
)sql"};

// `state + 0`: what ends is found by its key. `state = 2` would do for the index of what is due,
// which holds next to nothing, so PostgreSQL believes, and has all that was due since the oldest
// transaction.

// What is locked is just being ended: it needs no more time.
constexpr Query kRenewClaims{"deliveries.renew", R"sql(
  WITH mine AS MATERIALIZED (
    SELECT d.landlord_id, d.delivery_id
    FROM deliveries AS d
    JOIN unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS held (landlord_id, delivery_id, fence)
      ON d.landlord_id = held.landlord_id AND d.delivery_id = held.delivery_id
        AND d.fence = held.fence
    WHERE d.state + 0 = 2 FOR UPDATE OF d SKIP LOCKED)
  UPDATE deliveries AS d SET due_time = veille_now() + $4::bigint * interval '1 millisecond'
  FROM mine
  WHERE d.landlord_id = mine.landlord_id AND d.delivery_id = mine.delivery_id
)sql"};

// In one order, before anything else of these referrals is touched: an act of a person does the
// same.
constexpr Query kLockReferrals{"deliveries.lock_referrals", R"sql(
  SELECT r.referral_id
  FROM referrals AS r
  JOIN unnest($1::uuid[], $2::uuid[]) AS ended (landlord_id, referral_id)
    ON r.landlord_id = ended.landlord_id AND r.referral_id = ended.referral_id
  ORDER BY r.landlord_id, r.referral_id FOR UPDATE OF r
)sql"};

constexpr Query kReceiveDeliveries{"deliveries.receive", R"sql(
  WITH done AS (
    UPDATE deliveries AS d
    SET state = CASE WHEN d.is_withdrawal THEN 5 ELSE 3 END, receipt_number = ended.receipt_number
    FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::text[])
      AS ended (landlord_id, delivery_id, fence, receipt_number)
    WHERE d.landlord_id = ended.landlord_id AND d.delivery_id = ended.delivery_id
      AND d.fence = ended.fence AND d.state + 0 = 2
    RETURNING d.landlord_id, d.referral_id, d.assignment_fence),
  received AS (
    UPDATE assignments AS a SET received_time = coalesce(a.received_time, $5::timestamptz)
    FROM done
    WHERE a.landlord_id = done.landlord_id AND a.referral_id = done.referral_id
      AND a.fence = done.assignment_fence AND a.state = 1),
  moved AS (
    UPDATE referrals AS r SET state = 2, version = r.version + 1, updated_time = $5::timestamptz
    FROM done
    WHERE r.landlord_id = done.landlord_id AND r.referral_id = done.referral_id
      AND r.open_fence = done.assignment_fence AND r.state = ANY($6::integer[])
    RETURNING r.landlord_id, r.referral_id, r.finding_id, r.campaign_id, r.version, r.open_fence),
  noted AS (
    INSERT INTO referral_events
      (landlord_id, referral_id, version, state, actor, open_fence, event_time)
    SELECT landlord_id, referral_id, version, 2, 2, open_fence, $5::timestamptz FROM moved)
  SELECT landlord_id, referral_id, finding_id, campaign_id, version FROM moved
  UNION ALL
  SELECT m.landlord_id, m.referral_id, m.finding_id, moved.campaign_id, moved.version
  FROM moved
  JOIN merged_findings AS m
    ON m.landlord_id = moved.landlord_id AND m.referral_id = moved.referral_id
)sql"};

// A try may have left no trace, with its engine: so not only the last one counts.
constexpr Query kRetryDeliveries{"deliveries.retry", R"sql(
  UPDATE deliveries AS d
  SET state = 1, due_time = veille_now() + ended.delay * interval '1 millisecond',
      told_tries = CASE WHEN d.told_tries = 0 AND d.tries >= $5::integer THEN d.tries
                        ELSE d.told_tries END
  FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[])
    AS ended (landlord_id, delivery_id, fence, delay)
  WHERE d.landlord_id = ended.landlord_id AND d.delivery_id = ended.delivery_id
    AND d.fence = ended.fence AND d.state + 0 = 2
  RETURNING d.landlord_id, d.referral_id, d.assignment_fence, d.is_withdrawal,
            d.tries >= $5::integer AND d.told_tries = d.tries AS is_to_be_told
)sql"};

constexpr Query kParkDeliveries{"deliveries.park", R"sql(
  UPDATE deliveries AS d SET state = 4
  FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS ended (landlord_id, delivery_id, fence)
  WHERE d.landlord_id = ended.landlord_id AND d.delivery_id = ended.delivery_id
    AND d.fence = ended.fence AND d.state + 0 = 2
  RETURNING d.landlord_id, d.referral_id, d.assignment_fence, d.is_withdrawal
)sql"};

// The pushes with one result, as array parameters.
struct Columns {
  std::vector<ids::LandlordId> landlords;
  std::vector<DeliveryId> deliveries;
  std::vector<int64_t> fences;
  std::vector<int64_t> delays;
  std::vector<std::string> receipts;
};

Columns ColumnsOf(const std::vector<Push>& pushes, Push::Result result) {
  Columns columns;
  for (const Push& push : pushes) {
    if (push.result != result) continue;
    columns.landlords.push_back(push.landlord);
    columns.deliveries.push_back(push.delivery);
    columns.fences.push_back(push.fence);
    columns.delays.push_back(absl::ToInt64Milliseconds(push.delay));
    columns.receipts.push_back(push.receipt_number);
  }
  return columns;
}

// All but what is sealed.
Claim ClaimFromRow(const db::Row& row) {
  Claim claim;
  claim.landlord = row.Get<ids::LandlordId>("landlord_id");
  claim.delivery = row.Get<DeliveryId>("delivery_id");
  claim.message_number = row.Get<int>("message_number");
  claim.fence = row.Get<int64_t>("fence");
  claim.partner = row.Get<ids::PartnerId>("partner_id");
  claim.tries = row.Get<int>("tries");
  claim.endpoint = row.Get<std::string>("endpoint");
  claim.channel = ChannelOf(claim.endpoint);
  claim.probe = row.Get<bool>("is_probe");
  claim.withdrawn = row.Get<bool>("is_withdrawal");
  claim.full = row.Get<bool>("is_full");

  PartnerCase& told = claim.partner_case;
  told.superseded = claim.withdrawn;
  told.id = row.Get<ids::ReferralId>("referral_id");
  told.campaign = row.Get<ids::CampaignId>("campaign_id");
  told.assignment = row.Get<AssignmentId>("assignment_id");
  told.version = row.Get<int64_t>("version");
  told.fence = row.Get<int64_t>("assignment_fence");
  told.state = static_cast<ReferralState>(row.Get<int>("state"));
  told.urgency = static_cast<Urgency>(row.Get<int>("urgency"));
  told.commune = row.Get<std::string>("commune_code");
  told.time_zone = row.Get<std::string>("time_zone");
  told.assign_time = row.Get<absl::Time>("assigned_time");
  told.acknowledge_deadline = row.Find<absl::Time>("acknowledge_deadline");
  return claim;
}

}  // namespace

const db::Query& ClaimDeliveriesQuery() { return kClaimDeliveries; }
const db::Query& ReadClaimsQuery() { return kReadClaims; }
const db::Query& LockReferralsQuery() { return kLockReferrals; }
const db::Query& ReceiveDeliveriesQuery() { return kReceiveDeliveries; }

absl::Status DeliveryQueue::OpenSealed(const db::Row& row, Claim& claim) const {
  PartnerCase& told = claim.partner_case;
  const SealedRow sealed(seal_, "referrals", claim.landlord, told.campaign, told.id.uuid());
  ASSIGN_OR_RETURN(const int need, sealed.OpenNumber("need", row.Get<db::Bytes>("need")));
  ASSIGN_OR_RETURN(told.words, sealed.Open("words", row.Get<db::Bytes>("words")));
  ASSIGN_OR_RETURN(const std::string contact,
                   sealed.Open("contact", row.Get<db::Bytes>("contact")));
  told.need = static_cast<Need>(need);
  if (!contact.empty()) {
    ASSIGN_OR_RETURN(told.person, ContactFromJson(contact));
  }
  if (told.need == Need::kMunicipalRegister) {
    ASSIGN_OR_RETURN(told.register_entry, OpenRegisterEntry(sealed, row.Get<db::Bytes>("basis")));
  }
  Minimise(told);
  return absl::OkStatus();
}

std::vector<Claim> DeliveryQueue::ClaimDue(const Portion& portion) {
  std::vector<ids::LandlordId> landlords;
  std::vector<DeliveryId> deliveries;
  std::vector<int32_t> probes;
  std::vector<ids::PartnerId> limited;
  std::vector<int32_t> limits;
  for (const PartnerLimit& limit : portion.limits) {
    limited.push_back(limit.partner);
    limits.push_back(limit.most);
  }
  std::optional<int64_t> within;
  if (portion.within.has_value()) within = absl::ToInt64Milliseconds(*portion.within);
  for (const db::Row row : tx_.Run(kClaimDeliveries, portion.most, portion.most_per_partner,
                                   limited, limits, absl::ToInt64Milliseconds(portion.hold),
                                   absl::ToInt64Milliseconds(portion.probe_hold), within)) {
    landlords.push_back(row.Get<ids::LandlordId>("landlord_id"));
    deliveries.push_back(row.Get<DeliveryId>("delivery_id"));
    probes.push_back(row.Get<bool>("is_probe") ? 1 : 0);
  }
  std::vector<Claim> claims;
  if (deliveries.empty()) return claims;
  tx_.ActFor(db::LandlordsOf(landlords, std::identity()));
  for (const db::Row row : tx_.Run(kReadClaims, landlords, deliveries, probes)) {
    Claim claim = ClaimFromRow(row);
    claim.readable = claim.withdrawn || OpenSealed(row, claim).ok();
    if (!claim.readable) LogUnreadable(claim.partner_case.id);
    if (claim.full && claim.readable) {
      AppendReferralEvent(tx_, {.landlord = claim.landlord,
                                .actor_role = "service",
                                .actor = "referral",
                                .method = "DeliverReferral",
                                .object_kind = "referral",
                                .object = claim.partner_case.id.uuid(),
                                .purpose = kReferralPurpose});
    }
    claims.push_back(std::move(claim));
  }
  if (claims.size() == deliveries.size()) return claims;
  for (Claim& notice : PartnerTestQueue(tx_).Read(landlords, deliveries, probes)) {
    claims.push_back(std::move(notice));
  }
  return claims;
}

void DeliveryQueue::Renew(const std::vector<Held>& claims, absl::Duration hold) {
  std::vector<ids::LandlordId> landlords;
  std::vector<DeliveryId> deliveries;
  std::vector<int64_t> fences;
  for (const Held& claim : claims) {
    landlords.push_back(claim.landlord);
    deliveries.push_back(claim.delivery);
    fences.push_back(claim.fence);
  }
  tx_.Run(kRenewClaims, landlords, deliveries, fences, absl::ToInt64Milliseconds(hold));
}

std::vector<Received> DeliveryQueue::End(std::vector<Push> pushes, absl::Time now) {
  const auto tests = std::partition(pushes.begin(), pushes.end(),
                                    [](const Push& push) { return !push.test.has_value(); });
  if (tests != pushes.end()) {
    PartnerTestQueue(tx_).End({tests, pushes.end()});
    pushes.erase(tests, pushes.end());
    if (pushes.empty()) return {};
  }
  Lock(pushes);
  Retry(pushes, now);
  Park(pushes, now);
  return Receive(pushes, now);
}

void DeliveryQueue::Lock(const std::vector<Push>& pushes) {
  std::vector<ids::LandlordId> landlords;
  std::vector<ids::ReferralId> referrals;
  for (const Push& push : pushes) {
    landlords.push_back(push.landlord);
    referrals.push_back(push.referral);
  }
  tx_.Run(kLockReferrals, landlords, referrals);
}

std::vector<Received> DeliveryQueue::Receive(const std::vector<Push>& pushes, absl::Time now) {
  const Columns ended = ColumnsOf(pushes, Push::Result::kReceived);
  std::vector<Received> received;
  if (ended.fences.empty()) return received;
  for (const db::Row row :
       tx_.Run(kReceiveDeliveries, ended.landlords, ended.deliveries, ended.fences, ended.receipts,
               now, NumbersOf(SourcesOf(ReferralState::kReceived, Actor::kEngine)))) {
    received.push_back(Received{.landlord = row.Get<ids::LandlordId>("landlord_id"),
                                .update = {.referral = row.Get<ids::ReferralId>("referral_id"),
                                           .finding = row.Get<ids::FindingId>("finding_id"),
                                           .campaign = row.Get<ids::CampaignId>("campaign_id"),
                                           .version = row.Get<int64_t>("version"),
                                           .state = ReferralState::kReceived,
                                           .update_time = now}});
  }
  return received;
}

void DeliveryQueue::Retry(const std::vector<Push>& pushes, absl::Time now) {
  const Columns ended = ColumnsOf(pushes, Push::Result::kRetry);
  if (ended.fences.empty()) return;
  for (const db::Row row : tx_.Run(kRetryDeliveries, ended.landlords, ended.deliveries,
                                   ended.fences, ended.delays, kTriesBeforeWorklist)) {
    if (!row.Get<bool>("is_to_be_told")) continue;
    WorklistStore(tx_, seal_, row.Get<ids::LandlordId>("landlord_id"))
        .PutNotTold(NotToldFromRow(row), now);
  }
}

void DeliveryQueue::Park(const std::vector<Push>& pushes, absl::Time now) {
  const Columns ended = ColumnsOf(pushes, Push::Result::kPark);
  if (ended.fences.empty()) return;
  for (const db::Row row :
       tx_.Run(kParkDeliveries, ended.landlords, ended.deliveries, ended.fences)) {
    WorklistStore(tx_, seal_, row.Get<ids::LandlordId>("landlord_id"))
        .PutNotTold(NotToldFromRow(row), now);
  }
}

}  // namespace veille::referral
