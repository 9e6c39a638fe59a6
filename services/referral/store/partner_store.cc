#include "referral/store/partner_store.h"

#include <map>
#include <utility>

#include "referral/domain/commune.h"
#include "referral/errors.h"

namespace veille::referral {
namespace {

using db::Query;

constexpr size_t kMostChoices = 10;

constexpr Query kInsertPartner{"partners.insert", R"sql(
  INSERT INTO partners (landlord_id, partner_id, name, kind, endpoint, contact_phone, second_role,
                        second_phone, payload, capacity, on_trial, state, created_time)
  VALUES ($1::uuid, $2::uuid, $3, $4::smallint, $5, $6, $7, $8, $9::smallint, $10::integer,
          $11::boolean, CASE WHEN $11::boolean THEN 3 ELSE 1 END, $12::timestamptz)
  ON CONFLICT (landlord_id, name) DO NOTHING
  RETURNING partner_id
)sql"};

constexpr Query kInsertCoverage{"partner_coverage.insert", R"sql(
  INSERT INTO partner_coverage (landlord_id, partner_id, entry, commune_code, needs)
  SELECT $1::uuid, $2::uuid, covered.entry, covered.commune_code, covered.needs
  FROM unnest($3::integer[], $4::text[], $5::integer[]) AS covered (entry, commune_code, needs)
  ON CONFLICT DO NOTHING
)sql"};

constexpr Query kDeleteCoverage{"partner_coverage.delete", R"sql(
  DELETE FROM partner_coverage WHERE landlord_id = $1::uuid AND partner_id = $2::uuid
)sql"};

constexpr Query kInsertLoad{"partner_loads.insert", R"sql(
  INSERT INTO partner_loads (landlord_id, partner_id) VALUES ($1::uuid, $2::uuid)
)sql"};

constexpr Query kGetPartner{"partners.get", R"sql(
  SELECT p.partner_id, p.name, p.kind, p.endpoint, p.contact_phone, p.second_role, p.second_phone,
         p.payload, p.capacity, p.state, p.suspension, p.intake, p.version, p.created_time,
         l.open_referrals
  FROM partners AS p
  JOIN partner_loads AS l ON l.landlord_id = p.landlord_id AND l.partner_id = p.partner_id
  WHERE p.landlord_id = $1::uuid AND p.partner_id = $2::uuid
)sql"};

constexpr Query kListPartners{"partners.list", R"sql(
  SELECT p.partner_id, p.name, p.kind, p.endpoint, p.contact_phone, p.second_role, p.second_phone,
         p.payload, p.capacity, p.state, p.suspension, p.intake, p.version, p.created_time,
         l.open_referrals
  FROM partners AS p
  JOIN partner_loads AS l ON l.landlord_id = p.landlord_id AND l.partner_id = p.partner_id
  WHERE p.landlord_id = $1::uuid AND p.partner_id > $2::uuid
  ORDER BY p.partner_id LIMIT $3::integer
)sql"};

constexpr Query kListCoverage{"partner_coverage.list", R"sql(
  SELECT partner_id, entry, needs, array_agg(commune_code ORDER BY commune_code) AS communes
  FROM partner_coverage
  WHERE landlord_id = $1::uuid AND partner_id = ANY($2::uuid[])
  GROUP BY partner_id, entry, needs
  ORDER BY partner_id, entry
)sql"};

constexpr Query kRankPartners{"partners.rank", R"sql(
  SELECT DISTINCT p.intake, p.name COLLATE "C" AS name, p.partner_id
  FROM partner_coverage AS c
  JOIN partners AS p ON p.landlord_id = c.landlord_id AND p.partner_id = c.partner_id
  JOIN partner_loads AS l ON l.landlord_id = c.landlord_id AND l.partner_id = c.partner_id
  WHERE c.landlord_id = $1::uuid AND c.commune_code = $2 AND (c.needs >> $3::integer) & 1 = 1
    AND p.state = 1 AND p.intake <> 3 AND (p.capacity = 0 OR l.open_referrals < p.capacity)
    AND p.partner_id <> ALL($4::uuid[]) AND ($3::integer <> 14 OR p.kind = 1)
  ORDER BY p.intake, name, p.partner_id LIMIT 10
)sql"};

constexpr Query kHasEndpoint{"partners.has_endpoint", R"sql(
  SELECT endpoint <> '' AS is_pushed_to FROM partners
  WHERE landlord_id = $1::uuid AND partner_id = $2::uuid
)sql"};

constexpr Query kHasSecondContact{"partners.has_second_contact", R"sql(
  SELECT second_phone <> '' AS has_second_contact FROM partners
  WHERE landlord_id = $1::uuid AND partner_id = $2::uuid
)sql"};

constexpr Query kCheckCoverage{"partner_coverage.check", R"sql(
  SELECT c.commune_code, p.name COLLATE "C" AS name, p.partner_id, p.kind, bit_or(c.needs) AS needs,
         p.intake = 3 OR (p.capacity > 0 AND l.open_referrals >= p.capacity) AS is_full,
         p.state = 3 AS is_on_trial
  FROM partner_coverage AS c
  JOIN partners AS p ON p.landlord_id = c.landlord_id AND p.partner_id = c.partner_id
  JOIN partner_loads AS l ON l.landlord_id = c.landlord_id AND l.partner_id = c.partner_id
  WHERE c.landlord_id = $1::uuid AND c.commune_code = ANY($2::text[]) AND p.state IN (1, 3)
  GROUP BY c.commune_code, p.intake, p.name, p.partner_id, p.kind, p.capacity, p.state,
           l.open_referrals
  ORDER BY c.commune_code, p.intake, name, p.partner_id
)sql"};

constexpr Query kTakeRoom{"partner_loads.take", R"sql(
  UPDATE partner_loads AS l SET open_referrals = l.open_referrals + 1
  FROM partners AS p
  WHERE l.landlord_id = $1::uuid AND l.partner_id = $2::uuid
    AND p.landlord_id = l.landlord_id AND p.partner_id = l.partner_id AND p.state = 1
    AND ($3::boolean
         OR (p.intake <> 3 AND (p.capacity = 0 OR l.open_referrals < p.capacity)))
  RETURNING p.kind, p.endpoint <> '' AS is_pushed_to
)sql"};

constexpr Query kLeaveRoom{"partner_loads.leave", R"sql(
  UPDATE partner_loads SET open_referrals = open_referrals - 1
  WHERE landlord_id = $1::uuid AND partner_id = $2::uuid
)sql"};

constexpr Query kLockRoom{"partner_loads.lock", R"sql(
  SELECT partner_id FROM partner_loads
  WHERE landlord_id = $1::uuid AND partner_id = ANY($2::uuid[])
  ORDER BY partner_id FOR UPDATE
)sql"};

Partner PartnerFromRow(const db::Row& row) {
  Partner partner;
  partner.id = row.Get<ids::PartnerId>("partner_id");
  partner.registered.name = row.Get<std::string>("name");
  partner.registered.kind = static_cast<PartnerKind>(row.Get<int>("kind"));
  partner.registered.endpoint = row.Get<std::string>("endpoint");
  partner.registered.contact_phone = row.Get<std::string>("contact_phone");
  partner.registered.second_contact = {row.Get<std::string>("second_role"),
                                       row.Get<std::string>("second_phone")};
  partner.registered.payload = static_cast<PartnerPayload>(row.Get<int>("payload"));
  partner.registered.capacity = row.Get<int>("capacity");
  partner.state = static_cast<PartnerState>(row.Get<int>("state"));
  partner.suspension = static_cast<PartnerSuspension>(row.Get<int>("suspension"));
  partner.intake = static_cast<PartnerIntake>(row.Get<int>("intake"));
  partner.open_referrals = row.Get<int>("open_referrals");
  partner.version = row.Get<int64_t>("version");
  partner.create_time = row.Get<absl::Time>("created_time");
  return partner;
}

}  // namespace

const db::Query& RankPartnersQuery() { return kRankPartners; }
const db::Query& TakeRoomQuery() { return kTakeRoom; }

absl::StatusOr<Partner> PartnerReader::Get(ids::PartnerId partner) {
  const db::Rows rows = tx_.Run(kGetPartner, landlord_, partner);
  if (rows.empty()) return errors::PartnerNotFound();
  std::vector<Partner> found = {PartnerFromRow(rows[0])};
  ReadCoverage(found);
  return std::move(found[0]);
}

std::vector<Partner> PartnerReader::List(ids::Uuid after, int limit) {
  std::vector<Partner> partners;
  for (const db::Row row : tx_.Run(kListPartners, landlord_, after, limit)) {
    partners.push_back(PartnerFromRow(row));
  }
  ReadCoverage(partners);
  return partners;
}

void PartnerReader::ReadCoverage(std::vector<Partner>& partners) {
  std::vector<ids::PartnerId> ids;
  std::map<ids::PartnerId, Partner*> by_id;
  for (Partner& partner : partners) {
    ids.push_back(partner.id);
    by_id[partner.id] = &partner;
  }
  for (const db::Row row : tx_.Run(kListCoverage, landlord_, ids)) {
    by_id[row.Get<ids::PartnerId>("partner_id")]->registered.coverage.push_back(
        Coverage{.communes = row.Get<std::vector<std::string>>("communes"),
                 .needs = NeedsOf(row.Get<int>("needs"))});
  }
}

std::vector<ids::PartnerId> PartnerReader::Rank(const std::string& commune, Need need,
                                                const std::vector<ids::PartnerId>& except) {
  std::vector<ids::PartnerId> ranked;
  for (const db::Row row :
       tx_.Run(kRankPartners, landlord_, RoutingCommune(commune), static_cast<int>(need), except)) {
    ranked.push_back(row.Get<ids::PartnerId>("partner_id"));
  }
  return ranked;
}

bool PartnerReader::IsPushedTo(ids::PartnerId partner) {
  const db::Rows rows = tx_.Run(kHasEndpoint, landlord_, partner);
  return !rows.empty() && rows[0].Get<bool>("is_pushed_to");
}

bool PartnerReader::HasSecondContact(ids::PartnerId partner) {
  const db::Rows rows = tx_.Run(kHasSecondContact, landlord_, partner);
  return !rows.empty() && rows[0].Get<bool>("has_second_contact");
}

std::vector<CoverageAnswer> PartnerReader::CheckCoverage(const std::vector<std::string>& communes,
                                                         const std::vector<Need>& needs) {
  std::vector<std::string> routed;
  for (const std::string& commune : communes) routed.push_back(RoutingCommune(commune));
  struct Choice {
    ids::PartnerId partner;
    PartnerKind kind;
    int needs;
    bool full;
    bool on_trial;
  };
  std::map<std::string, std::vector<Choice>> choices;
  for (const db::Row row : tx_.Run(kCheckCoverage, landlord_, routed)) {
    choices[row.Get<std::string>("commune_code")].push_back(
        {row.Get<ids::PartnerId>("partner_id"), static_cast<PartnerKind>(row.Get<int>("kind")),
         row.Get<int>("needs"), row.Get<bool>("is_full"), row.Get<bool>("is_on_trial")});
  }
  std::vector<CoverageAnswer> answers;
  for (size_t i = 0; i < communes.size(); ++i) {
    for (const Need need : needs) {
      CoverageAnswer& answer = answers.emplace_back(CoverageAnswer{communes[i], need, {}, {}, {}});
      for (const Choice& choice : choices[routed[i]]) {
        if ((choice.needs >> static_cast<int>(need) & 1) == 0) continue;
        if (!Takes(choice.kind, need)) continue;
        auto& choices_of_kind = choice.on_trial ? answer.on_trial
                                : choice.full   ? answer.full
                                                : answer.partners;
        if (choices_of_kind.size() < kMostChoices) choices_of_kind.push_back(choice.partner);
      }
    }
  }
  return answers;
}

bool PartnerStore::Insert(ids::PartnerId partner, const PartnerDraft& draft, absl::Time now) {
  const db::Rows inserted = tx_.Run(
      kInsertPartner, landlord_, partner, draft.name, static_cast<int>(draft.kind), draft.endpoint,
      draft.contact_phone, draft.second_contact.role, draft.second_contact.phone,
      static_cast<int>(draft.payload), draft.capacity, draft.on_trial, now);
  if (inserted.empty()) return false;
  ReplaceCoverage(partner, draft.coverage);
  tx_.Run(kInsertLoad, landlord_, partner);
  return true;
}

void PartnerStore::ReplaceCoverage(ids::PartnerId partner, const std::vector<Coverage>& coverage) {
  std::vector<int32_t> entries;
  std::vector<std::string> communes;
  std::vector<int32_t> needs;
  for (size_t entry = 0; entry < coverage.size(); ++entry) {
    for (const std::string& commune : coverage[entry].communes) {
      entries.push_back(static_cast<int32_t>(entry));
      communes.push_back(commune);
      needs.push_back(NeedBits(coverage[entry].needs));
    }
  }
  tx_.Run(kDeleteCoverage, landlord_, partner);
  tx_.Run(kInsertCoverage, landlord_, partner, entries, communes, needs);
}

std::optional<Room> PartnerStore::TakeRoom(ids::PartnerId partner, bool beyond_capacity) {
  const db::Rows rows = tx_.Run(kTakeRoom, landlord_, partner, beyond_capacity);
  if (rows.empty()) return std::nullopt;
  return Room{.partner = partner,
              .kind = static_cast<PartnerKind>(rows[0].Get<int>("kind")),
              .is_pushed_to = rows[0].Get<bool>("is_pushed_to")};
}

void PartnerStore::LeaveRoom(ids::PartnerId partner) { tx_.Run(kLeaveRoom, landlord_, partner); }

void PartnerStore::LockRoom(const std::vector<ids::PartnerId>& partners) {
  tx_.Run(kLockRoom, landlord_, partners);
}

}  // namespace veille::referral
