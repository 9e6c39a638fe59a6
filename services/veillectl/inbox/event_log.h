#pragma once

// What the sample inbox tells: one JSON line per event on standard output and, if wanted, at the
// end of a file. `event` comes first, ids and counts only. Who is helped, and with what, stays out
// of it: the lines are a log.
//
// The file is the memory of the inbox too: what stands in it was done, and is not told a second
// time after a restart. A last line that was cut short by a crash is taken out: its event is told
// anew when the act, which is then repeated, is answered.

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace veille::veillectl {

// One assignment of one referral.
struct Notice {
  std::string referral_id;
  int64_t assignment_fence = 0;

  friend auto operator<=>(const Notice&, const Notice&) = default;
};

// Thread-safe.
class EventLog {
 public:
  // Appends to `path`, which is made when it is not there; empty: standard output only.
  static absl::StatusOr<std::unique_ptr<EventLog>> Open(const std::string& path);
  ~EventLog();
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  // Each push, repeated ones too:
  // {"event":"received","time":"…","referral_id":"…","assignment_fence":1,"delivery_id":"…",
  //  "version":1}
  void Received(const Notice& notice, const std::string& delivery_id, int64_t version);
  // Once per event and assignment: {"event":"accepted","time":"…","referral_id":"…",
  // "assignment_fence":1}
  void Did(std::string_view event, const Notice& notice);
  // The same with the reason of an error; each time.
  void Failed(std::string_view event, const Notice& notice, std::string_view reason);

  // Whether it was told.
  bool Has(std::string_view event, const Notice& notice) const;

 private:
  EventLog() = default;
  absl::Status Remember();
  void Print(const std::string& line) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::set<std::tuple<std::string, Notice>> told_ ABSL_GUARDED_BY(mutex_);
  int file_ = -1;
};

}  // namespace veille::veillectl
