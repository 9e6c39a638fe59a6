#include "common/operations/gathering.h"

#include <utility>

#include "absl/time/clock.h"
#include "common/async/sync_wait.h"
#include "common/telemetry/log.h"

namespace veille::operations {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(5);

constexpr metrics::Family kAge{"veille_figures_age_seconds",
                               "Since the figures of the database were read."};
constexpr metrics::Family kTaken{"veille_figures_reading_seconds", "How long reading them took."};
constexpr metrics::Family kFailures{"veille_figures_failures_total", "Readings that failed."};

}  // namespace

void Readings::Set(const metrics::Family& family, metrics::Labels labels, double value) {
  entries_[family.name()].push_back({&family, std::move(labels), value});
}

void Readings::Expose(metrics::Scrape& scrape) const {
  for (const auto& [name, entries] : entries_) {
    for (const Entry& entry : entries) scrape.Gauge(*entry.family, entry.labels, entry.value);
  }
}

Gathering::Gathering(db::Database& database, absl::Duration interval, Reader reader)
    : database_(database),
      reader_(std::move(reader)),
      loop_("figures", interval, [this] { return Gather(); }) {}

void Gathering::Expose(metrics::Scrape& scrape) const {
  scrape.Add(kFailures, {}, failures_);
  absl::MutexLock lock(&mutex_);
  if (gather_time_ == absl::InfinitePast()) return;
  readings_.Expose(scrape);
  scrape.Gauge(kAge, {}, absl::ToDoubleSeconds(absl::Now() - gather_time_));
  scrape.Gauge(kTaken, {}, absl::ToDoubleSeconds(gathering_));
}

bool Gathering::Gather() {
  const absl::Time begin = absl::Now();
  absl::StatusOr<Readings> read = async::SyncWait(
      database_.Read(db::Within(kTimeout), [this](db::ReadTx& tx) -> absl::StatusOr<Readings> {
        Readings readings;
        absl::Status status = reader_(tx, readings);
        if (!status.ok()) return status;
        return readings;
      }));
  if (!read.ok()) {
    failures_.Add();
    log::Warning("figures were not read", {{"code", read.status().code()}});
    return false;
  }
  absl::MutexLock lock(&mutex_);
  readings_ = *std::move(read);
  gather_time_ = begin;
  gathering_ = absl::Now() - begin;
  return false;
}

}  // namespace veille::operations
