#include "referral/store/partner_test_queue.h"

#include <string>

#include "referral/domain/partner.h"
#include "referral/store/partner_test_store.h"

namespace veille::referral {
namespace {

using db::Query;

constexpr Query kReadNotices{"partner_tests.read_notices", R"sql(
  SELECT d.landlord_id, d.delivery_id, d.fence, d.tries, d.partner_id,
         claimed.is_probe = 1 AS is_probe, p.endpoint, p.payload = 2 AS is_full, t.test_id,
         t.version, t.state, t.created_time, t.expire_time, c.commune_code, c.needs
  FROM unnest($1::uuid[], $2::uuid[], $3::integer[]) AS claimed (landlord_id, delivery_id, is_probe)
  JOIN deliveries AS d
    ON d.landlord_id = claimed.landlord_id AND d.delivery_id = claimed.delivery_id
  JOIN partner_tests AS t ON t.landlord_id = d.landlord_id AND t.delivery_id = d.delivery_id
  JOIN partners AS p ON p.landlord_id = d.landlord_id AND p.partner_id = d.partner_id
  JOIN LATERAL (
    SELECT c.commune_code, c.needs FROM partner_coverage AS c
    WHERE c.landlord_id = p.landlord_id AND c.partner_id = p.partner_id
    ORDER BY c.entry, c.commune_code LIMIT 1) AS c ON true
  WHERE d.referral_id IS NULL AND t.expire_time > veille_now()
)sql"};

constexpr Query kDropExpired{"partner_tests.drop_expired", R"sql(
  DELETE FROM deliveries AS d
  USING unnest($1::uuid[], $2::uuid[]) AS claimed (landlord_id, delivery_id)
  WHERE d.landlord_id = claimed.landlord_id AND d.delivery_id = claimed.delivery_id
    AND d.referral_id IS NULL
    AND NOT EXISTS (
      SELECT FROM partner_tests AS t
      WHERE t.landlord_id = d.landlord_id AND t.delivery_id = d.delivery_id
        AND t.expire_time > veille_now())
)sql"};

// Partners before tests and deliveries, in one order: whoever begins another test does the same.
constexpr Query kLockPartners{"partner_tests.lock_partners", R"sql(
  SELECT p.landlord_id, p.partner_id
  FROM partners AS p
  JOIN partner_tests AS t ON t.landlord_id = p.landlord_id AND t.partner_id = p.partner_id
  JOIN unnest($1::uuid[], $2::uuid[]) AS ended (landlord_id, delivery_id)
    ON t.landlord_id = ended.landlord_id AND t.delivery_id = ended.delivery_id
  ORDER BY p.landlord_id, p.partner_id FOR NO KEY UPDATE OF p
)sql"};

// Only of a claim that still stands. What failed for good ends the test; what is tried again keeps
// its delivery.
constexpr Query kEndNotices{"partner_tests.end", R"sql(
  WITH ended AS MATERIALIZED (
    SELECT d.landlord_id, d.delivery_id, d.tries, e.result, e.delay, e.problem, e.answer
    FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::integer[], $5::bigint[], $6::integer[],
                $7::text[]) AS e (landlord_id, delivery_id, fence, result, delay, problem, answer)
    JOIN deliveries AS d ON d.landlord_id = e.landlord_id AND d.delivery_id = e.delivery_id
      AND d.fence = e.fence AND d.state = 2
    FOR UPDATE OF d),
  gone AS (
    DELETE FROM deliveries AS d USING ended AS e
    WHERE d.landlord_id = e.landlord_id AND d.delivery_id = e.delivery_id AND e.result <> 1),
  again AS (
    UPDATE deliveries AS d
    SET state = 1, due_time = veille_now() + e.delay * interval '1 millisecond'
    FROM ended AS e
    WHERE d.landlord_id = e.landlord_id AND d.delivery_id = e.delivery_id AND e.result = 1)
  UPDATE partner_tests AS t
  SET tries = e.tries, problem = e.problem, answer = e.answer,
      received_time = CASE WHEN e.result = 0 THEN veille_now() ELSE t.received_time END,
      state = CASE WHEN e.result = 0 AND t.state = 1 THEN 2 ELSE t.state END,
      version = CASE WHEN e.result = 0 AND t.state = 1 THEN t.version + 1 ELSE t.version END,
      expire_time = CASE WHEN e.result = 2 THEN least(t.expire_time, veille_now())
                         ELSE t.expire_time END
  FROM ended AS e
  WHERE t.landlord_id = e.landlord_id AND t.delivery_id = e.delivery_id
)sql"};

Claim NoticeFromRow(const db::Row& row) {
  Claim claim;
  claim.landlord = row.Get<ids::LandlordId>("landlord_id");
  claim.delivery = row.Get<DeliveryId>("delivery_id");
  claim.fence = row.Get<int64_t>("fence");
  claim.partner = row.Get<ids::PartnerId>("partner_id");
  claim.tries = row.Get<int>("tries");
  claim.endpoint = row.Get<std::string>("endpoint");
  claim.channel = ChannelOf(claim.endpoint);
  claim.probe = row.Get<bool>("is_probe");
  claim.full = row.Get<bool>("is_full");
  claim.partner_case = AsPartnerCase({.id = row.Get<ids::ReferralId>("test_id"),
                                      .version = row.Get<int64_t>("version"),
                                      .state = static_cast<ReferralState>(row.Get<int>("state")),
                                      .need = NeedsOf(row.Get<int>("needs")).at(0),
                                      .commune = row.Get<std::string>("commune_code"),
                                      .create_time = row.Get<absl::Time>("created_time"),
                                      .expire_time = row.Get<absl::Time>("expire_time")});
  return claim;
}

}  // namespace

std::vector<Claim> PartnerTestQueue::Read(const std::vector<ids::LandlordId>& landlords,
                                          const std::vector<DeliveryId>& deliveries,
                                          const std::vector<int32_t>& probes) {
  std::vector<Claim> notices;
  for (const db::Row row : tx_.Run(kReadNotices, landlords, deliveries, probes)) {
    notices.push_back(NoticeFromRow(row));
  }
  tx_.Run(kDropExpired, landlords, deliveries);
  return notices;
}

void PartnerTestQueue::End(const std::vector<Push>& pushes) {
  std::vector<ids::LandlordId> landlords;
  std::vector<DeliveryId> deliveries;
  std::vector<int64_t> fences;
  std::vector<int32_t> results;
  std::vector<int64_t> delays;
  std::vector<int32_t> problems;
  std::vector<std::string> answers;
  for (const Push& push : pushes) {
    landlords.push_back(push.landlord);
    deliveries.push_back(push.delivery);
    fences.push_back(push.fence);
    results.push_back(static_cast<int>(push.result));
    delays.push_back(absl::ToInt64Milliseconds(push.delay));
    problems.push_back(static_cast<int>(push.test->problem));
    answers.push_back(push.test->answer);
  }
  std::vector<ids::LandlordId> locked_landlords;
  std::vector<ids::PartnerId> partners;
  for (const db::Row row : tx_.Run(kLockPartners, landlords, deliveries)) {
    locked_landlords.push_back(row.Get<ids::LandlordId>("landlord_id"));
    partners.push_back(row.Get<ids::PartnerId>("partner_id"));
  }
  tx_.Run(kEndNotices, landlords, deliveries, fences, results, delays, problems, answers);
  SwitchOnTested(tx_, locked_landlords, partners);
}

}  // namespace veille::referral
