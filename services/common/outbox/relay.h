#pragma once

// Delivers the outbox. A thread of its own claims due messages in batches, hands them side by side
// to the sender of their topic, and ends or puts back each by its answer:
//
//   OK, ALREADY_EXISTS            taken (now or before): the message is deleted
//   INVALID_ARGUMENT, NOT_FOUND   refused for good, where the topic says what follows: done and
//                                 deleted in one transaction
//   anything else                 put back: 1 s, 2 s, 4 s … up to 5 min, with jitter, for ever
//
// A message is never given up silently: where the topic has no answer to a refusal it stays, is
// logged with each try and shows in the backlog's age, because a case must not vanish for being
// malformed. A worker that dies holds its claim for `hold` at most. Many relays may run at once.

#include <concepts>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/async/looks.h"
#include "common/async/poll_loop.h"
#include "common/async/task.h"
#include "common/db/database.h"
#include "common/outbox/outbox.h"

namespace veille::outbox {

// Sends one message within `deadline`. Must be safe to repeat.
using Sender =
    std::function<async::Task<absl::Status>(const Message& message, absl::Time deadline)>;

// Does what follows from a refusal for good; an error keeps the message.
using Refusal = std::function<absl::Status(db::WriteTx& tx, const Message& message)>;

// How messages of one topic are sent, and what follows when one is refused for good, if anything
// does.
struct Topic {
  template <std::convertible_to<Sender> Callable>
  Topic(Callable sender, Refusal refusal = {})  // NOLINT: implicit, mostly there is only a sender
      : send(std::move(sender)), refuse(std::move(refusal)) {}
  Sender send;
  Refusal refuse;  // may be empty
};

struct RelayOptions {
  absl::Duration interval = absl::Seconds(1);
  absl::Duration hold = absl::Seconds(15);     // of a claim; longer than `timeout`
  absl::Duration timeout = absl::Seconds(10);  // of one send
  absl::Duration first_delay = absl::Seconds(1);
  absl::Duration longest_delay = absl::Minutes(5);
  int batch = 64;
};

class Relay {
 public:
  // Topics by name. The database outlives the relay.
  Relay(db::Database& database, std::map<std::string, Topic> topics, RelayOptions options = {});

  // A hint that something was appended; safe from any thread.
  void Wake() { loop_.Wake(); }
  void Stop() { loop_.Stop(); }

 private:
  bool Step();
  // What becomes of a message that was sent.
  enum class End { kTaken, kRefused, kPutBack };
  End Judge(const Message& message, const absl::Status& answer) const;
  void Refuse(const Message& message);
  absl::Duration DelayAfter(int tries) const;

  db::Database& database_;
  const std::map<std::string, Topic> topics_;
  const RelayOptions options_;
  async::Looks looks_;    // of the loop's thread
  async::PollLoop loop_;  // last: its thread uses all of the above
};

}  // namespace veille::outbox
