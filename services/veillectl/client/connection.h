#pragma once

// One connection to one service, with who is calling on it. Calls wait for their answer: a command
// line does one thing at a time.
//
//   Connection calls("127.0.0.1:7002", identity, proof, absl::Seconds(10));
//   ASSIGN_OR_RETURN(const pb::GetCampaignResponse response,
//                    calls.Call(&pb::CampaignService::Stub::GetCampaign, request));
//
// Threads: any. Errors: the service's own, with their reason; UNAVAILABLE or DEADLINE_EXCEEDED
// without a reason when nobody answers.

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/rpc/status.h"
#include "veillectl/client/proof.h"

namespace veille::veillectl {

class Connection {
 public:
  // Does not connect yet.
  Connection(const std::string& address, Identity identity, std::shared_ptr<const Proof> proof,
             absl::Duration timeout);

  // From now on each call says which service is meant ("tenant-registry"): what every service has,
  // as the audit trail, has one name at the edge's one address. Services do not look at it.
  void Name(std::string service) { service_ = std::move(service); }

  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request) const {
    Stub stub(channel_);
    const absl::Time until = absl::Now() + timeout_;
    while (true) {
      grpc::ClientContext context;
      Prepare(context, timeout_);
      Response response;
      const grpc::Status status = (stub.*method)(&context, request, &response);
      if (status.ok()) return response;
      absl::Status failed = rpc::FromGrpc(status);
      if (!AwaitRate(failed, until)) return failed;
    }
  }

  // All pages of a list as one response.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> CallAllPages(grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                                     const Request&, Response*),
                                        Request request) const {
    Response all;
    request.set_page_size(500);
    do {
      absl::StatusOr<Response> page = Call(method, request);
      if (!page.ok()) return page.status();
      request.set_page_token(page->next_page_token());
      page->clear_next_page_token();
      all.MergeFrom(*page);
    } while (!request.page_token().empty());
    return all;
  }

  // The same, for a look outside the caller's own work, and why it is needed.
  Connection WithReason(std::string reason) const;

  // Connects and waits, `timeout` at most. What stands between two tries: gRPC's blocking calls
  // move the connection on only while somebody waits on it, so a mere pause would find it as it
  // was.
  bool WaitUntilReachable(absl::Duration timeout) const;

  // For streams: a context with the identity and a deadline.
  void Prepare(grpc::ClientContext& context, absl::Duration timeout) const;
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  const std::string& address() const { return address_; }
  absl::Duration timeout() const { return timeout_; }

 private:
  // Whether the call was refused for the caller's rate alone, and is allowed before `until`: waits
  // so long. Nothing was done, so it may be repeated; long lists come by it.
  static bool AwaitRate(const absl::Status& failed, absl::Time until);

  std::string address_;
  Identity identity_;
  std::shared_ptr<const Proof> proof_;
  absl::Duration timeout_;
  std::string service_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace veille::veillectl
