// A closed loop against the real call-tracking service: `in_flight` volunteers lease a household
// and record a call, again and again, for some seconds. Every status is checked: one that is not OK
// ends the run with code 1. Prints one JSON line.
//
//   calls_load ADDRESS LANDLORD CAMPAIGN IN_FLIGHT SECONDS
//
// The volunteers bench-0, bench-1, … are enrolled by whoever prepared the database.

#include <grpcpp/create_channel.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/async/sync_wait.h"
#include "common/async/task.h"
#include "common/rpc/client.h"
#include "common/rpc/server.h"
#include "veille/calls/v1/call_service.grpc.pb.h"

namespace veille::bench {
namespace {

namespace pb = ::veille::calls::v1;

// Warming up is not measured: prepared statements, connections, caches.
constexpr absl::Duration kWarmUp = absl::Seconds(1);

struct Options {
  std::string address;
  ids::LandlordId landlord;
  std::string campaign;
  int in_flight = 1;
  absl::Duration time;
};

using Lengths = std::vector<absl::Duration>;

class Load {
 public:
  explicit Load(Options options) : options_(std::move(options)) {
    const int channels = std::min(options_.in_flight, 4);
    for (int i = 0; i < channels; ++i) {
      channels_.push_back(grpc::CreateCustomChannel(
          options_.address, grpc::InsecureChannelCredentials(), rpc::ChannelArguments()));
    }
  }

  // Pairs that began after warming up and ended in time, each with its length.
  Lengths Run() {
    measure_from_ = absl::Now() + kWarmUp;
    end_ = measure_from_ + options_.time;
    std::vector<async::Task<Lengths>> loops;
    for (int i = 0; i < options_.in_flight; ++i) loops.push_back(Loop(i));
    Lengths all;
    for (const Lengths& lengths : async::SyncWaitAll(std::move(loops))) {
      all.insert(all.end(), lengths.begin(), lengths.end());
    }
    return all;
  }
  bool failed() const { return failed_; }

 private:
  async::Task<Lengths> Loop(int slot) {
    const auto& channel = channels_[static_cast<size_t>(slot) % channels_.size()];
    const rpc::Peer volunteer(channel, "volunteer", absl::StrCat("bench-", slot));
    const auto stub = pb::CallService::NewStub(channel);
    Lengths lengths;
    while (!failed_) {
      const absl::Time begin = absl::Now();
      if (begin >= end_) break;
      const bool done = co_await Pair(volunteer, *stub);
      const absl::Time end = absl::Now();
      if (!done) failed_ = true;
      if (begin >= measure_from_ && end <= end_) lengths.push_back(end - begin);
    }
    co_return lengths;
  }

  async::Task<bool> Pair(const rpc::Peer& volunteer, pb::CallService::Stub& stub) {
    const rpc::Outgoing outgoing{options_.landlord, absl::Now() + absl::Seconds(20)};
    pb::LeaseNextCallRequest lease;
    lease.set_request_id(ids::Uuid::Random().ToString());
    lease.set_campaign_id(options_.campaign);
    const auto leased = co_await rpc::Call(
        volunteer, stub, &pb::CallService::Stub::PrepareAsyncLeaseNextCall, lease, outgoing);
    if (!leased.ok()) co_return Report("LeaseNextCall", leased.status());
    const pb::CallSheet& sheet = leased->call_sheet();

    pb::RecordCallRequest record;
    record.set_request_id(ids::Uuid::Random().ToString());
    record.set_campaign_id(options_.campaign);
    record.set_lease_id(sheet.lease().lease_id());
    record.set_fence(sheet.lease().fence());
    record.set_disposition(pb::DISPOSITION_COMPLETED);
    for (const auto& tenant : sheet.contact().tenants()) {
      if (!tenant.subject()) continue;
      auto* answer = record.add_answers();
      answer->set_tenant_id(tenant.tenant_id());
      answer->set_question_id("well");
      answer->set_boolean(true);
    }
    const auto recorded = co_await rpc::Call(
        volunteer, stub, &pb::CallService::Stub::PrepareAsyncRecordCall, record, outgoing);
    if (!recorded.ok()) co_return Report("RecordCall", recorded.status());
    co_return true;
  }

  bool Report(const char* method, const absl::Status& status) {
    std::fprintf(stderr, "%s: %s\n", method, status.ToString().c_str());
    return false;
  }

  const Options options_;
  std::vector<std::shared_ptr<grpc::Channel>> channels_;
  absl::Time measure_from_;
  absl::Time end_;
  std::atomic<bool> failed_{false};
};

double Percentile(const Lengths& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto at = static_cast<size_t>(share * static_cast<double>(sorted.size() - 1));
  return absl::ToDoubleMilliseconds(sorted[at]);
}

int Main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr, "usage: calls_load ADDRESS LANDLORD CAMPAIGN IN_FLIGHT SECONDS\n");
    return 2;
  }
  const auto landlord = ids::LandlordId::Parse(argv[2]);
  if (!landlord.has_value()) return 2;
  const Options options{argv[1], *landlord, argv[3], std::atoi(argv[4]),
                        absl::Seconds(std::atof(argv[5]))};
  rpc::PrepareProcess();
  Load load(options);
  Lengths lengths = load.Run();
  std::sort(lengths.begin(), lengths.end());
  std::printf(
      "{\"in_flight\": %d, \"pairs\": %zu, \"pairs_per_second\": %.1f, "
      "\"p50_ms\": %.3f, \"p99_ms\": %.3f}\n",
      options.in_flight, lengths.size(),
      static_cast<double>(lengths.size()) / absl::ToDoubleSeconds(options.time),
      Percentile(lengths, 0.5), Percentile(lengths, 0.99));
  return load.failed() ? 1 : 0;
}

}  // namespace
}  // namespace veille::bench

int main(int argc, char** argv) { return veille::bench::Main(argc, argv); }
