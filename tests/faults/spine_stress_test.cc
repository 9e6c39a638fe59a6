// The riskiest assumption of the run time: coroutines on gRPC's callback API, lanes and the
// coalescer stay correct when things go wrong. For a minute 256 calls are in flight; a fifth is
// cancelled in the middle, other clients are killed, deadlines pass while queued, each tenth batch
// holds a poisoned row, the database restarts, and SIGTERM comes at the end. No row is lost,
// doubled or unanswered, the server ends with code 0 (under AddressSanitizer that includes: no
// leak), and its memory is flat.
//
// Without arguments this program is the test; with --server and --client it is the parts it kills.

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/async/sync_wait.h"
#include "common/rpc/client.h"
#include "faults/ledger_server.h"
#include "ledger_service.grpc.pb.h"
#include "testing/subprocess.h"
#include "testing/test_database.h"
#include "testing/wait_until.h"

namespace veille::testing {
namespace {

namespace pb = ::veille::testing::v1;

std::string g_program;

const ids::LandlordId kLandlord = *ids::LandlordId::Parse("01890000-0000-7000-8000-000000000001");

absl::Duration StressTime() {
  const char* seconds = std::getenv("VEILLE_STRESS_SECONDS");
  return absl::Seconds(seconds == nullptr ? 60 : std::atoi(seconds));
}

// A volunteer's channel: rpc::Peer speaks for services.
class Client {
 public:
  explicit Client(const std::string& address)
      : stub_(pb::LedgerService::NewStub(grpc::CreateCustomChannel(
            address, grpc::InsecureChannelCredentials(), rpc::ChannelArguments()))) {}

  struct Call {
    grpc::ClientContext context;
    pb::AppendRequest together;
    pb::AppendAloneRequest alone;
    pb::AppendResponse together_response;
    pb::AppendAloneResponse alone_response;
  };

  void Start(Call& call, absl::Duration timeout, std::function<void(grpc::Status)> done) {
    call.context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    call.context.AddMetadata("veille-role", "volunteer");
    call.context.AddMetadata("veille-subject", "stress");
    call.context.AddMetadata("veille-landlord", kLandlord.ToString());
    if (!call.alone.entry_id().empty()) {
      stub_->async()->AppendAlone(&call.context, &call.alone, &call.alone_response,
                                  std::move(done));
    } else {
      stub_->async()->Append(&call.context, &call.together, &call.together_response,
                             std::move(done));
    }
  }

 private:
  std::unique_ptr<pb::LedgerService::Stub> stub_;
};

// What the clients were told, to be compared with what the database holds.
struct Told {
  absl::Mutex mutex;
  std::set<std::string> done ABSL_GUARDED_BY(mutex);      // answered OK
  std::set<std::string> poisoned ABSL_GUARDED_BY(mutex);  // must not be there
  std::map<grpc::StatusCode, int> codes ABSL_GUARDED_BY(mutex);
  std::atomic<int64_t> started{0};
  std::atomic<int64_t> answered{0};
};

// One of the 256: starts its next call when the last was answered, until told to stop.
void RunSlot(Client& client, Told& told, unsigned seed, const std::atomic<bool>& stop) {
  std::mt19937 random(seed);
  while (!stop) {
    const uint32_t dice = random();
    auto call = std::make_unique<Client::Call>();
    const std::string id = ids::Uuid::Random().ToString();
    const bool poisoned = dice % 2000 == 0;
    if (!poisoned && dice % 8 == 1) {
      call->alone.set_entry_id(id);
    } else {
      call->together.set_entry_id(id);
      call->together.set_poisoned(poisoned);
    }
    // One in ten has a deadline that often passes while it is queued.
    const absl::Duration timeout =
        dice % 10 == 3 ? absl::Milliseconds(51 + dice % 60) : absl::Seconds(20);
    const bool cancel = dice % 5 == 2;
    absl::Notification answered;
    grpc::Status status;
    ++told.started;
    client.Start(*call, timeout, [&](grpc::Status result) {
      status = std::move(result);
      answered.Notify();
    });
    if (cancel && !answered.WaitForNotificationWithTimeout(absl::Microseconds(dice % 4000))) {
      call->context.TryCancel();
    }
    answered.WaitForNotification();
    ++told.answered;
    absl::MutexLock lock(&told.mutex);
    ++told.codes[status.error_code()];
    if (status.ok()) told.done.insert(id);
    if (poisoned) told.poisoned.insert(id);
  }
}

TEST(SpineStress, NothingIsLostDoubledOrUnanswered) {
  TestDatabase database(LedgerMigrations());
  const absl::Duration time = StressTime();
  Subprocess server({g_program, "--server", database.options().connection});
  const auto address = server.WaitForLine("SERVING ", absl::Seconds(30));
  ASSERT_TRUE(address.has_value());

  constexpr int kSlots = 256;
  constexpr int kChannels = 8;
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < kChannels; ++i) clients.push_back(std::make_unique<Client>(*address));
  Told told;
  std::atomic<bool> stop{false};
  std::vector<std::thread> slots;
  for (int i = 0; i < kSlots; ++i) {
    slots.emplace_back([&, i] {
      RunSlot(*clients[static_cast<size_t>(i % kChannels)], told, static_cast<unsigned>(i), stop);
    });
  }

