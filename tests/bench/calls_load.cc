// Volunteers against a call-tracking service: each leases a household and records a call. Every
// status is checked: one that is not OK ends the run with code 1. Prints one JSON line; `ended`
// counts the pairs of warming up too, for what the servers spent over the whole run.
//
//   calls_load ADDRESS LANDLORD CAMPAIGN IN_FLIGHT SECONDS        closed loop: again and again
//   calls_load ADDRESS LANDLORD CAMPAIGN IN_FLIGHT SECONDS RATE   open loop: RATE pairs a second
//   calls_load --dev-authority FOLDER ADDRESS …                   by TLS, each volunteer with a
//   token
//   calls_load --needs FILE ADDRESS …           each call finds a need that is shared; when each
//   was
//                                               answered goes to FILE: "finding_id,microseconds"
//
// Lengths count from when a pair was due (see pace.h). The volunteers bench-0, bench-1, … are
// enrolled by whoever prepared the database.

#include <grpcpp/create_channel.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bench/lengths.h"
#include "bench/pace.h"
#include "common/async/sync_wait.h"
#include "common/async/task.h"
#include "common/rpc/client.h"
#include "common/rpc/server.h"
#include "common/tls/credentials.h"
#include "veille/calls/v1/call_service.grpc.pb.h"
#include "veillectl/dev_authority/dev_authority.h"

namespace veille::bench {
namespace {

namespace pb = ::veille::calls::v1;

constexpr absl::Duration kPatience = absl::Seconds(10);  // with a server that has just begun

struct Options {
  std::string address;
  ids::LandlordId landlord;
  std::string campaign;
  int in_flight = 1;
  absl::Duration time;
  double rate = 0;  // 0: closed loop
  std::optional<veillectl::DevAuthority> authority;
  std::string needs_file;  // empty: all is well
};

// What a volunteer measured.
struct Measured {
  Lengths pairs;
  Lengths leases;
  Lengths records;
  std::vector<std::pair<std::string, absl::Time>> needs;  // by finding, when it was answered

  void Add(const Measured& more) {
    pairs.Add(more.pairs);
    leases.Add(more.leases);
    records.Add(more.records);
    needs.insert(needs.end(), more.needs.begin(), more.needs.end());
  }
};

class Load {
 public:
  explicit Load(Options options) : options_(std::move(options)) {
    const int channels = std::min(options_.in_flight, 4);
    for (int i = 0; i < channels; ++i) {
      channels_.push_back(
          grpc::CreateCustomChannel(options_.address, Credentials(), rpc::ChannelArguments()));
    }
    for (const auto& channel : channels_) {
      channel->WaitForConnected(absl::ToChronoTime(absl::Now() + kPatience));
    }
  }

  Measured Run(Pace& pace) {
    std::vector<async::Task<Measured>> loops;
    for (int i = 0; i < options_.in_flight; ++i) loops.push_back(Loop(i, pace));
    Measured all;
    for (const Measured& one : async::SyncWaitAll(std::move(loops))) all.Add(one);
    return all;
  }
  bool failed() const { return failed_; }

 private:
  std::shared_ptr<grpc::ChannelCredentials> Credentials() const {
    if (!options_.authority.has_value()) return grpc::InsecureChannelCredentials();
    return *tls::ChannelCredentials(options_.authority->FilesOf(""));
  }
  std::string TokenOf(const std::string& subject) const {
    if (!options_.authority.has_value()) return "";
    return *options_.authority->Token("volunteer", subject, options_.landlord.ToString(), "",
                                      absl::Hours(1));
  }

  async::Task<Measured> Loop(int slot, Pace& pace) {
    const auto& channel = channels_[static_cast<size_t>(slot) % channels_.size()];
    const std::string subject = absl::StrCat("bench-", slot);
    const rpc::Peer volunteer(channel, "volunteer", subject, TokenOf(subject));
    const auto stub = pb::CallService::NewStub(channel);
    Measured measured;
    while (!failed_) {
      const std::optional<absl::Time> due = co_await pace.Next();
      if (!due.has_value()) break;
      const bool done = co_await Pair(volunteer, *stub, *due, pace, measured);
      if (!done) failed_ = true;
    }
    co_return measured;
  }

