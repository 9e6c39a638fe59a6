// What the referral service talks to in its benchmark: partners' machines that give a receipt at
// once, and a call-tracking that takes every update. Prints "SERVING address address …", the
// partners' addresses; ends with SIGTERM, and then writes when each push came, a line each:
// "referral_id,microseconds".
//
//   partner_inboxes COUNT INTAKE_ADDRESS FILE [STALLED]
//
// The last STALLED of the partners take each push and never answer it.

#include <grpcpp/support/server_callback.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/rpc/server.h"
#include "common/telemetry/log.h"
#include "veille/calls/v1/intake_service.grpc.pb.h"
#include "veille/partner/v1/referral_inbox_service.grpc.pb.h"

namespace veille::bench {
namespace {

grpc::ServerUnaryReactor* Finish(grpc::CallbackServerContext* context) {
  auto* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

class Inbox final : public partner::v1::ReferralInboxService::CallbackService {
 public:
  grpc::ServerUnaryReactor* DeliverReferral(
      grpc::CallbackServerContext* context, const partner::v1::DeliverReferralRequest* request,
      partner::v1::DeliverReferralResponse* response) override {
    {
      absl::MutexLock lock(&mutex_);
      arrivals_.emplace_back(request->referral_id(), absl::Now());
    }
    response->set_receipt_number("bench");
    return Finish(context);
  }

  void Write(const std::string& path) const {
    absl::MutexLock lock(&mutex_);
    std::ofstream file(path);
    for (const auto& [referral, time] : arrivals_) {
      file << referral << "," << absl::ToUnixMicros(time) << "\n";
    }
  }

 private:
  mutable absl::Mutex mutex_;
  std::vector<std::pair<std::string, absl::Time>> arrivals_ ABSL_GUARDED_BY(mutex_);
};

// Ends when nobody waits for it any more.
class Unanswered final : public grpc::ServerUnaryReactor {
 public:
  void OnCancel() override { Finish(grpc::Status::CANCELLED); }
  void OnDone() override { delete this; }
};

class StalledInbox final : public partner::v1::ReferralInboxService::CallbackService {
 public:
  grpc::ServerUnaryReactor* DeliverReferral(grpc::CallbackServerContext*,
                                            const partner::v1::DeliverReferralRequest*,
                                            partner::v1::DeliverReferralResponse*) override {
    return new Unanswered();
  }
};

class Intake final : public calls::v1::IntakeService::CallbackService {
 public:
  grpc::ServerUnaryReactor* RecordReferralUpdate(
      grpc::CallbackServerContext* context, const calls::v1::RecordReferralUpdateRequest*,
      calls::v1::RecordReferralUpdateResponse*) override {
    return Finish(context);
  }
};

int Main(int count, int stalled, const std::string& intake_address, const std::string& path) {
  rpc::PrepareProcess();
  log::Start("partner-inboxes", log::Level::kWarning);
  Inbox inbox;
  StalledInbox stalled_inbox;
  Intake intake;
  std::vector<std::unique_ptr<rpc::Server>> servers;
  std::string addresses;
  for (int i = 0; i <= count; ++i) {
    rpc::ServerOptions options;
    const bool is_intake = i == count;
    if (is_intake) options.listen = intake_address;
    grpc::Service* const partner =
        i < count - stalled ? static_cast<grpc::Service*>(&inbox) : &stalled_inbox;
    auto server =
        is_intake
            ? rpc::Server::Start(options, {{&intake, "veille.calls.v1.IntakeService"}})
            : rpc::Server::Start(options, {{partner, "veille.partner.v1.ReferralInboxService"}});
    if (!server.ok()) return 1;
    if (!is_intake) addresses += " " + (*server)->address();
    servers.push_back(*std::move(server));
  }
  std::printf("SERVING%s\n", addresses.c_str());
  std::fflush(stdout);
  rpc::WaitForStopSignal();
  for (const auto& server : servers) server->Drain();
  inbox.Write(path);
  return 0;
}

}  // namespace
}  // namespace veille::bench

int main(int argc, char** argv) {
  if ((argc != 4 && argc != 5) || std::atoi(argv[1]) < 1) {
    std::fprintf(stderr, "usage: partner_inboxes COUNT INTAKE_ADDRESS FILE [STALLED]\n");
    return 2;
  }
  const int stalled = argc == 5 ? std::atoi(argv[4]) : 0;
  return veille::bench::Main(std::atoi(argv[1]), stalled, argv[2], argv[3]);
}
