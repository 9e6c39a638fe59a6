#include "referral/delivery/engine.h"

#include <algorithm>
#include <utility>

#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "common/async/sync_wait.h"
#include "common/db/landlords.h"
#include "common/privacy/audit_trail.h"
#include "common/status/macros.h"
#include "common/telemetry/log.h"
#include "referral/convert/personal_items.h"
#include "referral/convert/referral.h"
#include "referral/delivery/test_result.h"
#include "referral/domain/deadlines.h"
#include "referral/store/disclosure_store.h"
#include "referral/store/partner_changes.h"
#include "referral/store/partner_rests.h"
#include "referral/store/update_outbox.h"
#include "referral/store/worklist_store.h"

namespace veille::referral {
namespace {

double Chance() {
  thread_local absl::BitGen random;
  return absl::Uniform(random, 0.0, 1.0);
}

}  // namespace

Engine::Engine(db::Database& database, const privacy::Seal& seal, const time::Clock& clock,
               Channels channels, EngineOptions options)
    : database_(database),
      seal_(seal),
      clock_(clock),
      channels_(std::move(channels)),
      options_(std::move(options)),
      allowance_(options_.most_per_partner, options_.most_per_second),
      breaker_(options_.failures_before_rest),
      looks_(options_.interval),
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
  const absl::Time now = clock_.Now();
  auto claimed = async::SyncWait(
      database_.Write(db::Within(options_.end_timeout),
                      [&](db::WriteTx& tx) -> absl::StatusOr<std::vector<Departure>> {
                        return ClaimDue(tx, portion, now);
                      }));
  if (!claimed.ok()) return false;
  NoteClaimed(portion, *claimed);
  for (Departure& departure : *claimed) {
    BeginOne(departure.claim);
    Deliver(std::move(departure));
  }
  return !claimed->empty();  // others may stand behind those of one partner
}

std::vector<Engine::Departure> Engine::ClaimDue(db::WriteTx& tx, const Portion& portion,
                                                absl::Time now) const {
  std::vector<Departure> departures;
  std::vector<Telling> told;
  for (Claim& due : DeliveryQueue(tx, seal_).ClaimDue(portion)) {
    auto& [claim, notice] = departures.emplace_back(Departure{std::move(due), {}});
    if (!claim.readable) continue;
    notice = ToNotice(claim.delivery.uuid(), claim.partner_case, claim.full);
    if (claim.partner_case.test) continue;  // it is about nobody
    told.push_back(TellingOf(claim.landlord, claim.partner_case, PersonalItemsOf(notice)));
  }
  RecordDisclosures(tx, seal_, DisclosureWay::kPush, told, now);
  return departures;
}

void Engine::RenewClaims() {
  std::vector<Held> ageing;
  {
    absl::MutexLock lock(&mutex_);
    const auto now = std::chrono::steady_clock::now();
    for (auto& [claim, flight] : flights_) {
      if (flight.renew_time > now) continue;
      ageing.push_back(flight.held);
      flight.renew_time = now + absl::ToChronoNanoseconds(options_.hold / 4);
    }
  }
  if (ageing.empty()) return;
  // If this is not written, the claims run out and the pushes are made twice: at least once.
  const absl::Status renewed = async::SyncWait(
      database_.Write(db::Within(options_.end_timeout, db::LandlordsOf(ageing, &Held::landlord)),
                      [&](db::WriteTx& tx) -> absl::Status {
                        DeliveryQueue(tx, seal_).Renew(ageing, options_.hold);
                        return absl::OkStatus();
                      }));
  if (!renewed.ok()) log::Warning("claims of deliveries not renewed", {{"code", renewed.code()}});
}

async::Detached Engine::Deliver(Departure departure) {
  const Claim& claim = departure.claim;
  const Answer answer = co_await Send(departure);
  Push push = Judge(claim, answer);
  if (claim.partner_case.test) push.test = ResultOf(claim, answer);
  // If this is not written, the claim runs out and the push is made again: at least once.
  const auto ended = co_await ends_.Submit(std::move(push), absl::Now() + options_.end_timeout, {});
  if (!ended.ok()) {
    log::Warning("end of a delivery not written",
                 {{"delivery", claim.delivery}, {"code", ended.status().code()}});
  }
  co_await Heed(claim, answer);
  EndOne(claim);  // the last touch
}

