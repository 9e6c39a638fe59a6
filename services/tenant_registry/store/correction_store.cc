#include "tenant_registry/store/correction_store.h"

#include "tenant_registry/domain/digest.h"

namespace veille::tenant_registry {
namespace {

// Numbers of the register that are not in the list any more are off, whatever the next file says.
constexpr db::Query kTakePhonesOff{"phones.take_off", R"sql(
  WITH off AS (
    DELETE FROM phones
    WHERE landlord_id = $1::uuid AND household_id = $2::uuid
      AND (tenant_id = '00000000-0000-0000-0000-000000000000'
           OR phone_hash <> ALL ($3::bytea[]))
    RETURNING phone_hash)
  INSERT INTO phone_faults (landlord_id, household_id, phone_hash, fault)
  SELECT DISTINCT $1::uuid, $2::uuid, phone_hash, 3 FROM off
  WHERE phone_hash <> ALL ($3::bytea[])
  ON CONFLICT (landlord_id, household_id, phone_hash) DO UPDATE SET fault = excluded.fault
)sql"};

constexpr db::Query kAddTypedPhones{"phones.add_typed", R"sql(
  INSERT INTO phones (landlord_id, household_id, tenant_id, position, verdict, e164, phone_hash,
                      original)
  SELECT $1::uuid, $2::uuid, '00000000-0000-0000-0000-000000000000', n.position, n.verdict, n.e164,
         n.phone_hash, n.original
  FROM unnest($3::integer[], $4::text[], $5::bytea[], $6::text[])
    WITH ORDINALITY AS n (verdict, e164, phone_hash, original, position)
)sql"};

// The same numbers in the rows of the register have the same verdict.
constexpr db::Query kJudgeListed{"phones.judge_listed", R"sql(
  UPDATE phones AS p SET verdict = n.verdict
  FROM unnest($3::integer[], $4::bytea[]) AS n (verdict, phone_hash)
  WHERE p.landlord_id = $1::uuid AND p.household_id = $2::uuid AND p.phone_hash = n.phone_hash
    AND p.verdict <> n.verdict
)sql"};

constexpr db::Query kForgetFaults{"phone_faults.forget", R"sql(
  DELETE FROM phone_faults AS f
  USING unnest($3::integer[], $4::bytea[]) AS n (verdict, phone_hash)
  WHERE f.landlord_id = $1::uuid AND f.household_id = $2::uuid AND f.phone_hash = n.phone_hash
    AND (n.verdict <> 4 OR f.fault = 3)
)sql"};

constexpr db::Query kKeepFaults{"phone_faults.keep", R"sql(
  INSERT INTO phone_faults (landlord_id, household_id, phone_hash, fault)
  SELECT $1::uuid, $2::uuid, n.phone_hash, 2
  FROM unnest($3::integer[], $4::bytea[]) AS n (verdict, phone_hash)
  WHERE n.verdict = 4
  ON CONFLICT (landlord_id, household_id, phone_hash) DO NOTHING
)sql"};

constexpr db::Query kDropTypedContacts{"key_contacts.drop_typed", R"sql(
  DELETE FROM key_contacts
  WHERE landlord_id = $1::uuid AND household_id = $2::uuid
    AND tenant_id = '00000000-0000-0000-0000-000000000000'
)sql"};

constexpr db::Query kAddTypedContacts{"key_contacts.add_typed", R"sql(
  INSERT INTO key_contacts (landlord_id, household_id, tenant_id, name, e164, position)
  SELECT $1::uuid, $2::uuid, '00000000-0000-0000-0000-000000000000', n.name, n.e164, n.position
  FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS n (name, e164, position)
)sql"};

constexpr db::Query kContactsCorrected{"households.contacts_corrected", R"sql(
  UPDATE households SET contacts_corrected = true
  WHERE landlord_id = $1::uuid AND household_id = $2::uuid
)sql"};

// Those whom the household's list shows, and who were said to have died.
constexpr db::Query kCorrectTenants{"tenants.correct", R"sql(
  WITH before AS MATERIALIZED (
    SELECT t.tenant_id, t.objection, t.deceased
    FROM tenants AS t
    WHERE t.landlord_id = $1::uuid AND t.household_id = $2::uuid AND t.tenant_id = ANY ($3::uuid[])
      AND (t.present OR t.deceased OR EXISTS (
        SELECT FROM households AS h
        WHERE h.landlord_id = $1::uuid AND h.household_id = $2::uuid AND h.state = 2))
    FOR UPDATE)
  UPDATE tenants AS t
  SET corrected = t.corrected OR (t.title, t.family_name, t.given_name, t.birth_date, t.email)
                    IS DISTINCT FROM (n.title, n.family_name, n.given_name, n.birth_date::date,
                                      n.email),
      title = n.title, family_name = n.family_name, given_name = n.given_name,
      name_folded = n.name_folded, birth_date = n.birth_date::date, email = n.email,
      objection = n.objection,
      objection_time = CASE WHEN n.objection THEN coalesce(t.objection_time, $12::timestamptz) END,
      deceased = n.deceased, present = NOT n.deceased AND (t.present OR t.deceased)
  FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
              $10::boolean[], $11::boolean[])
    AS n (tenant_id, title, family_name, given_name, name_folded, birth_date, email, objection,
          deceased)
  JOIN before ON before.tenant_id = n.tenant_id
  WHERE t.landlord_id = $1::uuid AND t.tenant_id = n.tenant_id
  RETURNING t.tenant_id, t.objection AND NOT before.objection AS objects,
            t.deceased AND NOT before.deceased AS died
)sql"};

constexpr db::Query kSetObjection{"households.set_objection", R"sql(
  WITH before AS MATERIALIZED (
    SELECT objection AND NOT objection_calls_only AS objected, objection_time FROM households
    WHERE landlord_id = $1::uuid AND household_id = $2::uuid FOR UPDATE)
  UPDATE households AS h
  SET objection = $3::boolean, objection_calls_only = false,
      objection_time = CASE WHEN NOT $3::boolean THEN NULL
                            WHEN before.objected THEN before.objection_time
                            ELSE $4::timestamptz END
  FROM before
  WHERE h.landlord_id = $1::uuid AND h.household_id = $2::uuid
  RETURNING $3::boolean AND NOT before.objected AS objects
)sql"};

// What the register says is the other state as long as it is corrected.
constexpr db::Query kSetState{"households.set_state", R"sql(
  WITH before AS MATERIALIZED (
    SELECT state FROM households
    WHERE landlord_id = $1::uuid AND household_id = $2::uuid FOR UPDATE)
  UPDATE households AS h
  SET state = $3::smallint, state_corrected = h.state_corrected <> (before.state <> $3::smallint)
  FROM before
  WHERE h.landlord_id = $1::uuid AND h.household_id = $2::uuid
  RETURNING $3::smallint = 2 AND before.state = 1 AS leaves,
            $3::smallint = 1 AND before.state = 2 AND h.state_corrected AS returns
)sql"};

// A register that marked the household as left has marked its persons too.
constexpr db::Query kReturnTenants{"tenants.return", R"sql(
  UPDATE tenants SET present = true
  WHERE landlord_id = $1::uuid AND household_id = $2::uuid AND NOT present AND NOT deceased
)sql"};

std::optional<std::string> CorrectedDay(const std::optional<absl::CivilDay>& day) {
  if (!day.has_value()) return std::nullopt;
  return absl::FormatCivilTime(*day);
}

}  // namespace

