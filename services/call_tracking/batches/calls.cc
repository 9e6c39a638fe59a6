#include "call_tracking/batches/calls.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "call_tracking/batches/record_batch.h"
#include "common/db/landlords.h"
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

async::CoalescerOptions Options(const CallsOptions& options, metrics::Histogram& sizes) {
  async::CoalescerOptions batches;
  batches.max_batch = options.calls_per_batch;
  batches.max_in_flight = options.batches_in_flight;
  batches.on_batch = [&sizes](size_t size) { sizes.Observe(static_cast<double>(size)); };
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

Calls::Calls(db::Database& database, const privacy::Seal& seal, ContactSheets* sheets,
             CallsOptions options)
    : database_(database),
      seal_(seal),
      sheets_(sheets),
      options_(options),
      leases_(
          Options(options, lease_sizes_),
          [this](std::vector<const LeaseItem*> items) { return FlushLeases(std::move(items)); },
          [](const LeaseItem& item) { return KeyOf(item.ask.landlord, item.ask.subject); }),
      renewals_(
          Options(options, renewal_sizes_),
          [this](std::vector<const RenewAsk*> asks) { return FlushRenewals(std::move(asks)); },
          [](const RenewAsk& ask) { return KeyOf(ask.ref.landlord, ask.ref.lease.ToString()); }),
      records_(
          Options(options, record_sizes_),
          [this](std::vector<const RecordAsk*> asks) { return FlushRecords(std::move(asks)); },
          [](const RecordAsk& ask) { return KeyOf(ask.landlord, ask.call.lease.ToString()); }) {}

void Calls::Expose(metrics::Scrape& scrape) const {
  using metrics::Label;
  scrape.Add(metrics::kBatchSize, {{Label::kBatch, "lease"}}, lease_sizes_);
  scrape.Add(metrics::kBatchSize, {{Label::kBatch, "renewal"}}, renewal_sizes_);
  scrape.Add(metrics::kBatchSize, {{Label::kBatch, "record"}}, record_sizes_);
}

void Calls::Close() {
  leases_.Close();
  renewals_.Close();
  records_.Close();
}

async::Task<absl::StatusOr<LeasedCall>> Calls::Lease(LeaseAsk ask, db::Limits limits,
                                                     db::Limits for_sheet) {
  LeasedCall answer;
  for (int tries = 0; tries < kMostTries; ++tries) {
    auto submitted = co_await leases_.Submit({ask, for_sheet}, limits.deadline, limits.stop);
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
      db::Within(options_.batch_timeout, {ref.landlord}), [&](db::WriteTx& tx) -> absl::Status {
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
    std::vector<const LeaseItem*> items) {
  const auto landlord_of = [](const LeaseItem* item) { return item->ask.landlord; };
  auto results = co_await database_.Write(
      db::Within(options_.batch_timeout, db::LandlordsOf(items, landlord_of)),
      [&](db::WriteTx& tx) -> absl::StatusOr<Leases::Results> {
        std::vector<const LeaseAsk*> asks;
        for (const LeaseItem* item : items) asks.push_back(&item->ask);
        std::vector<LeasedCall> calls;
        for (LeaseAnswer& answer : GrantLeases(tx, asks, options_.lease_length)) {
          calls.push_back({std::move(answer)});
        }
        if (sheets_ != nullptr) FetchSheetsWhileCommitting(tx, items, calls);
        return Answered(std::move(calls));
      });
  co_return results;
}

// A sheet is asked for before its lease is durable, and shown after: if the commit fails it is
// dropped. No transaction waits for the registry.
void Calls::FetchSheetsWhileCommitting(db::WriteTx& tx, const std::vector<const LeaseItem*>& items,
                                       std::vector<LeasedCall>& calls) {
  struct Fetch {
    std::shared_ptr<LeasedCall::Sheet> sheet;
    ContactSheetAsk ask;
    db::Limits limits;
  };
  std::vector<Fetch> fetches;
  for (size_t i = 0; i < calls.size(); ++i) {
    LeasedCall& call = calls[i];
    if (call.verdict != LeaseVerdict::kGranted) continue;
    call.sheet = std::make_shared<LeasedCall::Sheet>();
    fetches.push_back({call.sheet,
                       {items[i]->ask.landlord, call.lease.household, call.lease.id},
                       items[i]->for_sheet});
  }
  tx.WhileCommitting([this, fetches = std::move(fetches)] {
    for (const Fetch& fetch : fetches) fetch.sheet->Start(sheets_->Get(fetch.ask, fetch.limits));
  });
}

async::Task<absl::StatusOr<Calls::Renewals::Results>> Calls::FlushRenewals(
    std::vector<const RenewAsk*> asks) {
  const auto landlord_of = [](const RenewAsk* ask) { return ask->ref.landlord; };
  auto results = co_await database_.Write(
      db::Within(options_.batch_timeout, db::LandlordsOf(asks, landlord_of)),
      [&](db::WriteTx& tx) -> absl::StatusOr<Renewals::Results> {
        return Answered(RenewLeases(tx, asks, options_.lease_length));
      });
  co_return results;
}

async::Task<absl::StatusOr<Calls::Records::Results>> Calls::FlushRecords(
    std::vector<const RecordAsk*> asks) {
  auto results = co_await database_.Write(
      db::Within(options_.batch_timeout, db::LandlordsOf(asks, &RecordAsk::landlord)),
      [&](db::WriteTx& tx) -> absl::StatusOr<Records::Results> {
        ASSIGN_OR_RETURN(std::vector<RecordAnswer> answers, RecordBatch(tx, seal_, asks));
        return Answered(std::move(answers));
      });
  co_return results;
}

}  // namespace veille::call_tracking
