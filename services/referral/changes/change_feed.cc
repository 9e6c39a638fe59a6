#include "referral/changes/change_feed.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "common/async/sync_wait.h"
#include "common/db/landlords.h"
#include "common/telemetry/log.h"
#include "referral/store/change_store.h"

namespace veille::referral {

ChangeFeed::ChangeFeed(db::Database& database, ChangeFeedOptions options)
    : database_(database),
      options_(options),
      loop_("changes", options.interval, [this] { return Step(); }) {}

bool ChangeFeed::Step() {
  absl::SleepFor(
      std::min(last_look_ + options_.shortest_pause - absl::Now(), options_.shortest_pause));
  std::vector<ChangesAfter> after;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [landlord, watched] : watched_) after.push_back({landlord, watched.head});
  }
  if (after.empty()) return false;
  last_look_ = absl::Now();
  auto read = async::SyncWait(
      database_.Read(db::Within(options_.timeout, db::LandlordsOf(after, &ChangesAfter::landlord)),
                     [&](db::ReadTx& tx) -> absl::StatusOr<std::vector<ChangePage>> {
                       return ReadChanges(tx, after, options_.page);
                     }));
  if (!read.ok()) {
    log::Warning("changes of referrals not read", {{"code", read.status().code()}});
    return false;
  }
  bool is_more = false;
  std::vector<std::stop_source> changed;
  {
    absl::MutexLock lock(&mutex_);
    for (size_t i = 0; i < after.size(); ++i) {
      ChangePage& page = (*read)[i];
      const auto found = watched_.find(after[i].landlord);
      // Watched anew meanwhile, from elsewhere.
      if (found == watched_.end() || found->second.head != page.begin) continue;
      Watched& watched = found->second;
      watched.head = page.end;
      if (page.changes.empty()) continue;
      // Who has seen the last page has missed nothing since: it may have been quiet for long.
      page.begin = watched.last == nullptr ? watched.quiet_from : watched.last->end;
      is_more |= page.changes.size() >= static_cast<size_t>(options_.page);
      watched.last = std::make_shared<const ChangePage>(std::move(page));
      changed.push_back(std::exchange(watched.changed, std::stop_source()));
    }
  }
  for (std::stop_source& source : changed) source.request_stop();
  return is_more;
}

ChangeFeed::Follower::Follower(ChangeFeed& feed, ids::LandlordId landlord, const ChangePlace& place)
    : feed_(feed), landlord_(landlord) {
  absl::MutexLock lock(&feed_.mutex_);
  Watched& watched = feed_.watched_[landlord_];
  if (watched.followers++ == 0) watched.quiet_from = watched.head = place;
}

ChangeFeed::Follower::~Follower() {
  absl::MutexLock lock(&feed_.mutex_);
  const auto watched = feed_.watched_.find(landlord_);
  if (--watched->second.followers == 0) feed_.watched_.erase(watched);
}

std::stop_token ChangeFeed::Follower::changed() const {
  absl::MutexLock lock(&feed_.mutex_);
  return feed_.watched_.at(landlord_).changed.get_token();
}

ChangeFeed::Seen ChangeFeed::Follower::After(const ChangePlace& place) const {
  absl::MutexLock lock(&feed_.mutex_);
  const Watched& watched = feed_.watched_.at(landlord_);
  // It has read further than the feed itself: nothing is known yet, and the feed is about to look.
  if (place >= watched.head) return {.is_known = true, .end = place};
  if (watched.last == nullptr) {
    return {.is_known = place >= watched.quiet_from, .end = watched.head};
  }
  if (place >= watched.last->end) return {.is_known = true, .end = watched.head};
  if (place < watched.last->begin) return {};
  return {.is_known = true, .page = watched.last, .end = watched.head};
}

}  // namespace veille::referral
