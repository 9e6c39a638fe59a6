#pragma once

// The keys of one provider, kept fresh by a thread of its own.
//
// They are fetched again every five minutes, and when a token names a key that is not there: that
// at most once in ten seconds, however many such tokens come. When a fetch fails, the last good set
// stays and it is tried again, ever more slowly.
//
// Threads: any. Owned by the Verifier.

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/async/poll_loop.h"
#include "common/time/clock.h"
#include "common/tokens/key_set.h"

namespace veille::tokens {

inline constexpr absl::Duration kRefreshEvery = absl::Minutes(5);
inline constexpr absl::Duration kRefreshAtMostEvery = absl::Seconds(10);

class KeyStore {
 public:
  // Brings the text of a key set from a location; hears the stop token.
  using Fetch =
      std::function<absl::StatusOr<std::string>(const std::string& location, std::stop_token stop)>;

  // `issuer` names the provider in the log; `location` is where its keys are.
  KeyStore(std::string issuer, std::string location, Fetch fetch, const time::Clock& clock);
  ~KeyStore();  // ends a fetch that is under way
  KeyStore(const KeyStore&) = delete;
  KeyStore& operator=(const KeyStore&) = delete;

  // Starts the thread.
  void Start();

  struct Lookup {
    std::shared_ptr<const VerificationKey> key;  // null: not there
    std::optional<absl::Duration> retry_after;   // it may come until then
  };
  // Without a key and without `retry_after`, the set that was fetched after this key was first
  // asked for lacks it too.
  Lookup Find(std::string_view kid);

  // Whether the present set has this very key.
  bool Holds(const VerificationKey& key) const;

  // Fetches when it is time to; the error of that fetch. What the thread does, every second and
  // when it is woken.
  absl::Status RefreshIfDue();

 private:
  // A key id that was asked for in vain.
  struct Asked {
    std::string kid;
    int64_t attempt;  // the last that had begun by then
    absl::Time when;
  };

  bool IsDue(absl::Time now) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  absl::Duration RetryAfter(absl::Time now) const ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  int64_t AttemptWhenFirstAsked(std::string_view kid, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Take(int64_t attempt, absl::StatusOr<std::string> text);
  void Fail(const absl::Status& why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string issuer_;
  const std::string location_;
  const Fetch fetch_;
  const time::Clock& clock_;
  std::stop_source stop_;
  absl::Mutex refreshing_;  // one fetch at a time

  mutable absl::Mutex mutex_;
  std::shared_ptr<const KeySet> keys_ ABSL_GUARDED_BY(mutex_);
  std::string text_ ABSL_GUARDED_BY(mutex_);  // of keys_
  std::deque<Asked> asked_ ABSL_GUARDED_BY(mutex_);
  bool wanted_ ABSL_GUARDED_BY(mutex_) = false;  // by a token with an unknown key
  bool is_fetching_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t attempts_ ABSL_GUARDED_BY(mutex_) = 0;
  int64_t good_attempt_ ABSL_GUARDED_BY(mutex_) = 0;  // the one that brought keys_
  int failures_ ABSL_GUARDED_BY(mutex_) = 0;          // since the last good one
  absl::Time last_attempt_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();

  std::unique_ptr<async::PollLoop> loop_;  // last: its thread uses all of the above
};

}  // namespace veille::tokens
