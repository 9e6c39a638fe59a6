#include "common/outbox/relay.h"

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "common/async/sync_wait.h"
#include "common/db/landlords.h"
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

void Log(log::Literal what, const Message& message, const absl::Status& answer) {
  log::Warning(what,
               {{"topic", log::Text{message.topic}},
                {"message", message.id},
                {"tries", message.tries + 1},
                {"code", answer.code()},
                {"reason", log::Text{common::v1::ErrorReason_Name(errors::ReasonOf(answer))}}});
}

}  // namespace

Relay::Relay(db::Database& database, std::map<std::string, Topic> topics, RelayOptions options)
    : database_(database),
      topics_(std::move(topics)),
      options_(options),
      looks_(options.interval),
      loop_("relay", options.interval, [this] { return Step(); }) {}

absl::Duration Relay::DelayAfter(int tries) const {
  absl::BitGen random;
  const absl::Duration full =
      std::min(options_.longest_delay, options_.first_delay * (int64_t{1} << std::min(tries, 16)));
  return full * absl::Uniform(random, 0.5, 1.0);
}

Relay::End Relay::Judge(const Message& message, const absl::Status& answer) const {
  if (answer.ok() || absl::IsAlreadyExists(answer)) return End::kTaken;
  const auto topic = topics_.find(message.topic);
  const bool refused = absl::IsInvalidArgument(answer) || absl::IsNotFound(answer);
  if (refused && topic != topics_.end() && topic->second.refuse) {
    Log("message refused for good", message, answer);
    return End::kRefused;
  }
  Log("message put back", message, answer);
  return End::kPutBack;
}

// If this is not written, the claim runs out and the message is sent, and refused, again.
void Relay::Refuse(const Message& message) {
  const absl::Status ended = async::SyncWait(database_.Write(
      db::Within(kWriteTimeout, {message.landlord}), [&](db::WriteTx& tx) -> absl::Status {
        if (Finish(tx, {message}) == 0) return absl::OkStatus();
        return topics_.at(message.topic).refuse(tx, message);
      }));
  if (!ended.ok()) Log("refusal not written", message, ended);
}

bool Relay::Step() {
  const std::optional<absl::Duration> within = looks_.Next(absl::Now());
  const auto claimed = async::SyncWait(database_.Write(
      db::Within(kWriteTimeout), [&](db::WriteTx& tx) -> absl::StatusOr<std::vector<Message>> {
        return Claim(tx, options_.batch, options_.hold, within);
      }));
  if (!claimed.ok()) return false;
  const bool more = claimed->size() == static_cast<size_t>(options_.batch);
  looks_.Found(more, absl::Now());
  if (claimed->empty()) return false;

  const absl::Time deadline = absl::Now() + options_.timeout;
  std::vector<async::Task<absl::Status>> sends;
  for (const Message& message : *claimed) {
    const auto topic = topics_.find(message.topic);
    sends.push_back(topic == topics_.end() ? SendUnknownTopic()
                                           : topic->second.send(message, deadline));
  }
  const std::vector<absl::Status> answers = async::SyncWaitAll(std::move(sends));

  std::vector<Message> taken;
  std::vector<Message> back;
  std::vector<absl::Duration> delays;
  for (size_t i = 0; i < answers.size(); ++i) {
    const Message& message = (*claimed)[i];
    switch (Judge(message, answers[i])) {
      case End::kTaken:
        taken.push_back(message);
        break;
      case End::kRefused:
        Refuse(message);
        break;
      case End::kPutBack:
        back.push_back(message);
        delays.push_back(DelayAfter(message.tries));
        break;
    }
  }
  // If this write fails, the claims run out and the messages are sent again: at least once.
  const absl::Status ended = async::SyncWait(
      database_.Write(db::Within(kWriteTimeout, db::LandlordsOf(*claimed, &Message::landlord)),
                      [&](db::WriteTx& tx) -> absl::Status {
                        if (!taken.empty()) Finish(tx, taken);
                        if (!back.empty()) PutBack(tx, back, delays);
                        return absl::OkStatus();
                      }));
  return ended.ok() && more;
}

}  // namespace veille::outbox