  async::Task<bool> Pair(const rpc::Peer& volunteer, pb::CallService::Stub& stub, absl::Time due,
                         Pace& pace, Measured& measured) {
    const absl::Time begin = absl::Now();
    const rpc::Outgoing outgoing{options_.landlord, begin + absl::Seconds(20)};
    pb::LeaseNextCallRequest lease;
    lease.set_request_id(ids::Uuid::Random().ToString());
    lease.set_campaign_id(options_.campaign);
    const auto leased = co_await rpc::Call(
        volunteer, stub, &pb::CallService::Stub::PrepareAsyncLeaseNextCall, lease, outgoing);
    if (!leased.ok()) co_return Report("LeaseNextCall", leased.status());
    const absl::Time held = absl::Now();
    const auto recorded =
        co_await rpc::Call(volunteer, stub, &pb::CallService::Stub::PrepareAsyncRecordCall,
                           Record(leased->call_sheet()), outgoing);
    if (!recorded.ok()) co_return Report("RecordCall", recorded.status());
    const absl::Time end = absl::Now();
    pace.End(end);
    for (const pb::Finding& finding : recorded->findings()) {
      if (finding.shared() && pace.IsMeasured(due)) {
        measured.needs.emplace_back(finding.finding_id(), end);
      }
    }
    if (pace.IsMeasured(due)) {
      measured.pairs.Add(end - due);
      measured.leases.Add(held - begin);
      measured.records.Add(end - held);
    }
    co_return true;
  }

  // The script followed to its end: all is well, or meals are needed and that may be told.
  pb::RecordCallRequest Record(const pb::CallSheet& sheet) const {
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
      answer->set_question_id(options_.needs_file.empty() ? "well" : "meals");
      answer->set_boolean(true);
      if (options_.needs_file.empty()) continue;
      auto* agreement = record.add_agreements();
      agreement->set_tenant_id(tenant.tenant_id());
      agreement->set_kind(pb::AGREEMENT_KIND_SHARE_NEED);
      agreement->set_need(common::v1::NEED_MEALS);
      agreement->set_agreed(true);
      agreement->set_text_version("share-1");
    }
    return record;
  }

  bool Report(const char* method, const absl::Status& status) {
    std::fprintf(stderr, "%s: %s\n", method, status.ToString().c_str());
    return false;
  }

  const Options options_;
  std::vector<std::shared_ptr<grpc::Channel>> channels_;
  std::atomic<bool> failed_{false};
};

void WriteNeeds(const std::string& path, const Measured& measured) {
  std::ofstream file(path);
  for (const auto& [finding, time] : measured.needs) {
    file << finding << "," << absl::ToUnixMicros(time) << "\n";
  }
}

int Main(int argc, char** argv) {
  std::optional<veillectl::DevAuthority> authority;
  std::string needs_file;
  if (argc > 2 && std::string_view(argv[1]) == "--needs") {
    needs_file = argv[2];
    argc -= 2;
    argv += 2;
  }
  if (argc > 2 && std::string_view(argv[1]) == "--dev-authority") {
    authority = *veillectl::DevAuthority::Open(argv[2]);
    argc -= 2;
    argv += 2;
  }
  if (argc != 6 && argc != 7) {
    std::fprintf(stderr, "usage: calls_load ADDRESS LANDLORD CAMPAIGN IN_FLIGHT SECONDS [RATE]\n");
    return 2;
  }
  const auto landlord = ids::LandlordId::Parse(argv[2]);
  if (!landlord.has_value()) return 2;
  const Options options{.address = argv[1],
                        .landlord = *landlord,
                        .campaign = argv[3],
                        .in_flight = std::atoi(argv[4]),
                        .time = absl::Seconds(std::atof(argv[5])),
                        .rate = argc == 7 ? std::atof(argv[6]) : 0,
                        .authority = std::move(authority),
                        .needs_file = needs_file};
  rpc::PrepareProcess();
  Load load(options);
  Pace pace(options.time, options.rate);
  Measured measured = load.Run(pace);
  if (!needs_file.empty()) WriteNeeds(needs_file, measured);
  std::printf("{\"in_flight\": %d, \"ended\": %d, \"per_second\": %.1f, %s, %s, %s}\n",
              options.in_flight, pace.ended(), pace.per_second(), measured.pairs.Fields().c_str(),
              measured.leases.Fields("lease_").c_str(), measured.records.Fields("record_").c_str());
  return load.failed() ? 1 : 0;
}

}  // namespace
}  // namespace veille::bench

int main(int argc, char** argv) { return veille::bench::Main(argc, argv); }