void CorrectionStore::ReplacePhones(const std::vector<Phone>& phones) {
  std::vector<int32_t> verdicts;
  std::vector<std::string> e164, originals;
  std::vector<db::Bytes> hashes;
  for (const Phone& phone : phones) {
    verdicts.push_back(static_cast<int32_t>(phone.verdict));
    e164.push_back(phone.e164);
    hashes.push_back(db::Bytes{KeyedHash(phone_key_, phone.e164)});
    originals.push_back(phone.original);
  }
  tx_.Run(kTakePhonesOff, landlord_, household_, hashes);
  if (phones.empty()) return;
  tx_.Run(kAddTypedPhones, landlord_, household_, verdicts, e164, hashes, originals);
  tx_.Run(kJudgeListed, landlord_, household_, verdicts, hashes);
  tx_.Run(kForgetFaults, landlord_, household_, verdicts, hashes);
  tx_.Run(kKeepFaults, landlord_, household_, verdicts, hashes);
}

void CorrectionStore::ReplaceKeyContacts(const std::vector<KeyContact>& contacts) {
  std::vector<std::string> names, e164;
  for (const KeyContact& contact : contacts) {
    names.push_back(contact.name);
    e164.push_back(contact.e164);
  }
  tx_.Run(kDropTypedContacts, landlord_, household_);
  if (!names.empty()) tx_.Run(kAddTypedContacts, landlord_, household_, names, e164);
  tx_.Run(kContactsCorrected, landlord_, household_);
}

bool CorrectionStore::CorrectTenants(const std::vector<TenantCorrection>& corrections,
                                     absl::Time now, CorrectionEffect& effect) {
  std::vector<TenantId> ids;
  std::vector<std::string> titles, family_names, given_names, folded, emails;
  std::vector<std::optional<std::string>> birth_dates;
  std::vector<bool> objections, deceased;
  for (const TenantCorrection& correction : corrections) {
    const Tenant& tenant = correction.tenant;
    ids.push_back(tenant.id);
    titles.push_back(tenant.title);
    family_names.push_back(tenant.family_name);
    given_names.push_back(tenant.given_name);
    folded.push_back(correction.name_folded);
    birth_dates.push_back(CorrectedDay(tenant.birth_date));
    emails.push_back(tenant.email);
    objections.push_back(tenant.objection);
    deceased.push_back(correction.deceased);
  }
  const db::Rows rows =
      tx_.Run(kCorrectTenants, landlord_, household_, ids, titles, family_names, given_names,
              folded, birth_dates, emails, objections, deceased, now);
  for (const db::Row row : rows) {
    const auto id = row.Get<TenantId>("tenant_id");
    if (row.Get<bool>("objects")) effect.object.push_back(id);
    if (row.Get<bool>("died")) effect.died.push_back(id);
  }
  return rows.size() == corrections.size();
}

bool CorrectionStore::SetObjection(bool objection, absl::Time now) {
  return tx_.Run(kSetObjection, landlord_, household_, objection, now)[0].Get<bool>("objects");
}

bool CorrectionStore::SetState(Residency state) {
  const db::Row row = tx_.Run(kSetState, landlord_, household_, static_cast<int>(state))[0];
  if (row.Get<bool>("returns")) tx_.Run(kReturnTenants, landlord_, household_);
  return row.Get<bool>("leaves");
}

}  // namespace veille::tenant_registry
