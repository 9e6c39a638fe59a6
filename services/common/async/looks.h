#pragma once

// How far back a poll loop looks for what is due.
//
// The index of what is due is full, at its head, of entries of rows that came and went: they are
// cleared away later, and not at all while a transaction somewhere keeps old versions alive. A look
// from the beginning passes all of them. So only the poll, once per interval, looks at everything,
// and goes on doing so while there may be more than it could take; a wake-up, which says that
// something has just become due, looks at what did so lately.
//
// Threads: one, or under the owner's mutex.

#include <optional>

#include "absl/time/time.h"

namespace veille::async {

class Looks {
 public:
  explicit Looks(absl::Duration interval) : interval_(interval) {}

  // How far back the next look goes; nothing: to the beginning.
  std::optional<absl::Duration> Next(absl::Time now) {
    const bool set_back = now < next_whole_ - interval_;  // the clock, since the last look
    is_whole_ = now >= next_whole_ || set_back;
    again_ = false;
    return is_whole_ ? std::nullopt : std::optional(kLately);
  }

  // What that look found; `more`: there may be more to find at once.
  void Found(bool more, absl::Time now) {
    if (is_whole_ && !more && !again_) next_whole_ = now + interval_;
  }

  // Something may be taken now that was passed over: the next look goes to the beginning.
  void Again() {
    next_whole_ = absl::InfinitePast();
    again_ = true;
  }

 private:
  // A wake-up follows the commit at once; what commits later than this the next poll finds.
  static constexpr absl::Duration kLately = absl::Seconds(5);

  const absl::Duration interval_;
  absl::Time next_whole_ = absl::InfinitePast();
  bool is_whole_ = true;
  bool again_ = false;  // asked for since `Next`
};

}  // namespace veille::async