  // Clients that vanish, a database that restarts in the middle, memory seen after warming up.
  const absl::Time begin = absl::Now();
  int64_t warm = 0;
  int restarts = 0;
  int vanished = 0;
  while (absl::Now() - begin < time) {
    Subprocess client({g_program, "--client", *address});
    (void)client.WaitForLine("CALLING", absl::Seconds(20));
    // The pause between two kills: a schedule of faults, not a wait for a condition.
    absl::SleepFor(time / 12);
    client.Kill(SIGKILL);
    ++vanished;
    if (warm == 0 && absl::Now() - begin > time / 3) warm = server.ResidentBytes();
    if (restarts == 0 && absl::Now() - begin > time / 2) {
      const std::string control = std::getenv("VEILLE_TEST_PGCTL");
      ASSERT_EQ(std::system((control + " restart > /dev/null").c_str()), 0);
      ++restarts;
    }
  }
  const int64_t hot = server.ResidentBytes();

  // SIGTERM with all 256 still calling.
  server.Kill(SIGTERM);
  const int code = server.Wait(absl::Seconds(60));
  stop = true;
  for (std::thread& slot : slots) slot.join();

  EXPECT_EQ(code, 0) << "the server ends in order, without a leak";
  EXPECT_EQ(told.started, told.answered);
  EXPECT_EQ(restarts, 1);
  const auto rows = database.Query("SELECT entry_id::text FROM entries");
  std::set<std::string> kept;
  for (const auto& row : rows) kept.insert(row[0]);
  const auto effects = database.Query("SELECT count(*), count(DISTINCT entry_id) FROM effects");
  EXPECT_EQ(effects[0][0], effects[0][1]) << "an entry was applied twice";
  EXPECT_EQ(effects[0][1], std::to_string(kept.size()));

  absl::MutexLock lock(&told.mutex);
  int lost = 0;
  for (const std::string& id : told.done) lost += kept.contains(id) ? 0 : 1;
  EXPECT_EQ(lost, 0) << "answered OK, but not there";
  int poisoned_kept = 0;
  for (const std::string& id : told.poisoned) poisoned_kept += kept.contains(id) ? 1 : 0;
  EXPECT_EQ(poisoned_kept, 0);
  // The positive controls: each kind of trouble really happened, and most calls went well.
  EXPECT_GT(told.done.size(), 1000u);
  EXPECT_GT(told.poisoned.size(), 0u);
  EXPECT_GT(told.codes[grpc::StatusCode::CANCELLED], 10);
  EXPECT_GT(told.codes[grpc::StatusCode::DEADLINE_EXCEEDED], 0);
#if !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer) && \
    !__has_feature(thread_sanitizer)
  EXPECT_LT(hot - warm, 16 << 20) << "memory grows: " << warm << " to " << hot;
#endif
  std::printf("stress: %lld calls, %zu done, %zu poisoned, %d clients killed, %.1f to %.1f MB\n",
              static_cast<long long>(told.started), told.done.size(), told.poisoned.size(),
              vanished, static_cast<double>(warm) / 1e6, static_cast<double>(hot) / 1e6);
  for (const auto& [status, count] : told.codes) std::printf("  status %d: %d\n", status, count);
}

// A client to be killed: calls as fast as it can until then.
int RunClient(const std::string& address) {
  Client client(address);
  Told told;
  std::atomic<bool> stop{false};
  std::vector<std::thread> slots;
  for (unsigned i = 0; i < 16; ++i) {
    slots.emplace_back([&, i] { RunSlot(client, told, 1000 + i, stop); });
  }
  std::printf("CALLING\n");
  std::fflush(stdout);
  for (std::thread& slot : slots) slot.join();
  return 0;
}

}  // namespace
}  // namespace veille::testing

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  veille::testing::g_program = argv[0];
  if (argc == 3 && std::string(argv[1]) == "--server") {
    return veille::testing::ServeLedger(argv[2]);
  }
  if (argc == 3 && std::string(argv[1]) == "--client") {
    return veille::testing::RunClient(argv[2]);
  }
  return RUN_ALL_TESTS();
}
