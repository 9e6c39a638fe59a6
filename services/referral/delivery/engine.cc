#include "referral/delivery/engine.h"

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "common/async/sync_wait.h"
#include "common/status/macros.h"
#include "common/telemetry/log.h"
#include "referral/convert/referral.h"
#include "referral/domain/deadlines.h"
#include "referral/store/update_outbox.h"

namespace veille::referral {
namespace {

// Whether trying again may help without a person doing something.
bool MayPass(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kCancelled:
      return true;
    default:
      return false;
  }
}

double Chance() {
  thread_local absl::BitGen random;
  return absl::Uniform(random, 0.0, 1.0);
}

}  // namespace

Engine::Engine(db::Database& database, const privacy::Seal& seal, const time::Clock& clock,
               GrpcChannel& channel, EngineOptions options)
    : database_(database),
      seal_(seal),
      clock_(clock),
      channel_(channel),
      options_(std::move(options)),
      ends_({}, [this](std::vector<const Push*> pushes) { return WriteEnds(std::move(pushes)); }),
      loop_("delivery", options_.interval, [this] { return Step(); }) {}

Engine::~Engine() { Stop(); }

void Engine::Stop() {
  loop_.Stop();
  stop_.request_stop();
  {
    absl::MutexLock lock(&mutex_);
    const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return in_flight_ == 0; };
    mutex_.Await(absl::Condition(&idle));
  }
  ends_.Close();
}

bool Engine::Step() {
  const int limit = std::min(options_.batch, Room());
  if (limit == 0) return false;
  auto claimed =
      async::SyncWait(database_.Write(db::Within(options_.end_timeout), [&](db::WriteTx& tx) {
        return DeliveryQueue(tx, seal_).ClaimDue(limit, options_.hold);
      }));
  if (!claimed.ok()) return false;
  const bool more = claimed->size() == static_cast<size_t>(limit);
  for (Claim& claim : *claimed) {
    BeginOne();
    Deliver(std::move(claim));
  }
  return more;
}

async::Detached Engine::Deliver(Claim claim) {
  const absl::Time deadline = absl::Now() + options_.push_timeout;
  auto receipt = co_await channel_.Send(claim, deadline, stop_.get_token());
  // If this is not written, the claim runs out and the push is made again: at least once.
  const auto ended = co_await ends_.Submit(Judge(claim, std::move(receipt)),
                                           absl::Now() + options_.end_timeout, {});
  if (!ended.ok()) {
    log::Warning("end of a delivery not written",
                 {{"delivery", claim.delivery}, {"code", ended.status().code()}});
  }
  EndOne();  // the last touch
}

Push Engine::Judge(const Claim& claim, absl::StatusOr<std::string> receipt) const {
  Push push{.landlord = claim.landlord,
            .delivery = claim.delivery,
            .fence = claim.fence,
            .referral = claim.partner_case.id,
            .result = Push::Result::kReceived,
            .delay = absl::ZeroDuration(),
            .receipt_number = {}};
  if (receipt.ok()) {
    push.receipt_number = *std::move(receipt);
    return push;
  }
  push.result = MayPass(receipt.status().code()) ? Push::Result::kRetry : Push::Result::kPark;
  // What we gave up ourselves is due at once, for whoever takes over.
  if (!stop_.stop_requested()) push.delay = RetryDelay(claim.tries, Chance());
  log::Warning("delivery failed", {{"delivery", claim.delivery},
                                   {"referral", claim.partner_case.id},
                                   {"tries", claim.tries},
                                   {"code", receipt.status().code()},
                                   {"parked", push.result == Push::Result::kPark}});
  return push;
}

async::Task<absl::StatusOr<Engine::Ends::Results>> Engine::WriteEnds(
    std::vector<const Push*> pushes) {
  std::vector<Push> ends;
  for (const Push* push : pushes) ends.push_back(*push);
  const absl::Time now = clock_.Now();
  const absl::Status written = co_await database_.Write(
      db::Within(options_.end_timeout), [&](db::WriteTx& tx) -> absl::Status {
        for (const Received& received : DeliveryQueue(tx, seal_).End(ends, now)) {
          AppendUpdate(tx, seal_, received.landlord, received.update, ToPayload(received.update));
        }
        return absl::OkStatus();
      });
  if (!written.ok()) co_return written;
  options_.on_received();
  co_return Ends::Results(ends.size(), true);
}

int Engine::Room() {
  absl::MutexLock lock(&mutex_);
  const int room = options_.most_in_flight - in_flight_;
  starved_ = room < options_.batch;
  return std::max(room, 0);
}

void Engine::BeginOne() {
  absl::MutexLock lock(&mutex_);
  ++in_flight_;
}

void Engine::EndOne() {
  absl::MutexLock lock(&mutex_);
  if (std::exchange(starved_, false)) loop_.Wake();
  --in_flight_;
}

}  // namespace veille::referral
