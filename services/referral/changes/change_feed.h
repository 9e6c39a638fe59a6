#pragma once

// Tells those who watch referrals that there are changes, and which.
//
// One thread looks for all of them: once a second, and when it is woken, it reads what is new of
// every landlord that somebody watches, in one statement, however many watch. Who has kept up takes
// what it found from memory; who is behind reads pages of its own until it has. Polling is the
// truth: a change that another replica committed is found like one of this process.
//
//   ChangeFeed::Follower follower(feed, landlord, place);   // from here on the landlord is watched
//   for (;;) {
//     const std::stop_token changed = follower.changed();   // first, so that no change slips
//     through const Seen seen = follower.After(place); …
//   }

#include <memory>
#include <stop_token>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/async/poll_loop.h"
#include "common/db/database.h"
#include "referral/domain/referral_change.h"

namespace veille::referral {

struct ChangeFeedOptions {
  absl::Duration interval = absl::Seconds(1);
  absl::Duration shortest_pause = absl::Milliseconds(50);  // between two looks
  absl::Duration timeout = absl::Seconds(10);
  int page = 200;
  absl::Duration heartbeat = absl::Seconds(15);  // how long a watcher hears nothing at most
};

// Owned by main; outlives its followers, and is outlived by the database. Threads: any.
class ChangeFeed {
 public:
  explicit ChangeFeed(db::Database& database, ChangeFeedOptions options = {});

  // A hint that something changed.
  void Wake() { loop_.Wake(); }
  void Stop() { loop_.Stop(); }

  int page_size() const { return options_.page; }
  absl::Duration heartbeat() const { return options_.heartbeat; }

  // What is known of the time after a place.
  struct Seen {
    bool is_known = false;                        // otherwise it is to be read from the database
    std::shared_ptr<const ChangePage> page = {};  // may begin before the place; null: no change
    ChangePlace end = {};                         // up to where
  };

  class Follower {
   public:
    // `place`: up to where the follower has read.
    Follower(ChangeFeed& feed, ids::LandlordId landlord, const ChangePlace& place);
    ~Follower();
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

    // Stopped when there is a change.
    std::stop_token changed() const;
    Seen After(const ChangePlace& place) const;

   private:
    ChangeFeed& feed_;
    const ids::LandlordId landlord_;
  };

 private:
  struct Watched {
    int followers = 0;
    std::shared_ptr<const ChangePage> last;  // the last one with changes; none lie behind it
    ChangePlace quiet_from;                  // without one: no changes from here
    ChangePlace head;                        // to here
    std::stop_source changed = {};
  };

  bool Step();

  db::Database& database_;
  const ChangeFeedOptions options_;
  absl::Time last_look_ = absl::InfinitePast();  // the loop's own
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<ids::LandlordId, Watched> watched_ ABSL_GUARDED_BY(mutex_);
  async::PollLoop loop_;  // last: its thread uses all of the above
};

}  // namespace veille::referral
