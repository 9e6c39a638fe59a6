#include "call_tracking/store/queue_store.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace veille::call_tracking {
namespace {

using db::Query;

// By ctid, which stays while the row is locked: a join would read the whole queue.
// crosses landlords: one promoter serves all of them.
constexpr Query kPromoteDue{"call_queue.promote", R"sql(
  UPDATE call_queue SET is_due = true
  WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM call_queue
    WHERE NOT is_due AND due_time <= $1::timestamptz
    ORDER BY due_time LIMIT $2 FOR UPDATE SKIP LOCKED))
)sql"};

// crosses landlords: one promoter serves all of them.
constexpr Query kPromoteUnkept{"call_queue.promote_unkept", R"sql(
  UPDATE call_queue SET is_due = true
  WHERE ctid = ANY (ARRAY(
    SELECT q.ctid FROM call_queue AS q
    JOIN volunteers AS v ON v.landlord_id = q.landlord_id AND v.volunteer_id = q.volunteer_id
    WHERE q.volunteer_id IS NOT NULL AND NOT q.is_due AND q.own_time <= $1::timestamptz
      AND (v.state = 'LEFT'
           OR (v.absence_start_time <= $1::timestamptz AND $1::timestamptz < v.absence_end_time))
    ORDER BY q.own_time LIMIT $2 FOR UPDATE OF q SKIP LOCKED))
)sql"};

// crosses landlords: one promoter serves all of them.
constexpr Query kFindPassedZones{"campaign_zones.find_passed", R"sql(
  SELECT z.landlord_id, z.campaign_id, z.time_zone, c.start_time, c.end_time,
         ARRAY(SELECT w.weekday || ' ' || w.start_minute || ' ' || w.end_minute
               FROM campaign_call_hours AS w
               WHERE w.landlord_id = z.landlord_id AND w.campaign_id = z.campaign_id
               ORDER BY w.weekday, w.start_minute) AS call_hours
  FROM campaign_zones AS z
  JOIN campaigns AS c ON c.landlord_id = z.landlord_id AND c.campaign_id = z.campaign_id
  WHERE z.open_until <= $1::timestamptz AND $1::timestamptz < c.end_time AND c.state <> 'CLOSED'
  ORDER BY z.open_until LIMIT $2
)sql"};

constexpr Query kSetSpans{"campaign_zones.set_spans", R"sql(
  UPDATE campaign_zones AS z SET open_from = s.open_from, open_until = s.open_until
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[])
       AS s (landlord_id, campaign_id, time_zone, open_from, open_until)
  WHERE z.landlord_id = s.landlord_id AND z.campaign_id = s.campaign_id
    AND z.time_zone = s.time_zone AND z.open_until < s.open_until
)sql"};

std::vector<CallWindow> ReadCallHours(const std::vector<std::string>& texts) {
  std::vector<CallWindow> windows;
  for (const std::string& text : texts) {
    const std::vector<std::string> numbers = absl::StrSplit(text, ' ');
    CallWindow window;
    if (absl::SimpleAtoi(numbers.at(0), &window.weekday) &&
        absl::SimpleAtoi(numbers.at(1), &window.start_minute) &&
        absl::SimpleAtoi(numbers.at(2), &window.end_minute)) {
      windows.push_back(window);
    }
  }
  return windows;
}

}  // namespace

int PromoteDue(db::WriteTx& tx, absl::Time now, int limit) {
  return static_cast<int>(tx.Run(kPromoteDue, now, limit).affected());
}

int PromoteUnkept(db::WriteTx& tx, absl::Time now, int limit) {
  return static_cast<int>(tx.Run(kPromoteUnkept, now, limit).affected());
}

std::vector<PassedZone> FindPassedZones(db::ReadTx& tx, absl::Time now, int limit) {
  std::vector<PassedZone> zones;
  for (const db::Row row : tx.Run(kFindPassedZones, now, limit)) {
    zones.push_back({.landlord = row.Get<ids::LandlordId>("landlord_id"),
                     .campaign = row.Get<ids::CampaignId>("campaign_id"),
                     .time_zone = row.Get<std::string>("time_zone"),
                     .start_time = row.Get<absl::Time>("start_time"),
                     .end_time = row.Get<absl::Time>("end_time"),
                     .call_hours = ReadCallHours(row.Get<std::vector<std::string>>("call_hours"))});
  }
  return zones;
}

void SetSpans(db::WriteTx& tx, const std::vector<PassedZone>& zones,
              const std::vector<CallSpan>& spans) {
  std::vector<ids::LandlordId> landlords;
  std::vector<ids::CampaignId> campaigns;
  std::vector<std::string> names;
  std::vector<absl::Time> from;
  std::vector<absl::Time> until;
  for (size_t i = 0; i < zones.size(); ++i) {
    landlords.push_back(zones[i].landlord);
    campaigns.push_back(zones[i].campaign);
    names.push_back(zones[i].time_zone);
    from.push_back(spans[i].from);
    until.push_back(spans[i].until);
  }
  tx.Queue(kSetSpans, landlords, campaigns, names, from, until);
}

const db::Query& PromoteDueQuery() { return kPromoteDue; }

}  // namespace veille::call_tracking
