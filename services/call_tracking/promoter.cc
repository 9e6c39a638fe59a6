#include "call_tracking/promoter.h"

#include <vector>

#include "call_tracking/domain/call_hours.h"
#include "call_tracking/store/lease_store.h"
#include "call_tracking/store/queue_store.h"
#include "common/async/sync_wait.h"
#include "common/db/landlords.h"
#include "common/telemetry/log.h"

namespace veille::call_tracking {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(10);

// True when as many rows as fit were found: there may be more.
bool MoveOn(db::WriteTx& tx, absl::Time now, int batch) {
  const bool more_ended = EndExpiredLeases(tx, batch) == batch;
  const bool more_due = PromoteDue(tx, now, batch) == batch;
  const bool more_unkept = PromoteUnkept(tx, now, batch) == batch;
  return more_ended || more_due || more_unkept;
}

bool RenewZones(db::WriteTx& tx, absl::Time now, int batch) {
  const std::vector<PassedZone> zones = FindPassedZones(tx, now, batch);
  if (zones.empty()) return false;
  std::vector<CallSpan> spans;
  spans.reserve(zones.size());
  for (const PassedZone& zone : zones) {
    spans.push_back(CurrentOrNextSpan(zone.call_hours, zone.start_time, zone.end_time,
                                      ZoneOf(zone.time_zone), now));
  }
  tx.ActFor(db::LandlordsOf(zones, &PassedZone::landlord));
  SetSpans(tx, zones, spans);
  return static_cast<int>(zones.size()) == batch;
}

}  // namespace

Promoter::Promoter(db::Database& database, const time::Clock& clock, PromoterOptions options)
    : database_(database),
      clock_(clock),
      options_(options),
      loop_("promoter", options.interval, [this] { return Step(); }) {}

bool Promoter::Step() {
  const absl::Time now = clock_.Now();
  const absl::StatusOr<bool> more = async::SyncWait(
      database_.Write(db::Within(kTimeout), [&](db::WriteTx& tx) -> absl::StatusOr<bool> {
        const bool more_zones = RenewZones(tx, now, options_.batch);
        const bool more_rows = MoveOn(tx, now, options_.batch);
        return more_zones || more_rows;
      }));
  if (!more.ok()) {
    log::Warning("the queue was not moved on", {{"code", more.status().code()}});
    return false;
  }
  return *more;
}

}  // namespace veille::call_tracking
