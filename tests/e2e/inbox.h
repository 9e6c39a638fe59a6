#pragma once

// `veillectl partner-inbox` beside a test, and what it tells.

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "e2e/programme.h"
#include "testing/subprocess.h"

namespace veille::e2e {

// One line of the inbox.
struct InboxEvent {
  std::string event;  // "received", "accepted", "closed"
  std::string referral_id;

  friend bool operator==(const InboxEvent&, const InboxEvent&) = default;
};

// The lines of a log file.
std::vector<InboxEvent> ReadInboxLog(const std::string& path);

class Inbox {
 public:
  // Serves at `address`; `options` say what it does with a case ("--accept").
  Inbox(const Programme& programme, const std::string& address, const std::string& landlord,
        const std::string& partner, const std::vector<std::string>& options);

  // Waits until the inbox has told `event`; false when it does not in time.
  bool WaitFor(const std::string& event, absl::Duration timeout = absl::Seconds(20));
  // How often it was told so far. After Stop that is all.
  int Count(const std::string& event) const;
  const std::vector<InboxEvent>& events() const { return events_; }

  // SIGTERM; the exit code.
  int Stop();
  // kill -9, as a crash.
  void Kill();

 private:
  void Take(const std::string& line);

  testing::Subprocess process_;
  std::vector<InboxEvent> events_;
};

}  // namespace veille::e2e
