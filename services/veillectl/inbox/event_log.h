#pragma once

// What the sample inbox tells: one JSON line per event on standard output, `event` first, ids and
// counts only. Who is helped, and with what, stays out of it: the lines are a log.

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace veille::veillectl {

// One assignment of one referral.
struct Notice {
  std::string referral_id;
  int64_t assignment_fence = 0;

  friend bool operator==(const Notice&, const Notice&) = default;
};

// Thread-safe.
class EventLog {
 public:
  // {"event":"received","referral_id":"…","assignment_fence":1,"delivery_id":"…","version":1}
  void Received(const Notice& notice, const std::string& delivery_id, int64_t version);
  // {"event":"accepted","referral_id":"…","assignment_fence":1}
  void Did(std::string_view event, const Notice& notice);
  // The same with the reason of an error.
  void Failed(std::string_view event, const Notice& notice, std::string_view reason);

 private:
  void Print(const std::string& line);
  absl::Mutex mutex_;
};

}  // namespace veille::veillectl