async::Task<Answer> Engine::Send(const Departure& departure) {
  const Claim& claim = departure.claim;
  if (!claim.readable) co_return NotSent(absl::DataLossError("the case does not open"));
  const auto channel = channels_.find(claim.channel);
  if (channel == channels_.end()) {
    co_return NotSent(absl::UnimplementedError("no channel of this kind"));
  }
  co_return co_await channel->second->Send(claim, departure.notice,
                                           absl::Now() + options_.push_timeout, stop_.get_token());
}

Push Engine::Judge(const Claim& claim, const Answer& answer) const {
  const absl::StatusOr<std::string>& receipt = answer.receipt;
  Push push{.landlord = claim.landlord,
            .delivery = claim.delivery,
            .fence = claim.fence,
            .referral = claim.partner_case.id,
            .is_withdrawal = claim.withdrawn,
            .result = Push::Result::kReceived,
            .delay = absl::ZeroDuration(),
            .receipt_number = {}};
  if (receipt.ok()) {
    push.receipt_number = *receipt;
    return push;
  }
  push.result = answer.gone || answer.hopeless ? Push::Result::kPark : Push::Result::kRetry;
  // What we gave up ourselves is due at once, for whoever takes over.
  if (!stop_.stop_requested()) {
    push.delay = std::max(RetryDelay(claim.tries, Chance()),
                          std::min(answer.retry_after, kLongestAskedRest));
  }
  log::Warning("delivery failed", {{"delivery", claim.delivery},
                                   {"referral", claim.partner_case.id},
                                   {"tries", claim.tries},
                                   {"code", receipt.status().code()},
                                   {"parked", push.result == Push::Result::kPark}});
  return push;
}

// If this is not written, the partner is pushed to again before its time: no case depends on it.
async::Task<void> Engine::Heed(const Claim& claim, const Answer& answer) {
  if (!claim.readable || stop_.stop_requested()) co_return;  // the partner has said nothing
  // A test changes nothing for what else is pushed, unless it happened to be the push that finds
  // out whether the partner is back.
  if (claim.partner_case.test && (!claim.probe || answer.gone)) co_return;
  const Breaker::Verdict verdict = Note(claim, answer);
  absl::Status heeded;
  if (answer.gone) {
    heeded = co_await SwitchOff(claim);
  } else if (verdict == Breaker::Verdict::kRest || answer.retry_after > absl::ZeroDuration()) {
    heeded = co_await Rest(claim, verdict, std::min(answer.retry_after, kLongestAskedRest));
  } else if (verdict == Breaker::Verdict::kIsBack) {
    heeded = co_await EndRest(claim);
    loop_.Wake();
  }
  if (!heeded.ok()) {
    log::Warning("rest of a partner not written",
                 {{"partner", claim.partner}, {"code", heeded.code()}});
  }
}

Breaker::Verdict Engine::Note(const Claim& claim, const Answer& answer) {
  const auto kind = claim.probe ? Breaker::Kind::kProbe : Breaker::Kind::kPush;
  const bool answered = answer.receipt.ok() || answer.gone || answer.hopeless;
  absl::MutexLock lock(&mutex_);
  return answered ? breaker_.NoteAnswer(claim.partner, kind)
                  : breaker_.NoteFailure(claim.partner, kind);
}

async::Task<absl::Status> Engine::Rest(const Claim& claim, Breaker::Verdict verdict,
                                       absl::Duration asked) {
  const double chance = Chance();
  const absl::Time now = clock_.Now();
  co_return co_await database_.Write(
      db::Within(options_.end_timeout, {claim.landlord}), [&](db::WriteTx& tx) -> absl::Status {
        PartnerRests rests(tx, claim.landlord, claim.partner);
        absl::Duration length = asked;
        if (verdict == Breaker::Verdict::kRest) {
          const int failures = rests.Begin(claim.probe);
          if (failures > 0) length = std::max(length, RestLength(failures, chance));
        }
        if (length == absl::ZeroDuration()) return absl::OkStatus();  // it rests already
        rests.Lengthen(length);
        WorklistStore worklist(tx, seal_, claim.landlord);
        for (const NotTold& waits : rests.PutOff(kTriesBeforeWorklist)) {
          worklist.PutNotTold(waits, now);
        }
        return absl::OkStatus();
      });
}

