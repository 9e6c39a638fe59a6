#include "call_tracking/clients/contact_sheets.h"

#include <utility>

#include "absl/time/clock.h"
#include "call_tracking/convert/call_sheet.h"
#include "common/status/errors.h"
#include "common/status/macros.h"

namespace veille::call_tracking {
namespace {

// Of one request; a batch has callers with different deadlines, and the longest wait for a registry
// that does not answer is this.
constexpr absl::Duration kTimeout = absl::Seconds(2);

absl::Status NoSuchHousehold() {
  return errors::Make(absl::StatusCode::kNotFound,
                      ::veille::common::v1::ERROR_REASON_HOUSEHOLD_NOT_FOUND,
                      "the register has no such household");
}

}  // namespace

async::Task<absl::StatusOr<ContactSheet>> RegistryContactSheets::Get(ContactSheetAsk ask,
                                                                     db::Limits limits) {
  Batches& batches = BatchesOf(ask.landlord);
  auto sheet = co_await batches.Submit(ask, limits.deadline, limits.stop);
  co_return sheet;
}

void RegistryContactSheets::Close() {
  std::vector<Batches*> all;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [landlord, batches] : by_landlord_) all.push_back(batches.get());
  }
  for (Batches* batches : all) batches->Close();
}

void RegistryContactSheets::Expose(metrics::Scrape& scrape) const {
  scrape.Add(metrics::kBatchSize, {{metrics::Label::kBatch, "sheet"}}, sizes_);
}

RegistryContactSheets::Batches& RegistryContactSheets::BatchesOf(ids::LandlordId landlord) {
  absl::MutexLock lock(&mutex_);
  std::unique_ptr<Batches>& batches = by_landlord_[landlord];
  if (batches == nullptr) {
    async::CoalescerOptions options;
    options.max_batch = options_.sheets_per_request;
    options.max_in_flight = options_.requests_in_flight;
    options.on_batch = [this](size_t size) { sizes_.Observe(static_cast<double>(size)); };
    batches = std::make_unique<Batches>(
        std::move(options),
        [this](std::vector<const ContactSheetAsk*> asks) { return Fetch(std::move(asks)); },
        [](const ContactSheetAsk& ask) { return ask.household.ToString(); });
  }
  return *batches;
}

async::Task<absl::StatusOr<RegistryContactSheets::Batches::Results>> RegistryContactSheets::Fetch(
    std::vector<const ContactSheetAsk*> asks) {
  registry::v1::BatchGetContactSheetsRequest request;
  for (const ContactSheetAsk* ask : asks) {
    auto& query = *request.add_queries();
    query.set_household_id(ask->household.ToString());
    query.set_lease_id(ask->lease.ToString());
  }
  auto answer = co_await registry_.BatchGetContactSheets(
      std::move(request), rpc::Outgoing{asks.front()->landlord, absl::Now() + kTimeout, {}});
  CO_ASSIGN_OR_RETURN(const registry::v1::BatchGetContactSheetsResponse response,
                      std::move(answer));
  absl::flat_hash_map<ids::HouseholdId, ContactSheet> sheets;
  for (const auto& proto : response.contact_sheets()) {
    ContactSheet sheet = FromProto(proto);
    sheets[sheet.household] = std::move(sheet);
  }
  Batches::Results results;
  for (const ContactSheetAsk* ask : asks) {
    const auto found = sheets.find(ask->household);
    if (found == sheets.end()) {
      results.emplace_back(NoSuchHousehold());
    } else {
      results.emplace_back(std::move(found->second));
    }
  }
  co_return results;
}

}  // namespace veille::call_tracking
