#include "call_tracking/store/campaign_store.h"

#include <map>
#include <string>
#include <utility>

#include "call_tracking/domain/call.h"
#include "call_tracking/domain/names.h"
#include "call_tracking/errors.h"
#include "common/db/acknowledge_deadlines.h"
#include "common/status/macros.h"

namespace veille::call_tracking {
namespace {

constexpr db::Query kInsertCampaign{"campaigns.insert", R"sql(
  INSERT INTO campaigns
    (landlord_id, campaign_id, title, purpose, minimum_age, reference_date, commune_codes,
     buildings, script_id, script_version, start_time, end_time, create_time,
     weekly_interval_days, weekly_grace_seconds, emergency_deadline_seconds,
     priority_deadline_seconds, routine_deadline_days)
  VALUES ($1::uuid, $2::uuid, $3, $4, $5, $6::date, $7::text[], $8::text[], $9::uuid, $10,
          $11::timestamptz, $12::timestamptz, $13::timestamptz, $14, $15, $16::integer,
          $17::integer, $18::integer)
  ON CONFLICT (landlord_id, title) DO NOTHING
)sql"};

constexpr db::Query kInsertCallHours{"campaign_call_hours.insert", R"sql(
  INSERT INTO campaign_call_hours (landlord_id, campaign_id, weekday, start_minute, end_minute)
  SELECT $1::uuid, $2::uuid, w.weekday, w.start_minute, w.end_minute
  FROM unnest($3::integer[], $4::integer[], $5::integer[])
    AS w (weekday, start_minute, end_minute)
)sql"};

constexpr db::Query kInsertRetryRules{"campaign_retry_rules.insert", R"sql(
  INSERT INTO campaign_retry_rules
    (landlord_id, campaign_id, disposition, delay_seconds, maximum_attempts, next_phone)
  SELECT $1::uuid, $2::uuid, r.disposition, r.delay_seconds, r.maximum_attempts, r.next_phone
  FROM unnest($3::text[], $4::bigint[], $5::integer[], $6::boolean[])
    AS r (disposition, delay_seconds, maximum_attempts, next_phone)
)sql"};

constexpr db::Query kGetCampaign{"campaigns.get", R"sql(
  SELECT campaign_id, title, purpose, state, minimum_age, reference_date, commune_codes, buildings,
         script_id, script_version, start_time, end_time, selected, under_age, objection,
         no_valid_phone, version, create_time, open_time, weekly_interval_days,
         weekly_grace_seconds, emergency_deadline_seconds, priority_deadline_seconds,
         routine_deadline_days
  FROM campaigns WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid
)sql"};

constexpr db::Query kLockCampaign{"campaigns.lock", R"sql(
  SELECT campaign_id FROM campaigns WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid
  FOR UPDATE
)sql"};

constexpr db::Query kListCampaigns{"campaigns.list", R"sql(
  SELECT campaign_id, title, purpose, state, minimum_age, reference_date, commune_codes, buildings,
         script_id, script_version, start_time, end_time, selected, under_age, objection,
         no_valid_phone, version, create_time, open_time, weekly_interval_days,
         weekly_grace_seconds, emergency_deadline_seconds, priority_deadline_seconds,
         routine_deadline_days
  FROM campaigns
  WHERE landlord_id = $1::uuid AND ($4::text IS NULL OR state = $4)
    AND ($2::uuid IS NULL OR (create_time, campaign_id) < (
      SELECT create_time, campaign_id FROM campaigns
      WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid))
  ORDER BY create_time DESC, campaign_id DESC LIMIT $3
)sql"};

constexpr db::Query kListCallHours{"campaign_call_hours.list", R"sql(
  SELECT campaign_id, weekday, start_minute, end_minute FROM campaign_call_hours
  WHERE landlord_id = $1::uuid AND campaign_id = ANY($2::uuid[])
  ORDER BY campaign_id, weekday, start_minute
)sql"};

constexpr db::Query kListRetryRules{"campaign_retry_rules.list", R"sql(
  SELECT campaign_id, disposition, delay_seconds, maximum_attempts, next_phone
  FROM campaign_retry_rules
  WHERE landlord_id = $1::uuid AND campaign_id = ANY($2::uuid[])
  ORDER BY campaign_id, disposition
)sql"};

constexpr db::Query kSetCampaignState{"campaigns.set_state", R"sql(
  UPDATE campaigns SET state = $3, version = version + 1
  WHERE landlord_id = $1::uuid AND campaign_id = $2::uuid
)sql"};

Campaign CampaignFromRow(const db::Row& row) {
  Campaign campaign;
  campaign.id = row.Get<ids::CampaignId>("campaign_id");
  campaign.draft = {.title = row.Get<std::string>("title"),
                    .purpose = row.Get<std::string>("purpose"),
                    .rule = {.minimum_age = row.Get<int>("minimum_age"),
                             .reference_date = row.Get<absl::CivilDay>("reference_date"),
                             .commune_codes = row.Get<std::vector<std::string>>("commune_codes"),
                             .buildings = row.Get<std::vector<std::string>>("buildings")},
                    .script = row.Get<ScriptId>("script_id"),
                    .script_version = row.Get<int>("script_version"),
                    .start_time = row.Get<absl::Time>("start_time"),
                    .end_time = row.Get<absl::Time>("end_time"),
                    .call_hours = {},
                    .retry_rules = {},
                    .weekly = {.interval_days = row.Get<int>("weekly_interval_days"),
                               .grace = absl::Seconds(row.Get<int64_t>("weekly_grace_seconds"))},
                    .deadlines = db::AcknowledgeDeadlinesFrom(row)};
  campaign.state =
      FromName<CampaignState>(row.Get<std::string>("state")).value_or(CampaignState::kClosed);
  campaign.selected = row.Get<int64_t>("selected");
  campaign.left_out = {.under_age = row.Get<int64_t>("under_age"),
                       .objection = row.Get<int64_t>("objection"),
                       .no_valid_phone = row.Get<int64_t>("no_valid_phone")};
  campaign.version = row.Get<int64_t>("version");
  campaign.create_time = row.Get<absl::Time>("create_time");
  campaign.open_time = row.Find<absl::Time>("open_time");
  return campaign;
}

void InsertCallHours(db::WriteTx& tx, ids::LandlordId landlord, ids::CampaignId id,
                     const std::vector<CallWindow>& windows) {
  if (windows.empty()) return;
  std::vector<int32_t> weekdays;
  std::vector<int32_t> starts;
  std::vector<int32_t> ends;
  for (const CallWindow& window : windows) {
    weekdays.push_back(window.weekday);
    starts.push_back(window.start_minute);
    ends.push_back(window.end_minute);
  }
  tx.Queue(kInsertCallHours, landlord, id, weekdays, starts, ends);
}

void InsertRetryRules(db::WriteTx& tx, ids::LandlordId landlord, ids::CampaignId id,
                      const std::vector<RetryRule>& rules) {
  if (rules.empty()) return;
  std::vector<std::string> dispositions;
  std::vector<int64_t> delays;
  std::vector<int32_t> maxima;
  std::vector<bool> next_phones;
  for (const RetryRule& rule : rules) {
    dispositions.emplace_back(NameOf(static_cast<Disposition>(rule.disposition)));
    delays.push_back(absl::ToInt64Seconds(rule.delay));
    maxima.push_back(rule.maximum_attempts);
    next_phones.push_back(rule.next_phone);
  }
  tx.Queue(kInsertRetryRules, landlord, id, dispositions, delays, maxima, next_phones);
}

RetryRule RuleFromRow(const db::Row& row) {
  const auto disposition = FromName<Disposition>(row.Get<std::string>("disposition"));
  return {.disposition = disposition.has_value() ? static_cast<int>(*disposition) : 0,
          .delay = absl::Seconds(row.Get<int64_t>("delay_seconds")),
          .maximum_attempts = row.Get<int>("maximum_attempts"),
          .next_phone = row.Get<bool>("next_phone")};
}

}  // namespace

absl::Status CampaignStore::Insert(db::WriteTx& tx, ids::LandlordId landlord, ids::CampaignId id,
                                   const CampaignDraft& draft, absl::Time now) {
  const db::AcknowledgeDeadlineColumns deadlines = db::ToColumns(draft.deadlines);
  const db::Rows inserted =
      tx.Run(kInsertCampaign, landlord, id, draft.title, draft.purpose, draft.rule.minimum_age,
             draft.rule.reference_date, draft.rule.commune_codes, draft.rule.buildings,
             draft.script, draft.script_version, draft.start_time, draft.end_time, now,
             draft.weekly.interval_days, absl::ToInt64Seconds(draft.weekly.grace),
             deadlines.emergency_seconds, deadlines.priority_seconds, deadlines.routine_days);
  if (inserted.affected() == 0) return errors::DuplicateName("title");
  InsertCallHours(tx, landlord, id, draft.call_hours);
  InsertRetryRules(tx, landlord, id, draft.retry_rules);
  return absl::OkStatus();
}

std::vector<Campaign> CampaignStore::Complete(ids::LandlordId landlord, const db::Rows& rows) {
  std::vector<Campaign> campaigns;
  std::vector<ids::CampaignId> ids;
  std::map<ids::CampaignId, size_t> places;
  for (const db::Row row : rows) {
    campaigns.push_back(CampaignFromRow(row));
    ids.push_back(campaigns.back().id);
    places[ids.back()] = campaigns.size() - 1;
  }
  if (ids.empty()) return campaigns;
  for (const db::Row row : tx_.Run(kListCallHours, landlord, ids)) {
    campaigns[places[row.Get<ids::CampaignId>("campaign_id")]].draft.call_hours.push_back(
        {.weekday = row.Get<int>("weekday"),
         .start_minute = row.Get<int>("start_minute"),
         .end_minute = row.Get<int>("end_minute")});
  }
  for (const db::Row row : tx_.Run(kListRetryRules, landlord, ids)) {
    campaigns[places[row.Get<ids::CampaignId>("campaign_id")]].draft.retry_rules.push_back(
        RuleFromRow(row));
  }
  return campaigns;
}

absl::StatusOr<Campaign> CampaignStore::Get(ids::LandlordId landlord, ids::CampaignId id) {
  std::vector<Campaign> found = Complete(landlord, tx_.Run(kGetCampaign, landlord, id));
  if (found.empty()) return errors::CampaignNotFound(id);
  return std::move(found.front());
}

absl::StatusOr<Campaign> CampaignStore::Lock(db::WriteTx& tx, ids::LandlordId landlord,
                                             ids::CampaignId id) {
  if (tx.Run(kLockCampaign, landlord, id).empty()) return errors::CampaignNotFound(id);
  return CampaignStore(tx).Get(landlord, id);
}

std::vector<Campaign> CampaignStore::List(ids::LandlordId landlord, ids::CampaignId after,
                                          int limit, std::optional<CampaignState> state) {
  const std::optional<ids::CampaignId> key = after.is_nil() ? std::nullopt : std::optional(after);
  const std::optional<std::string> only =
      state.has_value() ? std::optional(std::string(NameOf(*state))) : std::nullopt;
  return Complete(landlord, tx_.Run(kListCampaigns, landlord, key, limit, only));
}

void CampaignStore::SetState(db::WriteTx& tx, ids::LandlordId landlord, ids::CampaignId id,
                             CampaignState state) {
  tx.Queue(kSetCampaignState, landlord, id, std::string(NameOf(state)));
}

}  // namespace veille::call_tracking
