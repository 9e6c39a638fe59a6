// The benchmark compares like with like: referrals that the service creates, delivers and has
// receipted, and those of the pgbench script that is generated from the same statements, leave
// equal rows; and so do referrals one by one and in a batch.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "bench/delivery_script.h"
#include "common/async/sync_wait.h"
#include "common/rpc/client.h"
#include "common/rpc/fields.h"
#include "migrations/common.h"
#include "migrations/referral.h"
#include "testing/subprocess.h"
#include "testing/test_database.h"
#include "testing/wait_until.h"
#include "veille/referral/v1/referral_service.grpc.pb.h"

namespace veille::testing {
namespace {

namespace pb = ::veille::referral::v1;

const ids::LandlordId kLandlord = *ids::LandlordId::Parse("01890000-0000-7000-8000-00000000000a");
constexpr int kPartners = 2;

// What is left, without ids that are drawn and times.
constexpr const char* kProjections[] = {
    "SELECT commune_code, time_zone, urgency, state, version, encode(need, 'hex'),"
    " encode(words, 'hex'), encode(outcome, 'hex'), partner_id, last_fence, open_fence,"
    " acknowledge_deadline IS NULL FROM referrals",
    "SELECT version, state, actor, open_fence FROM referral_events ORDER BY version",
    "SELECT partner_id, fence, state, received_time IS NULL, accepted_time IS NULL,"
    " ended_time IS NULL FROM assignments",
    "SELECT partner_id, assignment_fence, state, fence, tries, receipt_number, is_withdrawal"
    " FROM deliveries",
    "SELECT fence, way, encode(items, 'hex'), times FROM disclosures",
    "SELECT partner_id, open_referrals FROM partner_loads ORDER BY partner_id",
    "SELECT count(*) FROM outbox",
    "SELECT count(*) FROM worklist_items",
    "SELECT method, count(*) FROM requests GROUP BY method",
    "SELECT actor_role, actor, method, object_kind, purpose, outcome, reason FROM audit_events",
};

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(absl::StrCat(name, " is not set: see tests/run"));
  return value;
}

void RunTo0(std::vector<std::string> argv) {
  Subprocess program(std::move(argv));
  const std::string output = program.ReadAll();
  ASSERT_EQ(program.Wait(absl::Seconds(60)), 0) << output;
}

std::vector<db::Migration> ReferralSchema() {
  std::vector<db::Migration> all = migrations::common();
  const auto& own = migrations::referral();
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

pb::CreateReferralRequest Request() {
  pb::CreateReferralRequest request;
  request.set_request_id(ids::Uuid::Random().ToString());
  request.set_finding_id(ids::Uuid::Random().ToString());
  request.set_campaign_id(ids::Uuid::Random().ToString());
  request.set_household_id(ids::Uuid::Random().ToString());
  request.set_tenant_id(ids::Uuid::Random().ToString());
  request.set_commune_code("31001");
  request.set_time_zone("Europe/Paris");
  request.set_need(common::v1::NEED_MEALS);
  request.set_urgency(common::v1::URGENCY_ROUTINE);
  request.set_words("Repas du midi, ne sort plus.");
  auto& agreement = *request.mutable_basis()->mutable_agreement();
  agreement.set_text_version("share-1");
  *agreement.mutable_agree_time() = rpc::ToProto(absl::Now());
  request.mutable_contact()->set_family_name("Exemple");
  request.mutable_contact()->add_phones("+33199000000");
  return request;
}

class BenchDeliveryTest : public ::testing::Test {
 protected:
  // Partners at these addresses.
  static void Prepare(const TestDatabase& database, const std::vector<std::string>& endpoints) {
    RunTo0({FromEnvironment("VEILLE_TEST_PGBIN") + "/psql", "-X", "-q", "-d", database.name(), "-v",
            "ON_ERROR_STOP=1", "-v", "landlord=" + kLandlord.ToString(), "-v",
            "endpoints=" + absl::StrJoin(endpoints, ","), "-v", "deliveries=0", "-v", "closed=0",
            "-f", "tests/bench/prepare_referral.sql"});
  }

  static std::vector<std::vector<std::vector<std::string>>> LookAt(TestDatabase& database) {
    std::vector<std::vector<std::vector<std::string>>> seen;
    for (const char* projection : kProjections) seen.push_back(database.Query(projection));
    return seen;
  }

  // One referral, through the service to a partner's machine and back.
  static void ByService(TestDatabase& database) {
    const std::string bin = FromEnvironment("VEILLE_TEST_BIN");
    const std::string file = absl::StrCat("/tmp/", database.name());
    const std::string intake = absl::StrCat("unix:", file, ".sock");
    Subprocess partners(
        {bin + "/../tests/bin/partner_inboxes", absl::StrCat(kPartners), intake, file});
    const auto endpoints = partners.WaitForLine("SERVING ", absl::Seconds(30));
    ASSERT_TRUE(endpoints.has_value());
    Prepare(database, absl::StrSplit(*endpoints, ' '));
    Subprocess service({bin + "/veille-referral", "serve", "--insecure-loopback", "--listen",
                        "127.0.0.1:0", "--database", database.options().connection,
                        "--calls-address", intake});
    const auto address = service.WaitForLine("SERVING ", absl::Seconds(30));
    ASSERT_TRUE(address.has_value());
    const rpc::Peer calls({*address}, "call-tracking");
    const auto stub = pb::ReferralService::NewStub(calls.channel());
    const auto created = async::SyncWait(
        rpc::Call(calls, *stub, &pb::ReferralService::Stub::PrepareAsyncCreateReferral, Request(),
                  {kLandlord, absl::Now() + absl::Seconds(20)}));
    ASSERT_TRUE(created.ok()) << created.status();
    ASSERT_TRUE(WaitUntil([&] {
      return database.Value("SELECT count(*) FROM deliveries WHERE state = 3") == "1" &&
             database.Value("SELECT count(*) FROM outbox") == "0";
    }));
    service.Kill(SIGTERM);
    EXPECT_EQ(service.Wait(absl::Seconds(30)), 0);
    partners.Kill(SIGTERM);
    EXPECT_EQ(partners.Wait(absl::Seconds(30)), 0);
    std::remove(file.c_str());
  }

  static void ByPgbench(const TestDatabase& database, int batch, int times) {
    const std::string path = absl::StrCat("/tmp/", database.name(), ".sql");
    std::ofstream(path) << bench::DeliveryScript({kLandlord, batch, kPartners});
    RunTo0({FromEnvironment("VEILLE_TEST_PGBIN") + "/pgbench", "-n", "-M", "prepared", "-c", "1",
            "-t", absl::StrCat(times), "-f", path, "-U", kServiceRole, database.name()});
    std::remove(path.c_str());
  }
};

TEST_F(BenchDeliveryTest, ServiceAndPgbenchLeaveEqualRows) {
  TestDatabase by_service(ReferralSchema());
  TestDatabase by_pgbench(ReferralSchema());
  ByService(by_service);
  Prepare(by_pgbench, {"127.0.0.1:1", "127.0.0.1:2"});
  ByPgbench(by_pgbench, /*batch=*/1, /*times=*/1);
  const auto service_rows = LookAt(by_service);
  const auto pgbench_rows = LookAt(by_pgbench);
  for (size_t i = 0; i < service_rows.size(); ++i) {
    EXPECT_EQ(service_rows[i], pgbench_rows[i]) << kProjections[i];
  }
  EXPECT_EQ(by_service.Value("SELECT count(*) FROM assignments WHERE received_time IS NOT NULL"),
            "1");
}

TEST_F(BenchDeliveryTest, BatchLeavesTheRowsOfAsManyReferrals) {
  constexpr int kBatch = 4;
  TestDatabase together(ReferralSchema());
  Prepare(together, {"127.0.0.1:1", "127.0.0.1:2"});
  ByPgbench(together, kBatch, /*times=*/2);
  EXPECT_EQ(together.Value("SELECT count(*) FROM deliveries WHERE state = 3 AND tries = 1"), "8");
  EXPECT_EQ(together.Value("SELECT count(*) FROM referrals WHERE state = 2 AND version = 2"), "8");
  EXPECT_EQ(together.Value("SELECT count(*) FROM referral_events"), "16");
  EXPECT_EQ(together.Value("SELECT count(*) FROM outbox"), "0");
  EXPECT_EQ(together.Value("SELECT sum(open_referrals) FROM partner_loads"), "8");
}

}  // namespace
}  // namespace veille::testing
