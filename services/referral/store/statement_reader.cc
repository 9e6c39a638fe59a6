#include "referral/store/statement_reader.h"

#include <map>
#include <utility>

#include "common/status/macros.h"
#include "referral/store/disclosure_store.h"
#include "referral/store/sealed_values.h"

namespace veille::referral {
namespace {

using db::Query;

constexpr Query kListDisclosedCases{"disclosures.list_cases", R"sql(
  SELECT r.referral_id, r.campaign_id, r.need, r.basis, r.created_time,
         (SELECT e.event_time FROM referral_events AS e
          WHERE e.landlord_id = r.landlord_id AND e.referral_id = r.referral_id AND e.state = 7
          ORDER BY e.version LIMIT 1) AS withdrawn_time,
         EXISTS (SELECT FROM assignments AS a
                 WHERE a.landlord_id = r.landlord_id AND a.referral_id = r.referral_id
                   AND NOT a.is_disclosure_recorded) AS is_incomplete
  FROM referrals AS r
  WHERE r.landlord_id = $1::uuid AND r.tenant_id = $2::uuid AND r.referral_id > $3::uuid
  ORDER BY r.referral_id LIMIT $4::integer
)sql"};

// A call that reached nobody (1) told nothing.
constexpr Query kListDisclosures{"disclosures.list", R"sql(
  SELECT told.referral_id, told.fence, told.way, told.disclosure_id, told.items, told.times,
         told.first_time, told.last_time, a.partner_id, p.name, a.received_time
  FROM (
    SELECT landlord_id, referral_id, fence, way, disclosure_id, items, times, first_time, last_time
    FROM disclosures
    WHERE landlord_id = $1::uuid AND referral_id = ANY ($2::uuid[])
    UNION ALL
    SELECT landlord_id, referral_id, fence, 4, $3::uuid, '', count(*), min(answered_time),
           max(answered_time)
    FROM partner_answers
    WHERE landlord_id = $1::uuid AND referral_id = ANY ($2::uuid[]) AND answer <> 1
    GROUP BY landlord_id, referral_id, fence) AS told
  JOIN assignments AS a ON a.landlord_id = told.landlord_id AND a.referral_id = told.referral_id
    AND a.fence = told.fence
  JOIN partners AS p ON p.landlord_id = a.landlord_id AND p.partner_id = a.partner_id
  ORDER BY told.referral_id, told.first_time, told.fence, told.way, told.disclosure_id
)sql"};

absl::Status OpenCase(const SealedRow& sealed, const db::Row& row, DisclosedCase& told) {
  ASSIGN_OR_RETURN(const int need, sealed.OpenNumber("need", row.Get<db::Bytes>("need")));
  told.need = static_cast<Need>(need);
  ASSIGN_OR_RETURN(const std::string basis, sealed.Open("basis", row.Get<db::Bytes>("basis")));
  ASSIGN_OR_RETURN(told.basis, BasisFromJson(basis));
  return absl::OkStatus();
}

Disclosure DisclosureFromRow(const db::Row& row) {
  return {.partner = row.Get<ids::PartnerId>("partner_id"),
          .partner_name = row.Get<std::string>("name"),
          .fence = row.Get<int64_t>("fence"),
          .way = static_cast<DisclosureWay>(row.Get<int>("way")),
          .first_time = row.Get<absl::Time>("first_time"),
          .last_time = row.Get<absl::Time>("last_time"),
          .times = row.Get<int64_t>("times"),
          .items = {},
          .receive_time = row.Find<absl::Time>("received_time")};
}

absl::Status OpenTold(const SealedRow& sealed, const db::Row& row, Disclosure& disclosure) {
  if (disclosure.way == DisclosureWay::kTelephone) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string items, sealed.Open("items", row.Get<db::Bytes>("items")));
  ASSIGN_OR_RETURN(disclosure.items, ItemsFromJson(items));
  return absl::OkStatus();
}

}  // namespace

std::vector<DisclosedCase> StatementReader::List(ids::TenantId tenant, ids::Uuid after, int limit) {
  std::vector<DisclosedCase> cases;
  for (const db::Row row : tx_.Run(kListDisclosedCases, landlord_, tenant, after, limit)) {
    DisclosedCase& told = cases.emplace_back();
    told.referral = row.Get<ids::ReferralId>("referral_id");
    told.campaign = row.Get<ids::CampaignId>("campaign_id");
    told.create_time = row.Get<absl::Time>("created_time");
    told.withdraw_time = row.Find<absl::Time>("withdrawn_time");
    told.incomplete = row.Get<bool>("is_incomplete");
    const SealedRow sealed(seal_, "referrals", landlord_, told.campaign, told.referral.uuid());
    told.unreadable = !OpenCase(sealed, row, told).ok();
  }
  ReadDisclosures(cases);
  for (const DisclosedCase& told : cases) {
    if (told.unreadable) LogUnreadable(told.referral);
  }
  return cases;
}

void StatementReader::ReadDisclosures(std::vector<DisclosedCase>& cases) {
  if (cases.empty()) return;
  std::map<ids::ReferralId, DisclosedCase*> by_referral;
  std::vector<ids::ReferralId> referrals;
  for (DisclosedCase& told : cases) {
    by_referral[told.referral] = &told;
    referrals.push_back(told.referral);
  }
  for (const db::Row row : tx_.Run(kListDisclosures, landlord_, referrals, ids::Uuid())) {
    DisclosedCase& told = *by_referral.at(row.Get<ids::ReferralId>("referral_id"));
    Disclosure disclosure = DisclosureFromRow(row);
    const SealedRow sealed(seal_, "disclosures", landlord_, told.campaign,
                           row.Get<ids::Uuid>("disclosure_id"));
    if (!OpenTold(sealed, row, disclosure).ok()) told.unreadable = true;
    told.disclosures.push_back(std::move(disclosure));
  }
}

}  // namespace veille::referral
