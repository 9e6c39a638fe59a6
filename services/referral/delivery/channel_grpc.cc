#include "referral/delivery/channel_grpc.h"

#include <utility>

#include "common/rpc/client.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "veille/partner/v1/referral_inbox_service.grpc.pb.h"

namespace veille::referral {
namespace {

constexpr size_t kLongestReceipt = 200;

// A receipt number that does not fit is dropped: the receipt counts without it.
std::string Fitting(std::string receipt) {
  const bool fits = receipt.size() <= kLongestReceipt && receipt.find('\0') == std::string::npos;
  return fits ? std::move(receipt) : std::string();
}

// UNIMPLEMENTED: there is a server, and it has no inbox.
Answer Refusal(const absl::Status& status) {
  return {.receipt = status,
          .retry_after = errors::RetryDelayOf(status).value_or(absl::ZeroDuration()),
          .gone = absl::IsUnimplemented(status)};
}

}  // namespace

struct GrpcChannel::Inbox {
  explicit Inbox(const rpc::Endpoint& endpoint)
      : peer(endpoint, "referral"),
        stub(partner_pb::ReferralInboxService::NewStub(peer.channel())) {}

  const rpc::Peer peer;
  const std::unique_ptr<partner_pb::ReferralInboxService::Stub> stub;
};

GrpcChannel::GrpcChannel(EndpointPolicy endpoints, CredentialsOfPartner credentials)
    : endpoints_(endpoints), credentials_(std::move(credentials)) {}
GrpcChannel::~GrpcChannel() = default;

absl::StatusOr<std::shared_ptr<GrpcChannel::Inbox>> GrpcChannel::InboxOf(const Claim& claim) {
  if (!endpoints_.Allows(claim.endpoint)) {
    return absl::FailedPreconditionError(
        "the endpoint cannot be pushed to: without TLS only this machine can");
  }
  absl::MutexLock lock(&mutex_);
  std::shared_ptr<Inbox>& inbox = inboxes_[{claim.landlord, claim.partner, claim.endpoint}];
  if (inbox == nullptr) {
    ASSIGN_OR_RETURN(auto credentials, credentials_(claim.landlord, claim.partner));
    inbox = std::make_shared<Inbox>(rpc::Endpoint{claim.endpoint, std::move(credentials)});
  }
  return inbox;
}

async::Task<Answer> GrpcChannel::Send(const Claim& claim,
                                      const partner_pb::DeliverReferralRequest& notice,
                                      absl::Time deadline, std::stop_token stop) {
  const absl::StatusOr<std::shared_ptr<Inbox>> found = InboxOf(claim);
  if (!found.ok()) co_return Answer{found.status()};
  const std::shared_ptr<Inbox>& inbox = *found;
  auto receipt =
      co_await rpc::Call(inbox->peer, *inbox->stub,
                         &partner_pb::ReferralInboxService::Stub::PrepareAsyncDeliverReferral,
                         notice, rpc::Outgoing{claim.landlord, deadline, std::move(stop)});
  if (!receipt.ok()) co_return Refusal(receipt.status());
  co_return Answer{Fitting(std::move(*receipt->mutable_receipt_number()))};
}

}  // namespace veille::referral
