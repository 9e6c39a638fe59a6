#include "common/audit/chainer.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/async/sync_wait.h"
#include "common/audit/store.h"
#include "common/db/landlords.h"
#include "common/privacy/audit_trail.h"
#include "common/status/macros.h"
#include "common/telemetry/log.h"

namespace veille::audit {
namespace {

constexpr metrics::Family kChained{"veille_audit_events_chained_total",
                                   "Events that were chained."};
constexpr metrics::Family kErased{"veille_audit_events_erased_total",
                                  "Events that were erased when their time was over."};
constexpr metrics::Family kFailures{"veille_audit_chaining_failures_total",
                                    "Transactions of the audit trail's loop that failed."};
constexpr metrics::Family kWaiting{"veille_audit_events_waiting",
                                   "Events that wait to be chained; more than 100000 are shown as "
                                   "that many."};
constexpr metrics::Family kOldest{"veille_audit_events_waiting_oldest_seconds",
                                  "How long the event has waited that waits longest; 0: none."};

constexpr int kBatchesErasedAtOnce = 20;

absl::Status DrawSalts(std::vector<ChainedEvent>& events) {
  constexpr size_t kLength = 16;
  std::vector<uint8_t> drawn(events.size() * kLength);
  if (RAND_bytes(drawn.data(), static_cast<int>(drawn.size())) != 1) {
    return absl::InternalError("no random bytes");
  }
  for (size_t i = 0; i < events.size(); ++i) {
    std::array<uint8_t, kLength> salt;
    std::copy_n(drawn.begin() + static_cast<std::ptrdiff_t>(i * kLength), kLength, salt.begin());
    events[i].salt = ids::Uuid::FromBytes(salt);
  }
  return absl::OkStatus();
}

using Heads = std::map<ids::LandlordId, Head>;

Heads HeadsOf(db::WriteTx& tx, const std::vector<ids::LandlordId>& landlords) {
  Heads heads;
  for (auto& [landlord, head] : ListHeads(tx, landlords)) heads[landlord] = std::move(head);
  return heads;
}

// The next events of one landlord, as many as a batch holds.
std::vector<ChainedEvent> Cut(const std::vector<ChainedEvent>& events, size_t from, size_t most) {
  size_t to = from;
  while (to < events.size() && to - from < most &&
         events[to].event.landlord == events[from].event.landlord) {
    ++to;
  }
  return {events.begin() + static_cast<std::ptrdiff_t>(from),
          events.begin() + static_cast<std::ptrdiff_t>(to)};
}

}  // namespace

absl::StatusOr<int> ChainWaiting(db::WriteTx& tx, const ChainerOptions& options) {
  if (!TakeTurn(tx)) return 0;
  std::vector<ChainedEvent> events = TakeWaiting(tx, options.events_per_turn);
  if (events.empty()) return 0;
  RETURN_IF_ERROR(DrawSalts(events));
  const std::vector<ids::LandlordId> landlords =
      db::LandlordsOf(events, [](const ChainedEvent& chained) { return chained.event.landlord; });
  tx.ActFor(landlords);
  const absl::Time now = ReadTime(tx);
  Heads heads = HeadsOf(tx, landlords);
  std::vector<LandlordBatch> batches;
  std::vector<ChainedEvent> chained;
  while (chained.size() < events.size()) {
    std::vector<ChainedEvent> next =
        Cut(events, chained.size(), static_cast<size_t>(options.events_per_batch));
    const Chain chain{options.service, next.front().event.landlord};
    Head& head = heads.try_emplace(chain.landlord, Genesis(chain)).first->second;
    batches.push_back({chain.landlord, MakeBatch(chain, head, now, options.keys, next)});
    head = batches.back().batch.head;
    std::move(next.begin(), next.end(), std::back_inserter(chained));
  }
  InsertChained(tx, chained);
  InsertBatches(tx, batches);
  return static_cast<int>(chained.size());
}

absl::StatusOr<int64_t> ErasePast(db::WriteTx& tx, const ChainerOptions& options) {
  if (!TakeTurn(tx)) return 0;
  const std::vector<ErasedEvents> erased = EraseBatches(tx, options.keep, kBatchesErasedAtOnce);
  tx.ActFor(db::LandlordsOf(erased, &ErasedEvents::landlord));
  int64_t all = 0;
  for (const auto& [landlord, events] : erased) {
    const std::string outcome = absl::StrCat("erased ", events, " events");
    privacy::AppendAuditEvent(tx, {.landlord = landlord,
                                   .actor_role = "service",
                                   .actor = options.service,
                                   .method = "EraseAuditEvents",
                                   .object_kind = "audit trail",
                                   .object = landlord.uuid(),
                                   .purpose = "retention",
                                   .outcome = outcome});
    all += events;
  }
  return all;
}

Chainer::Chainer(db::Database& database, Denials& denials, ChainerOptions options)
    : database_(database),
      denials_(denials),
      options_(std::move(options)),
      loop_("audit", options_.interval, [this] { return Step(); }) {}

void Chainer::Stop() {
  loop_.Stop();
  WriteDenials();
}

bool Chainer::Step() {
  WriteDenials();
  const bool more_to_chain = Chain();
  return Erase() || more_to_chain;
}

void Chainer::WriteDenials() {
  const Denials::Gathered gathered = denials_.Take();
  if (gathered.empty()) return;
  const absl::Status written = async::SyncWait(
      database_.Write(db::Within(options_.timeout), [&](db::WriteTx& tx) -> absl::Status {
        AppendDenials(tx, options_.service, gathered);
        return absl::OkStatus();
      }));
  if (written.ok()) return;
  failures_.Add();
  log::Warning("denials not written", {{"code", written.code()}});
  denials_.PutBack(gathered);
}

bool Chainer::Chain() {
  const auto chained = async::SyncWait(database_.Write(
      db::Within(options_.timeout),
      [this](db::WriteTx& tx) -> absl::StatusOr<int> { return ChainWaiting(tx, options_); }));
  if (!chained.ok()) {
    failures_.Add();
    log::Warning("audit events not chained", {{"code", chained.status().code()}});
    return false;
  }
  chained_.Add(static_cast<uint64_t>(*chained));
  return *chained == options_.events_per_turn;
}

bool Chainer::Erase() {
  if (absl::Now() < next_erasure_) return false;
  const auto erased = async::SyncWait(database_.Write(
      db::Within(options_.timeout),
      [this](db::WriteTx& tx) -> absl::StatusOr<int64_t> { return ErasePast(tx, options_); }));
  if (!erased.ok()) {
    failures_.Add();
    log::Warning("audit events not erased", {{"code", erased.status().code()}});
  }
  erased_.Add(static_cast<uint64_t>(erased.value_or(0)));
  if (erased.value_or(0) > 0) return true;
  next_erasure_ = absl::Now() + options_.erase_interval;
  return false;
}

void Chainer::Expose(metrics::Scrape& scrape) const {
  scrape.Add(kChained, {}, chained_);
  scrape.Add(kErased, {}, erased_);
  scrape.Add(kFailures, {}, failures_);
  denials_.Expose(scrape);
}

absl::Status Chainer::Read(db::ReadTx& tx, operations::Readings& readings) const {
  const Waiting waiting = ReadWaiting(tx);
  readings.Set(kWaiting, {}, static_cast<double>(waiting.events));
  readings.Set(kOldest, {}, absl::ToDoubleSeconds(waiting.oldest));
  return absl::OkStatus();
}

}  // namespace veille::audit
