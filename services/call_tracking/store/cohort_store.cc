#include "call_tracking/store/cohort_store.h"

#include <array>

#include "call_tracking/domain/names.h"
#include "call_tracking/store/household_change_store.h"
#include "call_tracking/store/phone_hashes.h"

namespace veille::call_tracking {
namespace {

constexpr db::Query kGetDrawing{"campaigns.get_drawing", R"sql(
  SELECT cohort_cursor, selected FROM campaigns
  WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid
)sql"};

// The cursor is the fence: a page that was added already meets another one.
constexpr db::Query kMoveCursor{"campaigns.move_cursor", R"sql(
  UPDATE campaigns
  SET cohort_cursor = $4::uuid, selected = selected + $5, under_age = under_age + $6,
      objection = objection + $7, no_valid_phone = no_valid_phone + $8
  WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid AND state = 'OPENING'
    AND cohort_cursor IS NOT DISTINCT FROM $3::uuid
)sql"};

constexpr db::Query kInsertHouseholds{"cohort_households.insert", R"sql(
  WITH drawn AS (
    SELECT d.household_id, d.commune_code, d.time_zone, d.version, d.phone_hashes
    FROM unnest($3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::bytea[])
      AS d (household_id, commune_code, time_zone, version, phone_hashes)
  ), added AS (
    INSERT INTO cohort_households
      (landlord_id, campaign_id, household_id, commune_code, time_zone, register_version,
       drawn_version, phone_hashes, phone_hash, wait_reason, next_attempt_time)
    SELECT $1::uuid, $2::uuid, household_id, commune_code, time_zone, version, version,
           phone_hashes, substr(phone_hashes, 1, 32), 'FIRST', veille_now()
    FROM drawn
    RETURNING landlord_id, campaign_id, household_id, time_zone, phone_hash, next_attempt_time
  )
  INSERT INTO call_queue (landlord_id, campaign_id, household_id, time_zone, phone_hash, priority,
                          due_time, is_due)
  SELECT landlord_id, campaign_id, household_id, time_zone, phone_hash, 20, next_attempt_time, true
  FROM added
)sql"};

constexpr db::Query kInsertSubjects{"cohort_subjects.insert", R"sql(
  INSERT INTO cohort_subjects (landlord_id, campaign_id, household_id, tenant_id)
  SELECT $1::uuid, $2::uuid, s.household_id, s.tenant_id
  FROM unnest($3::uuid[], $4::uuid[]) AS s (household_id, tenant_id)
)sql"};

constexpr db::Query kInsertLeftOut{"cohort_left_out.insert", R"sql(
  INSERT INTO cohort_left_out (landlord_id, campaign_id, household_id, reason)
  SELECT $1::uuid, $2::uuid, l.household_id, l.reason
  FROM unnest($3::uuid[], $4::text[]) AS l (household_id, reason)
)sql"};

constexpr db::Query kClearHouseholds{"cohort_households.clear", R"sql(
  DELETE FROM cohort_households WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid
)sql"};

constexpr db::Query kClearLeftOut{"cohort_left_out.clear", R"sql(
  DELETE FROM cohort_left_out WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid
)sql"};

constexpr db::Query kClearDrawing{"campaigns.clear_drawing", R"sql(
  UPDATE campaigns
  SET state = 'DRAFT', cohort_cursor = NULL, selected = 0, under_age = 0, objection = 0,
      no_valid_phone = 0, version = version + 1
  WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid AND state = 'OPENING'
)sql"};

constexpr db::Query kListTimeZones{"cohort_households.list_time_zones", R"sql(
  SELECT DISTINCT time_zone FROM cohort_households
  WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid ORDER BY time_zone
)sql"};

constexpr db::Query kFreeze{"campaigns.freeze", R"sql(
  WITH zones AS (
    INSERT INTO campaign_zones (landlord_id, campaign_id, time_zone, open_from, open_until)
    SELECT $1::uuid, $2::uuid, z.time_zone, z.open_from, z.open_until
    FROM unnest($3::text[], $4::timestamptz[], $5::timestamptz[])
      AS z (time_zone, open_from, open_until)
  )
  UPDATE campaigns
  SET state = 'RUNNING', open_time = $6::timestamptz, version = version + 1
  WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid AND state = 'OPENING'
)sql"};

// By reason, in the order of the reasons.
std::array<int64_t, 3> CountLeftOut(const std::vector<LeftOutHousehold>& households) {
  std::array<int64_t, 3> counts{};
  for (const LeftOutHousehold& household : households) {
    ++counts[static_cast<size_t>(household.reason) - 1];
  }
  return counts;
}

std::optional<ids::HouseholdId> OrNull(ids::HouseholdId id) {
  return id.is_nil() ? std::nullopt : std::optional(id);
}

}  // namespace

DrawingStanding CohortStore::GetStanding() {
  const db::Rows rows = tx_.Run(kGetDrawing, landlord_, campaign_);
  return {.cursor = rows[0].Find<ids::HouseholdId>("cohort_cursor").value_or(ids::HouseholdId()),
          .selected = rows[0].Get<int64_t>("selected")};
}

bool CohortStore::AddPage(ids::HouseholdId cursor, const CohortPage& page) {
  const auto left_out = CountLeftOut(page.left_out);
  const db::Rows moved =
      tx_.Run(kMoveCursor, landlord_, campaign_, OrNull(cursor), OrNull(page.last),
              static_cast<int64_t>(page.selected.size()), left_out[0], left_out[1], left_out[2]);
  if (moved.affected() == 0) return false;
  if (!page.selected.empty()) AddHouseholds(page.selected);
  if (!page.left_out.empty()) AddLeftOut(page.left_out);
  return true;
}

void CohortStore::AddHouseholds(const std::vector<CohortHousehold>& households) {
  std::vector<ids::HouseholdId> ids;
  std::vector<std::string> communes;
  std::vector<std::string> zones;
  std::vector<int64_t> versions;
  std::vector<db::Bytes> phones;
  std::vector<ids::HouseholdId> subject_households;
  std::vector<ids::TenantId> subjects;
  for (const CohortHousehold& household : households) {
    ids.push_back(household.household);
    communes.push_back(household.commune_code);
    zones.push_back(household.time_zone);
    versions.push_back(household.version);
    phones.push_back(JoinPhoneHashes(household.phone_hashes));
    for (const ids::TenantId subject : household.subjects) {
      subject_households.push_back(household.household);
      subjects.push_back(subject);
    }
  }
  tx_.Run(kInsertHouseholds, landlord_, campaign_, ids, communes, zones, versions, phones);
  tx_.Run(kInsertSubjects, landlord_, campaign_, subject_households, subjects);
  HouseholdChangeStore(tx_, landlord_).EndCalls(ids);
}

void CohortStore::AddLeftOut(const std::vector<LeftOutHousehold>& households) {
  std::vector<ids::HouseholdId> ids;
  std::vector<std::string> reasons;
  for (const LeftOutHousehold& household : households) {
    ids.push_back(household.household);
    reasons.emplace_back(NameOf(household.reason));
  }
  tx_.Run(kInsertLeftOut, landlord_, campaign_, ids, reasons);
}

void CohortStore::Clear() {
  tx_.Run(kClearHouseholds, landlord_, campaign_);
  tx_.Run(kClearLeftOut, landlord_, campaign_);
  tx_.Run(kClearDrawing, landlord_, campaign_);
}

std::vector<std::string> CohortStore::ListTimeZones() {
  std::vector<std::string> zones;
  for (const db::Row row : tx_.Run(kListTimeZones, landlord_, campaign_)) {
    zones.push_back(row.Get<std::string>("time_zone"));
  }
  return zones;
}

void CohortStore::Freeze(const std::vector<ZoneSpan>& zones, absl::Time now) {
  std::vector<std::string> names;
  std::vector<absl::Time> from;
  std::vector<absl::Time> until;
  for (const ZoneSpan& zone : zones) {
    names.push_back(zone.time_zone);
    from.push_back(zone.span.from);
    until.push_back(zone.span.until);
  }
  tx_.Run(kFreeze, landlord_, campaign_, names, from, until, now);
}

}  // namespace veille::call_tracking
