#include "referral/store/partner_test_store.h"

#include "referral/domain/partner.h"
#include "referral/domain/transitions.h"
#include "referral/errors.h"
#include "referral/store/numbers.h"

namespace veille::referral {
namespace {

using db::Query;

constexpr Query kFindTest{"partner_tests.find", R"sql(
  SELECT t.test_id, t.delivery_id, greatest(t.tries, coalesce(d.tries, 0)) AS tries, t.problem,
         t.answer, t.expire_time <= veille_now() AS is_over, t.created_time, t.expire_time,
         t.received_time, t.fetched_time, t.accepted_time
  FROM partner_tests AS t
  LEFT JOIN deliveries AS d ON d.landlord_id = t.landlord_id AND d.delivery_id = t.delivery_id
  WHERE t.landlord_id = $1::uuid AND t.partner_id = $2::uuid
)sql"};

constexpr Query kDropNotice{"partner_tests.drop_notice", R"sql(
  DELETE FROM deliveries AS d USING partner_tests AS t
  WHERE t.landlord_id = $1::uuid AND t.partner_id = $2::uuid
    AND d.landlord_id = t.landlord_id AND d.delivery_id = t.delivery_id
)sql"};

constexpr Query kBeginTest{"partner_tests.begin", R"sql(
  INSERT INTO partner_tests
    (landlord_id, partner_id, test_id, delivery_id, created_time, expire_time)
  VALUES ($1::uuid, $2::uuid, $3::uuid, $4::uuid, veille_now(),
          veille_now() + $5::bigint * interval '1 millisecond')
  ON CONFLICT (landlord_id, partner_id) DO UPDATE
  SET test_id = EXCLUDED.test_id, delivery_id = EXCLUDED.delivery_id, state = 1, version = 1,
      outcome = 0, tries = 0, problem = 0, answer = '', created_time = EXCLUDED.created_time,
      expire_time = EXCLUDED.expire_time, received_time = NULL, fetched_time = NULL,
      accepted_time = NULL
)sql"};

constexpr Query kInsertNotice{"partner_tests.insert_notice", R"sql(
  INSERT INTO deliveries (landlord_id, delivery_id, assignment_fence, partner_id, state, due_time)
  VALUES ($1::uuid, $2::uuid, 1, $3::uuid, 1, veille_now())
)sql"};

// Before the test itself, as whoever begins another does.
constexpr Query kLockTested{"partner_tests.lock_partner", R"sql(
  SELECT p.partner_id
  FROM partner_tests AS t
  JOIN partners AS p ON p.landlord_id = t.landlord_id AND p.partner_id = t.partner_id
  WHERE t.landlord_id = $1::uuid AND t.partner_id = $2::uuid AND t.test_id = $3::uuid
    AND t.expire_time > veille_now()
  FOR NO KEY UPDATE OF p
)sql"};

constexpr Query kMarkFetched{"partner_tests.mark_fetched", R"sql(
  UPDATE partner_tests SET fetched_time = coalesce(fetched_time, veille_now())
  WHERE landlord_id = $1::uuid AND partner_id = $2::uuid AND test_id = $3::uuid
)sql"};

constexpr Query kReadTest{"partner_tests.read", R"sql(
  SELECT t.version, t.state, t.outcome, t.created_time, t.expire_time, c.commune_code, c.needs
  FROM partner_tests AS t
  JOIN partner_coverage AS c ON c.landlord_id = t.landlord_id AND c.partner_id = t.partner_id
  WHERE t.landlord_id = $1::uuid AND t.partner_id = $2::uuid AND t.test_id = $3::uuid
    AND t.expire_time > veille_now()
  ORDER BY c.entry, c.commune_code LIMIT 1
)sql"};

constexpr Query kFindUnderWay{"partner_tests.find_under_way", R"sql(
  SELECT test_id FROM partner_tests
  WHERE landlord_id = $1::uuid AND partner_id = $2::uuid AND expire_time > veille_now()
)sql"};

constexpr Query kMoveTest{"partner_tests.move", R"sql(
  UPDATE partner_tests
  SET state = $4::smallint, version = version + 1, outcome = $6::smallint,
      accepted_time = CASE WHEN $4::smallint = 3 THEN veille_now() ELSE accepted_time END
  WHERE landlord_id = $1::uuid AND partner_id = $2::uuid AND test_id = $3::uuid
    AND state = ANY ($5::integer[])
  RETURNING version
)sql"};

constexpr Query kSwitchOn{"partners.switch_on_tested", R"sql(
  UPDATE partners AS p
  SET on_trial = false, state = CASE p.state WHEN 3 THEN 1 ELSE p.state END, version = p.version + 1
  FROM partner_tests AS t
  JOIN unnest($1::uuid[], $2::uuid[]) AS tested (landlord_id, partner_id)
    ON t.landlord_id = tested.landlord_id AND t.partner_id = tested.partner_id
  WHERE p.landlord_id = t.landlord_id AND p.partner_id = t.partner_id AND p.on_trial
    AND t.received_time IS NOT NULL AND t.fetched_time IS NOT NULL
)sql"};

}  // namespace

std::optional<PartnerTest> PartnerTestReader::Find(ids::PartnerId partner) {
  const db::Rows rows = tx_.Run(kFindTest, landlord_, partner);
  if (rows.empty()) return std::nullopt;
  const db::Row row = rows[0];
  return PartnerTest{.id = row.Get<ids::ReferralId>("test_id"),
                     .delivery = row.Get<ids::Uuid>("delivery_id"),
                     .tries = row.Get<int>("tries"),
                     .problem = static_cast<PartnerTestProblem>(row.Get<int>("problem")),
                     .answer = row.Get<std::string>("answer"),
                     .over = row.Get<bool>("is_over"),
                     .create_time = row.Get<absl::Time>("created_time"),
                     .expire_time = row.Get<absl::Time>("expire_time"),
                     .receive_time = row.Find<absl::Time>("received_time"),
                     .fetch_time = row.Find<absl::Time>("fetched_time"),
                     .accept_time = row.Find<absl::Time>("accepted_time")};
}

void PartnerTestStore::Begin(ids::PartnerId partner) {
  const ids::Uuid delivery = ids::Uuid::Random();
  tx_.Run(kDropNotice, landlord_, partner);
  tx_.Run(kBeginTest, landlord_, partner, ids::Uuid::Random(), delivery,
          absl::ToInt64Milliseconds(kTestDuration));
  tx_.Run(kInsertNotice, landlord_, delivery, partner);
}

std::optional<PartnerCase> PartnerTestStore::Fetch(ids::PartnerId partner, ids::ReferralId test) {
  if (tx_.Run(kLockTested, landlord_, partner, test).empty()) return std::nullopt;
  tx_.Run(kMarkFetched, landlord_, partner, test);
  SwitchOnTested(tx_, {landlord_}, {partner});
  return Read(partner, test);
}

std::optional<PartnerCase> PartnerTestStore::Read(ids::PartnerId partner, ids::ReferralId test) {
  const db::Rows rows = tx_.Run(kReadTest, landlord_, partner, test);
  if (rows.empty()) return std::nullopt;
  const db::Row row = rows[0];
  return AsPartnerCase({.id = test,
                        .version = row.Get<int64_t>("version"),
                        .state = static_cast<ReferralState>(row.Get<int>("state")),
                        .need = NeedsOf(row.Get<int>("needs")).at(0),
                        .commune = row.Get<std::string>("commune_code"),
                        .outcome = static_cast<ReferralOutcome>(row.Get<int>("outcome")),
                        .create_time = row.Get<absl::Time>("created_time"),
                        .expire_time = row.Get<absl::Time>("expire_time")});
}

std::optional<PartnerCase> PartnerTestStore::UnderWay(ids::PartnerId partner) {
  const db::Rows rows = tx_.Run(kFindUnderWay, landlord_, partner);
  if (rows.empty()) return std::nullopt;
  return Read(partner, rows[0].Get<ids::ReferralId>("test_id"));
}

absl::StatusOr<PartnerCase> PartnerTestStore::Act(ids::PartnerId partner, ids::ReferralId test,
                                                  int64_t fence, ReferralState to,
                                                  ReferralOutcome outcome) {
  if (fence != 1 || tx_.Run(kLockTested, landlord_, partner, test).empty()) {
    return errors::ReferralNotFound();
  }
  if (tx_.Run(kMoveTest, landlord_, partner, test, static_cast<int>(to),
              NumbersOf(SourcesOf(to, Actor::kPartner)), static_cast<int>(outcome))
          .empty()) {
    return errors::IllegalTransition();
  }
  std::optional<PartnerCase> stands = Read(partner, test);
  if (!stands.has_value()) return errors::ReferralNotFound();
  return *std::move(stands);
}

void SwitchOnTested(db::WriteTx& tx, const std::vector<ids::LandlordId>& landlords,
                    const std::vector<ids::PartnerId>& partners) {
  tx.Run(kSwitchOn, landlords, partners);
}

}  // namespace veille::referral
