#include "common/audit/denials.h"

#include <algorithm>
#include <utility>

namespace veille::audit {
namespace {

constexpr metrics::Family kDenied{"veille_audit_denials_total", "Calls that were denied."};
constexpr metrics::Family kNotKept{"veille_audit_denials_not_kept_total",
                                   "Denials of which the audit trail knows the number only."};

}  // namespace

void Denials::AddLocked(Denied denied, absl::Time first, int64_t times) {
  const auto known = waiting_.find(denied);
  if (known != waiting_.end()) {
    known->second.first = std::min(known->second.first, first);
    known->second.count += times;
  } else if (waiting_.size() < most_) {
    waiting_.emplace(std::move(denied), Times{first, times});
  } else {
    lost_ += times;
    not_kept_.Add(static_cast<uint64_t>(times));
  }
}

void Denials::Add(Denied denied, absl::Time now) {
  denied_.Add();
  const absl::MutexLock lock(&mutex_);
  AddLocked(std::move(denied), now, 1);
}

Denials::Gathered Denials::Take() {
  absl::flat_hash_map<Denied, Times> taken;
  Gathered gathered;
  {
    const absl::MutexLock lock(&mutex_);
    taken.swap(waiting_);
    std::swap(gathered.lost, lost_);
  }
  for (auto& [denied, times] : taken) {
    gathered.denials.push_back({denied, times.first, times.count});
  }
  return gathered;
}

void Denials::PutBack(const Gathered& gathered) {
  const absl::MutexLock lock(&mutex_);
  for (const Denial& denial : gathered.denials) {
    AddLocked(denial.denied, denial.first_time, denial.times);
  }
  lost_ += gathered.lost;
}

void Denials::Expose(metrics::Scrape& scrape) const {
  scrape.Add(kDenied, {}, denied_);
  scrape.Add(kNotKept, {}, not_kept_);
}

}  // namespace veille::audit
