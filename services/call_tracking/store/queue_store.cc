#include "call_tracking/store/queue_store.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace veille::call_tracking {
namespace {

using db::Query;

constexpr Query kPromoteDue{"call_queue.promote",
                            "SELECT promote_due($1::timestamptz, $2) AS promoted"};

constexpr Query kPromoteUnkept{"call_queue.promote_unkept",
                               "SELECT promote_unkept($1::timestamptz, $2) AS promoted"};

constexpr Query kFindPassedZones{"campaign_zones.find_passed", R"sql(
  SELECT landlord_id, campaign_id, time_zone, start_time, end_time, call_hours
  FROM find_passed_zones($1::timestamptz, $2)
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
  return tx.Run(kPromoteDue, now, limit)[0].Get<int>("promoted");
}

int PromoteUnkept(db::WriteTx& tx, absl::Time now, int limit) {
  return tx.Run(kPromoteUnkept, now, limit)[0].Get<int>("promoted");
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

}  // namespace veille::call_tracking
