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
      ends_({.on_batch = [this](size_t size) { sizes_.Observe(static_cast<double>(size)); }},
            [this](std::vector<const Push*> pushes) { return WriteEnds(std::move(pushes)); }),
      loop_("delivery", options_.interval, [this] { return Step(); }) {}

Engine::~Engine() { Stop(); }

void Engine::Stop() {
  loop_.Stop();
  stop_.request_stop();
  {
    absl::MutexLock lock(&mutex_);
    const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return flights_.empty(); };
    mutex_.Await(absl::Condition(&idle));
  }
  ends_.Close();
}

bool Engine::Step() {
  RenewClaims();
  const Portion portion = Room();
  if (portion.most == 0) return false;
  auto claimed = async::SyncWait(database_.Write(
      db::Within(options_.end_timeout), [&](db::WriteTx& tx) -> absl::StatusOr<std::vector<Claim>> {
        return DeliveryQueue(tx, seal_).ClaimDue(portion);
      }));
  if (!claimed.ok()) return false;
  for (Claim& claim : *claimed) {
    BeginOne(claim);
    Deliver(std::move(claim));
  }
  return !claimed->empty();  // others may stand behind those of one partner
}

void Engine::RenewClaims() {
  std::vector<Held> ageing;
  {
    absl::MutexLock lock(&mutex_);
    const absl::Time now = absl::Now();
    for (auto& [claim, flight] : flights_) {
      if (flight.renew_time > now) continue;
      ageing.push_back(flight.held);
      flight.renew_time = now + options_.hold / 4;
    }
  }
  if (ageing.empty()) return;
  // If this is not written, the claims run out and the pushes are made twice: at least once.
  const absl::Status renewed = async::SyncWait(
      database_.Write(db::Within(options_.end_timeout), [&](db::WriteTx& tx) -> absl::Status {
        DeliveryQueue(tx, seal_).Renew(ageing, options_.hold);
        return absl::OkStatus();
      }));
  if (!renewed.ok()) log::Warning("claims of deliveries not renewed", {{"code", renewed.code()}});
}

async::Detached Engine::Deliver(Claim claim) {
  const absl::Time deadline = absl::Now() + options_.push_timeout;
  absl::StatusOr<std::string> receipt = absl::DataLossError("the case does not open");
  if (claim.readable) receipt = co_await channel_.Send(claim, deadline, stop_.get_token());
  // If this is not written, the claim runs out and the push is made again: at least once.
  const auto ended = co_await ends_.Submit(Judge(claim, std::move(receipt)),
                                           absl::Now() + options_.end_timeout, {});
  if (!ended.ok()) {
    log::Warning("end of a delivery not written",
                 {{"delivery", claim.delivery}, {"code", ended.status().code()}});
  }
  EndOne(claim);  // the last touch
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

Portion Engine::Room() {
  absl::MutexLock lock(&mutex_);
  absl::flat_hash_map<ids::PartnerId, int> unanswered;
  for (const auto& [claim, flight] : flights_) ++unanswered[flight.partner];
  const int room = std::max(options_.most_in_flight - static_cast<int>(flights_.size()), 0);
  Portion portion{.most = std::min(room, options_.batch),
                  .most_per_partner = options_.most_per_partner,
                  .except = {},
                  .hold = options_.hold};
  for (const auto& [partner, pushes] : unanswered) {
    if (pushes >= options_.most_per_partner) portion.except.push_back(partner);
  }
  starved_ = portion.most < options_.batch;
  held_back_ = {portion.except.begin(), portion.except.end()};
  return portion;
}

void Engine::BeginOne(const Claim& claim) {
  absl::MutexLock lock(&mutex_);
  flights_.emplace(std::pair(claim.delivery, claim.fence),
                   Flight{{claim.landlord, claim.delivery, claim.fence},
                          claim.partner,
                          absl::Now() + options_.hold / 4});
}

void Engine::EndOne(const Claim& claim) {
  absl::MutexLock lock(&mutex_);
  const bool makes_room = held_back_.erase(claim.partner) > 0 || std::exchange(starved_, false);
  if (makes_room) loop_.Wake();
  flights_.erase({claim.delivery, claim.fence});
}

}  // namespace veille::referral