async::Task<absl::Status> Engine::EndRest(const Claim& claim) {
  co_return co_await database_.Write(
      db::Within(options_.end_timeout, {claim.landlord}), [&](db::WriteTx& tx) -> absl::Status {
        PartnerRests(tx, claim.landlord, claim.partner).EndUnlessForGood();
        return absl::OkStatus();
      });
}

async::Task<absl::Status> Engine::SwitchOff(const Claim& claim) {
  log::Warning("a partner's endpoint is gone", {{"partner", claim.partner}});
  const absl::Time now = clock_.Now();
  co_return co_await database_.Write(
      db::Within(options_.end_timeout, {claim.landlord}), [&](db::WriteTx& tx) -> absl::Status {
        PartnerChanges partners(tx, claim.landlord);
        const auto held = partners.SuspendGone(claim.partner, claim.endpoint);
        if (!held.has_value()) return absl::OkStatus();
        WorklistStore worklist(tx, seal_, claim.landlord);
        for (const NotTold& waits : *held) worklist.PutNotTold(waits, now);
        privacy::AppendAuditEvent(tx, {.landlord = claim.landlord,
                                       .actor_role = "service",
                                       .actor = "referral",
                                       .method = "DeliverReferral",
                                       .object_kind = "partner",
                                       .object = claim.partner.uuid(),
                                       .purpose = "partner directory"});
        return absl::OkStatus();
      });
}

async::Task<absl::StatusOr<Engine::Ends::Results>> Engine::WriteEnds(
    std::vector<const Push*> pushes) {
  std::vector<Push> ends;
  for (const Push* push : pushes) ends.push_back(*push);
  const absl::Time now = clock_.Now();
  const absl::Status written = co_await database_.Write(
      db::Within(options_.end_timeout, db::LandlordsOf(ends, &Push::landlord)),
      [&](db::WriteTx& tx) -> absl::Status {
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
  const int room = std::max(options_.most_in_flight - static_cast<int>(flights_.size()), 0);
  Portion portion{.most = std::min(room, options_.batch),
                  .most_per_partner = options_.most_per_partner,
                  .limits = allowance_.Limits(absl::Now()),
                  .hold = options_.hold,
                  .probe_hold = options_.push_timeout + options_.hold};
  if (portion.most > 0) portion.within = looks_.Next(absl::Now());
  starved_ = portion.most < options_.batch;
  held_back_.clear();
  for (const PartnerLimit& limit : portion.limits) {
    if (limit.most == 0) held_back_.insert(limit.partner);
  }
  return portion;
}

void Engine::NoteClaimed(const Portion& portion, const std::vector<Departure>& claimed) {
  absl::flat_hash_map<ids::PartnerId, int> left;
  for (const PartnerLimit& limit : portion.limits) left[limit.partner] = limit.most;
  bool more = static_cast<int>(claimed.size()) >= portion.most;
  for (const Departure& departure : claimed) {
    const Claim& claim = departure.claim;
    int& most = left.try_emplace(claim.partner, portion.most_per_partner).first->second;
    more |= --most <= 0 || claim.probe;
  }
  absl::MutexLock lock(&mutex_);
  looks_.Found(more, absl::Now());
}

void Engine::BeginOne(const Claim& claim) {
  absl::MutexLock lock(&mutex_);
  allowance_.Begin(claim.partner, absl::Now());
  const auto renew_time =
      std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(options_.hold / 4);
  flights_.emplace(std::pair(claim.delivery, claim.fence),
                   Flight{{claim.landlord, claim.delivery, claim.fence}, renew_time});
}

void Engine::EndOne(const Claim& claim) {
  absl::MutexLock lock(&mutex_);
  allowance_.End(claim.partner);
  const bool makes_room = held_back_.erase(claim.partner) > 0 || std::exchange(starved_, false);
  if (makes_room) {
    looks_.Again();
    loop_.Wake();
  }
  flights_.erase({claim.delivery, claim.fence});
}

}  // namespace veille::referral
