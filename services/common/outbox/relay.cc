#include "common/outbox/relay.h"

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "common/async/sync_wait.h"
#include "common/status/errors.h"
#include "common/telemetry/log.h"

namespace veille::outbox {
namespace {

// The one that most work has: a lane sets its statement_timeout anew only when the time allowed
// differs.
constexpr absl::Duration kWriteTimeout = absl::Seconds(10);

async::Task<absl::Status> SendUnknownTopic() {
  co_return absl::UnimplementedError("no sender for this topic");
}

bool IsTaken(const absl::Status& status) { return status.ok() || absl::IsAlreadyExists(status); }

}  // namespace

Relay::Relay(db::Database& database, std::map<std::string, Sender> senders, RelayOptions options)
    : database_(database),
      senders_(std::move(senders)),
      options_(options),
      loop_("relay", options.interval, [this] { return Step(); }) {}

absl::Duration Relay::DelayAfter(int tries) const {
  absl::BitGen random;
  const absl::Duration full =
      std::min(options_.longest_delay, options_.first_delay * (int64_t{1} << std::min(tries, 16)));
  return full * absl::Uniform(random, 0.5, 1.0);
}

bool Relay::Step() {
  const auto claimed = async::SyncWait(database_.Write(
      db::Within(kWriteTimeout), [this](db::WriteTx& tx) -> absl::StatusOr<std::vector<Message>> {
        return Claim(tx, options_.batch, options_.hold);
      }));
  if (!claimed.ok() || claimed->empty()) return false;

  const absl::Time deadline = absl::Now() + options_.timeout;
  std::vector<async::Task<absl::Status>> sends;
  for (const Message& message : *claimed) {
    const auto sender = senders_.find(message.topic);
    sends.push_back(sender == senders_.end() ? SendUnknownTopic()
                                             : sender->second(message, deadline));
  }
  const std::vector<absl::Status> answers = async::SyncWaitAll(std::move(sends));

  std::vector<Message> taken;
  std::vector<Message> back;
  std::vector<absl::Duration> delays;
  for (size_t i = 0; i < answers.size(); ++i) {
    const Message& message = (*claimed)[i];
    if (IsTaken(answers[i])) {
      taken.push_back(message);
      continue;
    }
    log::Warning(
        "message put back",
        {{"topic", log::Text{message.topic}},
         {"message", message.id},
         {"tries", message.tries + 1},
         {"code", answers[i].code()},
         {"reason", log::Text{common::v1::ErrorReason_Name(errors::ReasonOf(answers[i]))}}});
    back.push_back(message);
    delays.push_back(DelayAfter(message.tries));
  }
  // If this write fails, the claims run out and the messages are sent again: at least once.
  const absl::Status ended = async::SyncWait(
      database_.Write(db::Within(kWriteTimeout), [&](db::WriteTx& tx) -> absl::Status {
        if (!taken.empty()) Finish(tx, taken);
        if (!back.empty()) PutBack(tx, back, delays);
        return absl::OkStatus();
      }));
  return ended.ok() && claimed->size() == static_cast<size_t>(options_.batch);
}

}  // namespace veille::outbox
