// The benchmark compares like with like: a lease and a recorded call by the service, and by the
// pgbench script that is generated from the same statements, leave equal rows, the outbox included;
// and so do pairs one by one and in a batch.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bench/pair_script.h"
#include "common/async/sync_wait.h"
#include "common/rpc/client.h"
#include "migrations/call_tracking.h"
#include "migrations/common.h"
#include "testing/subprocess.h"
#include "testing/test_database.h"
#include "veille/calls/v1/call_service.grpc.pb.h"

namespace veille::testing {
namespace {

namespace pb = ::veille::calls::v1;

const ids::LandlordId kLandlord = *ids::LandlordId::Parse("01890000-0000-7000-8000-00000000000a");
const ids::CampaignId kCampaign = *ids::CampaignId::Parse("01890000-0000-7000-8000-00000000000b");
constexpr char kScript[] = "01890000-0000-7000-8000-00000000000c";

// What a pair leaves, without ids that are drawn and times.
constexpr const char* kProjections[] = {
    "SELECT state, fence, attempt_number, household_id, encode(phone_hash, 'hex'),"
    " end_time IS NULL FROM leases",
    "SELECT state, wait_reason, attempts, fence, next_attempt_time IS NULL, objection,"
    " decision_reason, encode(progress, 'hex'), encode(phone_hash, 'hex')"
    " FROM cohort_households WHERE attempts > 0",
    "SELECT count(*), count(*) FILTER (WHERE is_due) FROM call_queue",
    "SELECT household_id, attempt_number, encode(disposition, 'hex'), duration_seconds,"
    " encode(phone_hash, 'hex') FROM attempts",
    "SELECT tenant_id, question_id, encode(value, 'hex') FROM answers",
    "SELECT tenant_id, position, kind, encode(need, 'hex'), encode(agreed, 'hex'), words,"
    " text_version FROM agreements",
    "SELECT tenant_id, kind, encode(need, 'hex'), length(need_key), urgency,"
    " encode(rule_id, 'hex'), raised_by_volunteer, words, shared, sharing_basis, decision_reason"
    " FROM findings",
    "SELECT figure, sum(amount) FROM campaign_figures GROUP BY figure ORDER BY figure",
    "SELECT topic, count(*), count(*) FILTER (WHERE length(payload) > 50) FROM outbox GROUP BY "
    "topic",
    "SELECT method, count(*) FROM requests GROUP BY method ORDER BY method",
    "SELECT actor_role, actor, method, object_kind, object_id, purpose, outcome FROM audit_events"
    " ORDER BY method",
    "SELECT count(*) FROM late_records",
};

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(absl::StrCat(name, " is not set: see tests/run"));
  return value;
}

void RunOk(std::vector<std::string> argv) {
  Subprocess program(std::move(argv));
  const std::string output = program.ReadAll();
  ASSERT_EQ(program.Wait(absl::Seconds(60)), 0) << output;
}

std::string PostgresProgram(const std::string& name) {
  return Variable("VEILLE_TEST_PGBIN") + "/" + name;
}

std::vector<db::Migration> Schema() {
  std::vector<db::Migration> all = migrations::common();
  const auto& own = migrations::call_tracking();
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

class BenchPairTest : public ::testing::TestWithParam<bool> {
 protected:
  static void Prepare(const TestDatabase& database) {
    RunOk({PostgresProgram("psql"),
           "-X",
           "-q",
           "-d",
           database.name(),
           "-v",
           "ON_ERROR_STOP=1",
           "-v",
           "landlord=" + kLandlord.ToString(),
           "-v",
           "campaign=" + kCampaign.ToString(),
           "-v",
           absl::StrCat("script=", kScript),
           "-v",
           "households=5",
           "-v",
           "history=0",
           "-v",
           "script_body=" + absl::BytesToHexString(bench::CallScriptBody(kScript)),
           "-f",
           "tests/bench/prepare_calls.sql"});
  }

  static std::vector<std::vector<std::vector<std::string>>> Look(TestDatabase& database) {
    std::vector<std::vector<std::vector<std::string>>> seen;
    for (const char* projection : kProjections) seen.push_back(database.Query(projection));
    return seen;
  }

  static void PairByService(const TestDatabase& database, bool needs_meals) {
    const std::string bin = Variable("VEILLE_TEST_BIN");
    Subprocess registry({bin + "/../tests/bin/stub_registry"});
    const auto registry_address = registry.WaitForLine("SERVING ", absl::Seconds(30));
    ASSERT_TRUE(registry_address.has_value());
    Subprocess service({bin + "/veille-call-tracking", "serve", "--insecure-loopback", "--listen",
                        "127.0.0.1:0", "--database", database.options().connection,
                        "--registry-address", *registry_address, "--referral-address",
                        "127.0.0.1:1"});
    const auto address = service.WaitForLine("SERVING ", absl::Seconds(30));
    ASSERT_TRUE(address.has_value());
    const rpc::Peer volunteer(grpc::CreateChannel(*address, grpc::InsecureChannelCredentials()),
                              "volunteer", "bench-0");
    const auto stub = pb::CallService::NewStub(volunteer.channel());
    const rpc::Outgoing outgoing{kLandlord, absl::Now() + absl::Seconds(20)};
    pb::LeaseNextCallRequest lease;
    lease.set_request_id(ids::Uuid::Random().ToString());
    lease.set_campaign_id(kCampaign.ToString());
    const auto leased = async::SyncWait(rpc::Call(
        volunteer, *stub, &pb::CallService::Stub::PrepareAsyncLeaseNextCall, lease, outgoing));
    ASSERT_TRUE(leased.ok()) << leased.status();
    const auto recorded =
        async::SyncWait(rpc::Call(volunteer, *stub, &pb::CallService::Stub::PrepareAsyncRecordCall,
                                  Record(leased->call_sheet(), needs_meals), outgoing));
    ASSERT_TRUE(recorded.ok()) << recorded.status();
    service.Kill(SIGTERM);
    EXPECT_EQ(service.Wait(absl::Seconds(30)), 0);
  }

  static pb::RecordCallRequest Record(const pb::CallSheet& sheet, bool needs_meals) {
    pb::RecordCallRequest record;
    record.set_request_id(ids::Uuid::Random().ToString());
    record.set_campaign_id(kCampaign.ToString());
    record.set_lease_id(sheet.lease().lease_id());
    record.set_fence(sheet.lease().fence());
    record.set_disposition(pb::DISPOSITION_COMPLETED);
    const std::string tenant = sheet.contact().tenants(0).tenant_id();
    auto* answer = record.add_answers();
    answer->set_tenant_id(tenant);
    answer->set_question_id(needs_meals ? "meals" : "well");
    answer->set_boolean(true);
    if (needs_meals) {
      auto* agreement = record.add_agreements();
      agreement->set_tenant_id(tenant);
      agreement->set_kind(pb::AGREEMENT_KIND_SHARE_NEED);
      agreement->set_need(common::v1::NEED_MEALS);
      agreement->set_agreed(true);
      agreement->set_text_version("share-1");
    }
    return record;
  }

  // Once, as client `client`.
  static void PairsByPgbench(const TestDatabase& database, const bench::Pair& pair,
                             int client = 0) {
    const std::string path = absl::StrCat("/tmp/", database.name(), ".sql");
    std::ofstream(path) << bench::PairScript(pair);
    RunOk({PostgresProgram("pgbench"), "-n", "-M", "prepared", "-c", "1", "-t", "1", "-D",
           absl::StrCat("client_id=", client), "-f", path, "-U", kServiceRole, database.name()});
    std::remove(path.c_str());
  }
};

TEST_P(BenchPairTest, ServiceAndPgbenchLeaveEqualRows) {
  TestDatabase by_service(Schema());
  TestDatabase by_pgbench(Schema());
  Prepare(by_service);
  Prepare(by_pgbench);
  ASSERT_EQ(Look(by_service), Look(by_pgbench)) << "they begin alike";
  PairByService(by_service, GetParam());
  PairsByPgbench(by_pgbench, {kLandlord, kCampaign, GetParam()});
  const auto service_rows = Look(by_service);
  const auto pgbench_rows = Look(by_pgbench);
  for (size_t i = 0; i < service_rows.size(); ++i) {
    EXPECT_EQ(service_rows[i], pgbench_rows[i]) << kProjections[i];
  }
  // The pair happened: one attempt, and an outbox row where the tenant asked for meals.
  EXPECT_EQ(by_service.Value("SELECT count(*) FROM attempts"), "1");
  EXPECT_EQ(by_service.Value("SELECT count(*) FROM outbox"), GetParam() ? "1" : "0");
}

TEST_P(BenchPairTest, BatchLeavesTheRowsOfAsManyPairs) {
  constexpr int kPairs = 4;
  TestDatabase one_by_one(Schema());
  TestDatabase together(Schema());
  Prepare(one_by_one);
  Prepare(together);
  for (int client = 0; client < kPairs; ++client) {
    PairsByPgbench(one_by_one, {kLandlord, kCampaign, GetParam()}, client);
  }
  PairsByPgbench(together, {kLandlord, kCampaign, GetParam(), kPairs});
  const auto expected = Look(one_by_one);
  const auto batch_rows = Look(together);
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_THAT(batch_rows[i], ::testing::UnorderedElementsAreArray(expected[i]))
        << kProjections[i];
  }
  EXPECT_EQ(together.Value("SELECT count(*) FROM attempts"), absl::StrCat(kPairs));
}

INSTANTIATE_TEST_SUITE_P(Calls, BenchPairTest, ::testing::Bool());

}  // namespace
}  // namespace veille::testing
