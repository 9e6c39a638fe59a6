// A client of SelectCohort that stops reading: what it costs the service, in a process of its own.

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/rpc/client.h"
#include "tenant_registry/schema.h"
#include "testing/subprocess.h"
#include "testing/test_database.h"
#include "testing/wait_until.h"
#include "veille/registry/v1/registry_service.grpc.pb.h"

namespace veille::tenant_registry {
namespace {

namespace pb = ::veille::registry::v1;
using ::veille::testing::Subprocess;
using ::veille::testing::TestDatabase;
using ::veille::testing::WaitUntil;

constexpr char kLandlord[] = "01890000-0000-7000-8000-00000000000a";
constexpr int kHouseholds = 10'000;
constexpr int kSlowReaders = 4;
constexpr int64_t kMegabyte = 1 << 20;
#if defined(__has_feature) && (__has_feature(thread_sanitizer) || __has_feature(address_sanitizer))
constexpr int64_t kMostBytesEach = 16 * kMegabyte;  // sanitizers keep what was freed
#else
constexpr int64_t kMostBytesEach = kMegabyte;
#endif

std::string Binary() {
  const char* folder = std::getenv("VEILLE_TEST_BIN");
  return std::string(folder == nullptr ? "build/release/bin" : folder) + "/veille-tenant-registry";
}

// Households of one old tenant with one phone: all of them are selected.
void Fill(TestDatabase& database) {
  const std::string landlord = std::string("'") + kLandlord + "'::uuid";
  database.Query("INSERT INTO landlords (landlord_id, name, phone_key) VALUES (" + landlord +
                 ", 'large', decode(repeat('00', 32), 'hex'))");
  database.Query("INSERT INTO dwellings SELECT " + landlord +
                 ", md5('d' || n)::uuid, n::text, 'Les Lilas', '', '', '', '', '', '31000', "
                 "'Toulouse', '31555', 'Europe/Paris' FROM generate_series(1, " +
                 std::to_string(kHouseholds) + ") AS n");
  database.Query(
      "INSERT INTO households (landlord_id, household_id, dwelling_id, client_reference, state, "
      "version, objection, changed_time) SELECT landlord_id, dwelling_id, dwelling_id, "
      "dwelling_number, 1, 1, false, now() FROM dwellings");
  database.Query(
      "INSERT INTO tenants (landlord_id, tenant_id, household_id, position, title, family_name, "
      "given_name, name_folded, birth_date, relation, email, present, objection) SELECT "
      "landlord_id, household_id, household_id, 1, '', 'X', 'Y', 'x y', '1940-01-01', '', '', "
      "true, false FROM households");
  database.Query(
      "INSERT INTO phones (landlord_id, household_id, tenant_id, position, verdict, e164, "
      "phone_hash, original) SELECT landlord_id, household_id, household_id, 1, 1, '+33199000000', "
      "sha256(uuid_send(household_id)), '' FROM households");
}

struct Stream {
  grpc::ClientContext context;
  std::unique_ptr<grpc::ClientReader<pb::SelectCohortResponse>> reader;

  explicit Stream(pb::RegistryService::Stub& stub) {
    context.AddMetadata("veille-role", "service");
    context.AddMetadata("veille-subject", "call-tracking");
    context.AddMetadata("veille-landlord", kLandlord);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(100));
    pb::SelectCohortRequest request;
    request.mutable_rule()->set_minimum_age(70);
    auto* date = request.mutable_rule()->mutable_reference_date();
    date->set_year(2020);
    date->set_month(3);
    date->set_day(17);
    reader = stub.SelectCohort(&context, request);
  }
  // The entries that come until the end.
  int ReadAll() {
    int entries = 0;
    pb::SelectCohortResponse page;
    while (reader->Read(&page)) entries += page.entries_size();
    return reader->Finish().ok() ? entries : -1;
  }
};

TEST(SlowReaderTest, CostsUnderAMegabyteAndHoldsNoTransaction) {
  TestDatabase database(Schema());
  Fill(database);
  const std::string connection = database.options().connection;
  Subprocess registry({Binary(), "serve", "--insecure-loopback", "--listen", "127.0.0.1:0",
                       "--database", connection, "--database-lanes", "2"});
  const auto address = registry.WaitForLine("SERVING ", absl::Seconds(30));
  ASSERT_TRUE(address.has_value());
  const auto stub = pb::RegistryService::NewStub(grpc::CreateCustomChannel(
      *address, grpc::InsecureChannelCredentials(), rpc::ChannelArguments()));

  // Warm: connections, prepared statements, the allocator.
  std::vector<std::unique_ptr<Stream>> warm;
  for (int i = 0; i < kSlowReaders; ++i) warm.push_back(std::make_unique<Stream>(*stub));
  for (const auto& stream : warm) ASSERT_EQ(stream->ReadAll(), kHouseholds);
  const auto statements = [&] {
    return database.Value(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND application_name = 'veille' AND state <> 'idle'");
  };
  // The control: statements are seen while a stream is read.
  Stream read(*stub);
  std::thread reader([&] { EXPECT_EQ(read.ReadAll(), kHouseholds); });
  EXPECT_TRUE(WaitUntil([&] { return statements() != "0"; }));
  reader.join();
  ASSERT_TRUE(WaitUntil([&] { return statements() == "0"; }));
  const int64_t before = registry.ResidentBytes();

  std::vector<std::unique_ptr<Stream>> slow;
  pb::SelectCohortResponse page;
  for (int i = 0; i < kSlowReaders; ++i) {
    slow.push_back(std::make_unique<Stream>(*stub));
    ASSERT_TRUE(slow.back()->reader->Read(&page));
  }
  const int first_page = page.entries_size();
  // The service has sent what the windows hold and waits: no statement runs, no transaction is
  // open, again and again.
  for (int looks = 0; looks < 20; ++looks) {
    ASSERT_TRUE(WaitUntil([&] { return statements() == "0"; })) << "look " << looks;
  }
  EXPECT_EQ(database.Value("SELECT count(*) FROM pg_stat_activity WHERE datname = "
                           "current_database() AND application_name = 'veille' "
                           "AND xact_start IS NOT NULL"),
            "0");
  const int64_t bytes_each = (registry.ResidentBytes() - before) / kSlowReaders;
  RecordProperty("bytes_per_slow_reader", std::to_string(bytes_each));
  EXPECT_LT(bytes_each, kMostBytesEach);
  // Each of them is far from its end, and gets there when it reads on.
  EXPECT_LE(first_page, 500);
  for (const auto& stream : slow) EXPECT_EQ(stream->ReadAll(), kHouseholds - first_page);
}

}  // namespace
}  // namespace veille::tenant_registry
