#include "common/tokens/key_store.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/telemetry/log.h"

namespace veille::tokens {
namespace {

constexpr absl::Duration kLook = absl::Seconds(1);
constexpr absl::Duration kRemembersAsked = absl::Minutes(1);
constexpr size_t kMostAsked = 64;

absl::Duration PauseAfter(int failures) {
  return std::min(kRefreshAtMostEvery * (1 << std::min(failures - 1, 6)), kRefreshEvery);
}

void LogLeftOut(const std::string& issuer, const std::vector<KeySet::LeftOut>& left_out) {
  for (const auto& [place, why] : left_out) {
    const bool is_fault = why.code() == absl::StatusCode::kInvalidArgument;
    log::Write(is_fault ? log::Level::kWarning : log::Level::kDebug, "provider's key left out",
               {{"issuer", log::Text{issuer}},
                {"place", place},
                {"why", log::Text{std::string_view(why.message().data(), why.message().size())}}});
  }
}

}  // namespace

KeyStore::KeyStore(std::string issuer, std::string location, Fetch fetch, const time::Clock& clock)
    : issuer_(std::move(issuer)),
      location_(std::move(location)),
      fetch_(std::move(fetch)),
      clock_(clock) {}

KeyStore::~KeyStore() {
  stop_.request_stop();
  if (loop_ != nullptr) loop_->Stop();
}

void KeyStore::Start() {
  loop_ = std::make_unique<async::PollLoop>("token-keys", kLook, [this] {
    (void)RefreshIfDue();  // said in the log
    return false;
  });
}

KeyStore::Lookup KeyStore::Find(std::string_view kid) {
  const absl::Time now = clock_.Now();
  bool is_due = false;
  Lookup found;
  {
    absl::ReaderMutexLock lock(&mutex_);
    if (keys_ != nullptr) found.key = keys_->Find(kid);
  }
  if (found.key != nullptr) return found;
  {
    absl::MutexLock lock(&mutex_);
    wanted_ = true;
    is_due = IsDue(now);
    if (AttemptWhenFirstAsked(kid, now) >= good_attempt_) {
      found.retry_after = RetryAfter(now);
    }
  }
  if (is_due && loop_ != nullptr) loop_->Wake();
  return found;
}

bool KeyStore::Holds(const VerificationKey& key) const {
  absl::ReaderMutexLock lock(&mutex_);
  return keys_ != nullptr && keys_->Find(key.kid).get() == &key;
}

absl::Status KeyStore::RefreshIfDue() {
  absl::MutexLock one(&refreshing_);
  int64_t attempt = 0;
  {
    const absl::Time now = clock_.Now();
    absl::MutexLock lock(&mutex_);
    if (!IsDue(now)) return absl::OkStatus();
    attempt = ++attempts_;
    last_attempt_ = now;
    wanted_ = false;
    is_fetching_ = true;
  }
  return Take(attempt, fetch_(location_, stop_.get_token()));
}

bool KeyStore::IsDue(absl::Time now) const {
  const absl::Duration since = now - last_attempt_;
  if (since < absl::ZeroDuration()) return true;  // the clock was set back
  if (wanted_ && since >= kRefreshAtMostEvery) return true;
  return since >= (failures_ > 0 ? PauseAfter(failures_) : kRefreshEvery);
}

absl::Duration KeyStore::RetryAfter(absl::Time now) const {
  if (is_fetching_) return kLook;
  const absl::Duration until_next = last_attempt_ + kRefreshAtMostEvery - now;
  return std::clamp(until_next, absl::ZeroDuration(), kRefreshAtMostEvery) + kLook;
}

int64_t KeyStore::AttemptWhenFirstAsked(std::string_view kid, absl::Time now) {
  while (!asked_.empty() &&
         (asked_.front().when + kRemembersAsked <= now || asked_.front().when > now)) {
    asked_.pop_front();
  }
  for (const Asked& asked : asked_) {
    if (asked.kid == kid) return asked.attempt;
  }
  // The one asked for longest ago makes room: it is asked for anew when it comes again.
  if (asked_.size() == kMostAsked) asked_.pop_front();
  asked_.push_back({std::string(kid), attempts_, now});
  return attempts_;
}

absl::Status KeyStore::Take(int64_t attempt, absl::StatusOr<std::string> text) {
  std::vector<KeySet::LeftOut> left_out;
  absl::StatusOr<KeySet> fresh =
      text.ok() ? KeySet::Parse(*text, &left_out) : absl::StatusOr<KeySet>(text.status());
  absl::MutexLock lock(&mutex_);
  is_fetching_ = false;
  if (!fresh.ok()) {
    if (!absl::IsCancelled(fresh.status())) Fail(fresh.status());
    return fresh.status();
  }
  failures_ = 0;
  good_attempt_ = attempt;
  if (*text == text_) return absl::OkStatus();
  LogLeftOut(issuer_, left_out);
  log::Info(
      "provider's keys taken",
      {{"issuer", log::Text{issuer_}}, {"keys", fresh->size()}, {"left_out", left_out.size()}});
  if (keys_ != nullptr) fresh->KeepFrom(*keys_);
  keys_ = std::make_shared<const KeySet>(*std::move(fresh));
  text_ = *std::move(text);
  return absl::OkStatus();
}

void KeyStore::Fail(const absl::Status& why) {
  ++failures_;
  log::Warning("provider's keys not refreshed",
               {{"issuer", log::Text{issuer_}},
                {"why", log::Text{std::string_view(why.message().data(), why.message().size())}},
                {"failures", failures_},
                {"keys_kept", keys_ == nullptr ? 0 : keys_->size()},
                {"next_in", PauseAfter(failures_)}});
}

}  // namespace veille::tokens
