#include "faults/ledger_server.h"

#include <cstdio>
#include <utility>

#include "common/db/landlords.h"
#include "common/rpc/server.h"
#include "common/telemetry/log.h"
#include "migrations/common.h"

namespace veille::testing {
namespace {

namespace pb = ::veille::testing::v1;

// `effects` has no key: an entry that were applied twice would show there.
constexpr std::string_view kSchema = R"sql(
  CREATE TABLE entries (landlord_id uuid NOT NULL, entry_id uuid NOT NULL,
                        PRIMARY KEY (landlord_id, entry_id));
  CREATE TABLE effects (landlord_id uuid NOT NULL, entry_id uuid NOT NULL);
  SELECT veille_protect('entries'), veille_protect('effects');
)sql";

constexpr db::Query kAppendEntries{"ledger.append", R"sql(
  WITH item AS (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::integer[])
                  AS item (landlord_id, entry_id, divisor)),
       made AS (
    INSERT INTO entries (landlord_id, entry_id)
    SELECT landlord_id, entry_id FROM item WHERE 1 / divisor = 1
    ON CONFLICT DO NOTHING RETURNING landlord_id, entry_id)
  INSERT INTO effects SELECT landlord_id, entry_id FROM made
)sql"};

void AppendEntries(db::WriteTx& tx, const std::vector<const LedgerEntry*>& entries) {
  std::vector<ids::LandlordId> landlords;
  std::vector<ids::Uuid> ids;
  std::vector<int32_t> divisors;
  for (const LedgerEntry* entry : entries) {
    landlords.push_back(entry->landlord);
    ids.push_back(entry->id);
    divisors.push_back(entry->poisoned ? 0 : 1);
  }
  tx.Run(kAppendEntries, landlords, ids, divisors);
}

async::Task<absl::StatusOr<LedgerCoalescer::Results>> FlushEntries(
    db::Database& database, std::vector<const LedgerEntry*> entries) {
  const absl::Status written = co_await database.Write(
      db::Within(absl::Seconds(5), db::LandlordsOf(entries, &LedgerEntry::landlord)),
      [&entries](db::WriteTx& tx) -> absl::Status {
        AppendEntries(tx, entries);
        return absl::OkStatus();
      });
  if (!written.ok()) co_return written;
  co_return LedgerCoalescer::Results(entries.size(), LedgerAnswer{});
}

absl::StatusOr<ids::Uuid> ParseEntry(const std::string& text) {
  const auto id = ids::Uuid::Parse(text);
  if (id.has_value()) return *id;
  errors::Violations violations;
  violations.Add("entry_id", "is not a UUID");
  return violations.ToStatus();
}

async::Task<absl::StatusOr<pb::AppendResponse>> Append(LedgerContext& context,
                                                       const pb::AppendRequest& request) {
  CO_ASSIGN_OR_RETURN(const ids::Uuid id, ParseEntry(request.entry_id()));
  CO_ASSIGN_OR_RETURN(
      [[maybe_unused]] const LedgerAnswer answer,
      co_await context.ledger().Submit(LedgerEntry{context.landlord(), id, request.poisoned()},
                                       context.deadline(), context.stop()));
  co_return pb::AppendResponse();
}

async::Task<absl::StatusOr<pb::AppendAloneResponse>> AppendAlone(
    LedgerContext& context, const pb::AppendAloneRequest& request) {
  CO_ASSIGN_OR_RETURN(const ids::Uuid id, ParseEntry(request.entry_id()));
  const LedgerEntry entry{context.landlord(), id};
  const absl::Status written =
      co_await context.db().Write([&entry](db::WriteTx& tx) -> absl::Status {
        AppendEntries(tx, {&entry});
        return absl::OkStatus();
      });
  CO_RETURN_IF_ERROR(written);
  co_return pb::AppendAloneResponse();
}

class LedgerService final
    : public rpc::Methods<pb::LedgerService, pb::LedgerService::WithRawCallbackMethod_Append,
                          pb::LedgerService::WithRawCallbackMethod_AppendAlone> {
 public:
  explicit LedgerService(LedgerEnvironment& environment) : env_(environment) {}
  grpc::ServerUnaryReactor* Append(grpc::CallbackServerContext* context,
                                   const grpc::ByteBuffer* request,
                                   grpc::ByteBuffer* response) override {
    return rpc::Unary(env_, context, request, response, veille::testing::Append);
  }
  grpc::ServerUnaryReactor* AppendAlone(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override {
    return rpc::Unary(env_, context, request, response, veille::testing::AppendAlone);
  }

 private:
  LedgerEnvironment& env_;
};

}  // namespace

LedgerCoalescer& LedgerContext::ledger() { return environment_.ledger; }

const std::vector<db::Migration>& LedgerMigrations() {
  static const std::vector<db::Migration> all = [] {
    std::vector<db::Migration> steps = migrations::common();
    steps.push_back({"ledger", 1, "create_ledger", "2", std::string(kSchema)});
    return steps;
  }();
  return all;
}

int ServeLedger(const std::string& connection) {
  rpc::PrepareProcess();
  log::Start("ledger", log::Level::kError);
  const db::DatabaseOptions options{.connection = connection, .lanes = 4};
  auto database = db::Database::Open(options);
  const auto table = access::AccessTable::Build({"veille.testing.v1.LedgerService"});
  if (!database.ok() || !table.ok()) return 1;
  const time::SystemClock clock;
  async::Executor executor(1);
  rpc::InFlight in_flight(1000);
  db::Database& db = **database;
  const rpc::BelievingAuthenticator authenticator;
  LedgerEnvironment environment{.server = {db, clock, *table, authenticator, executor, in_flight},
                                .ledger = {{}, [&db](std::vector<const LedgerEntry*> entries) {
                                             return FlushEntries(db, std::move(entries));
                                           }}};
  LedgerService service(environment);
  auto server = rpc::Server::Start({.drain_timeout = absl::Seconds(10)},
                                   {{&service, "veille.testing.v1.LedgerService"}});
  if (!server.ok()) return 1;
  std::printf("SERVING %s\n", (*server)->address().c_str());
  std::fflush(stdout);
  rpc::WaitForStopSignal();
  (*server)->Drain();
  environment.ledger.Close();
  db.Close();
  executor.Close();
  return 0;
}

}  // namespace veille::testing
