// Hands cases to the referral service, as call-tracking does, each for a tenant and to a partner of
// its own choice. Every status is checked: one that is not OK, or a case that no partner took, ends
// the run with code 1. Prints one JSON line.
//
//   referral_load ADDRESS LANDLORD PARTNERS IN_FLIGHT SECONDS        closed loop (see pace.h)
//   referral_load ADDRESS LANDLORD PARTNERS IN_FLIGHT SECONDS RATE   open loop
//
// The PARTNERS cover the communes 31001, 31002, … (prepare_referral.sql).

#include <grpcpp/create_channel.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "bench/lengths.h"
#include "bench/pace.h"
#include "common/async/sync_wait.h"
#include "common/async/task.h"
#include "common/rpc/client.h"
#include "common/rpc/fields.h"
#include "common/rpc/server.h"
#include "veille/referral/v1/referral_service.grpc.pb.h"

namespace veille::bench {
namespace {

namespace pb = ::veille::referral::v1;

class Load {
 public:
  Load(const std::string& address, ids::LandlordId landlord, int partners)
      : service_({address}, "call-tracking"),
        stub_(pb::ReferralService::NewStub(service_.channel())),
        landlord_(landlord),
        partners_(partners) {}

  Lengths Run(int in_flight, Pace& pace) {
    std::vector<async::Task<Lengths>> loops;
    for (int i = 0; i < in_flight; ++i) loops.push_back(Loop(pace));
    Lengths all;
    for (const Lengths& one : async::SyncWaitAll(std::move(loops))) all.Add(one);
    return all;
  }
  bool failed() const { return failed_; }

 private:
  async::Task<Lengths> Loop(Pace& pace) {
    Lengths lengths;
    while (!failed_) {
      const std::optional<absl::Time> due = co_await pace.Next();
      if (!due.has_value()) break;
      const auto created = co_await rpc::Call(
          service_, *stub_, &pb::ReferralService::Stub::PrepareAsyncCreateReferral, Request(),
          {landlord_, absl::Now() + absl::Seconds(20)});
      const absl::Time end = absl::Now();
      if (!created.ok() || created->partner_id().empty()) {
        std::fprintf(stderr, "CreateReferral: %s\n", created.status().ToString().c_str());
        failed_ = true;
        break;
      }
      pace.End(end);
      if (pace.IsMeasured(*due)) lengths.Add(end - *due);
    }
    co_return lengths;
  }

  pb::CreateReferralRequest Request() {
    pb::CreateReferralRequest request;
    request.set_request_id(ids::Uuid::Random().ToString());
    request.set_finding_id(ids::Uuid::Random().ToString());
    request.set_campaign_id(campaign_);
    request.set_household_id(ids::Uuid::Random().ToString());
    request.set_tenant_id(ids::Uuid::Random().ToString());
    request.set_commune_code(absl::StrCat(31001 + next_++ % partners_));
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

  const rpc::Peer service_;
  const std::unique_ptr<pb::ReferralService::Stub> stub_;
  const ids::LandlordId landlord_;
  const int partners_;
  const std::string campaign_ = ids::Uuid::Random().ToString();
  std::atomic<int> next_{0};
  std::atomic<bool> failed_{false};
};

int Main(int argc, char** argv) {
  const auto landlord = ids::LandlordId::Parse(argc > 2 ? argv[2] : "");
  if ((argc != 6 && argc != 7) || !landlord.has_value() || std::atoi(argv[3]) < 1) {
    std::fprintf(stderr,
                 "usage: referral_load ADDRESS LANDLORD PARTNERS IN_FLIGHT SECONDS [RATE]\n");
    return 2;
  }
  rpc::PrepareProcess();
  Load load(argv[1], *landlord, std::atoi(argv[3]));
  Pace pace(absl::Seconds(std::atof(argv[5])), argc == 7 ? std::atof(argv[6]) : 0);
  Lengths lengths = load.Run(std::atoi(argv[4]), pace);
  std::printf("{\"ended\": %d, \"per_second\": %.1f, %s}\n", pace.ended(), pace.per_second(),
              lengths.Fields().c_str());
  return load.failed() ? 1 : 0;
}

}  // namespace
}  // namespace veille::bench

int main(int argc, char** argv) { return veille::bench::Main(argc, argv); }
