#include "call_tracking/batches/calls.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "call_tracking/batches/record_batch.h"
#include "common/status/macros.h"

namespace veille::call_tracking {
namespace {

// How often a caller who lost a household to a faster one asks again before it is told to come
// back.
constexpr int kMostTries = 4;
// When a household that the register does not know is offered again.
constexpr absl::Duration kGoneHousehold = absl::Minutes(15);
// Expired leases that one caller ends on its way.
constexpr int kMostEnded = 256;

async::CoalescerOptions Options(const CallsOptions& options) {
  async::CoalescerOptions batches;
  batches.max_in_flight = options.batches_in_flight;
  return batches;
}

std::string KeyOf(ids::LandlordId landlord, const std::string& part) {
  const auto& bytes = landlord.uuid().bytes();
  return absl::StrCat(std::string(bytes.begin(), bytes.end()), part);
}

// The results of a batch, none of which is an error.
template <typename Answer>
std::vector<absl::StatusOr<Answer>> Answered(std::vector<Answer> answers) {
  std::vector<absl::StatusOr<Answer>> results;
  results.reserve(answers.size());
  for (Answer& answer : answers) results.emplace_back(std::move(answer));
  return results;
}

}  // namespace

Calls::Calls(db::Database& database, const privacy::Seal& seal, CallsOptions options)
    : database_(database),
      seal_(seal),
      options_(options),
      leases_(
          Options(options),
          [this](std::vector<const LeaseAsk*> asks) { return FlushLeases(std::move(asks)); },
          [](const LeaseAsk& ask) { return KeyOf(ask.landlord, ask.subject); }),
      renewals_(
          Options(options),
          [this](std::vector<const RenewAsk*> asks) { return FlushRenewals(std::move(asks)); },
          [](const RenewAsk& ask) { return KeyOf(ask.ref.landlord, ask.ref.lease.ToString()); }),
      records_(
          Options(options),
          [this](std::vector<const RecordAsk*> asks) { return FlushRecords(std::move(asks)); },
          [](const RecordAsk& ask) { return KeyOf(ask.landlord, ask.call.lease.ToString()); }) {}

void Calls::Close() {
  leases_.Close();
  renewals_.Close();
  records_.Close();
}

async::Task<absl::StatusOr<LeaseAnswer>> Calls::Lease(LeaseAsk ask, db::Limits limits) {
  LeaseAnswer answer;
  for (int tries = 0; tries < kMostTries; ++tries) {
    auto submitted = co_await leases_.Submit(ask, limits.deadline, limits.stop);
    CO_ASSIGN_OR_RETURN(answer, std::move(submitted));
    if (answer.verdict == LeaseVerdict::kStale) {
      const absl::Status ended = co_await EndExpired(limits);
      CO_RETURN_IF_ERROR(ended);
    } else if (answer.verdict != LeaseVerdict::kLost) {
      break;
    }
  }
  co_return answer;
}

async::Task<absl::StatusOr<RenewAnswer>> Calls::Renew(RenewAsk ask, db::Limits limits) {
  auto answer = co_await renewals_.Submit(std::move(ask), limits.deadline, limits.stop);
  co_return answer;
}

async::Task<absl::StatusOr<RecordAnswer>> Calls::Record(RecordAsk ask, db::Limits limits) {
  auto answer = co_await records_.Submit(std::move(ask), limits.deadline, limits.stop);
  co_return answer;
}

async::Task<absl::Status> Calls::Return(LeaseRef ref, int64_t fence, Returning why) {
  const bool gone = why == Returning::kGone;
  const absl::Status status = co_await database_.Write(
      db::Within(options_.batch_timeout), [&](db::WriteTx& tx) -> absl::Status {
        TakeBackLease(tx, ref, fence, gone, gone ? kGoneHousehold : absl::ZeroDuration());
        return absl::OkStatus();
      });
  co_return status;
}

async::Task<absl::Status> Calls::EndExpired(db::Limits limits) {
  const absl::Status status =
      co_await database_.Write(std::move(limits), [](db::WriteTx& tx) -> absl::Status {
        EndExpiredLeases(tx, kMostEnded);
        return absl::OkStatus();
      });
  co_return status;
}

async::Task<absl::StatusOr<Calls::Leases::Results>> Calls::FlushLeases(
    std::vector<const LeaseAsk*> asks) {
  auto results = co_await database_.Write(
      db::Within(options_.batch_timeout), [&](db::WriteTx& tx) -> absl::StatusOr<Leases::Results> {
        return Answered(GrantLeases(tx, asks, options_.lease_length));
      });
  co_return results;
}

async::Task<absl::StatusOr<Calls::Renewals::Results>> Calls::FlushRenewals(
    std::vector<const RenewAsk*> asks) {
  auto results =
      co_await database_.Write(db::Within(options_.batch_timeout),
                               [&](db::WriteTx& tx) -> absl::StatusOr<Renewals::Results> {
                                 return Answered(RenewLeases(tx, asks, options_.lease_length));
                               });
  co_return results;
}

async::Task<absl::StatusOr<Calls::Records::Results>> Calls::FlushRecords(
    std::vector<const RecordAsk*> asks) {
  auto results = co_await database_.Write(
      db::Within(options_.batch_timeout), [&](db::WriteTx& tx) -> absl::StatusOr<Records::Results> {
        ASSIGN_OR_RETURN(std::vector<RecordAnswer> answers, RecordBatch(tx, seal_, asks));
        return Answered(std::move(answers));
      });
  co_return results;
}

}  // namespace veille::call_tracking
