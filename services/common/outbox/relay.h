#pragma once

// Delivers the outbox. A thread of its own claims due messages in batches, hands them side by side
// to the sender of their topic, and ends or puts back each by its answer:
//
//   OK, ALREADY_EXISTS          taken (now or before): the message is deleted
//   anything else               put back: 1 s, 2 s, 4 s … up to 5 min, with jitter, for ever
//
// A message is never given up: one that its receiver refuses for good stays, is logged with each
// try and shows in the backlog's age, because a case must not vanish for being malformed. A worker
// that dies holds its claim for `hold` at most. Many relays may run at once.

#include <functional>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "common/async/poll_loop.h"
#include "common/async/task.h"
#include "common/db/database.h"
#include "common/outbox/outbox.h"

namespace veille::outbox {

// Sends one message within `deadline`. Must be safe to repeat.
using Sender =
    std::function<async::Task<absl::Status>(const Message& message, absl::Time deadline)>;

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
  // `senders` by topic. The database outlives the relay.
  Relay(db::Database& database, std::map<std::string, Sender> senders, RelayOptions options = {});

  // A hint that something was appended; safe from any thread.
  void Wake() { loop_.Wake(); }
  void Stop() { loop_.Stop(); }

 private:
  bool Step();
  absl::Duration DelayAfter(int tries) const;

  db::Database& database_;
  const std::map<std::string, Sender> senders_;
  const RelayOptions options_;
  async::PollLoop loop_;  // last: its thread uses all of the above
};

}  // namespace veille::outbox
