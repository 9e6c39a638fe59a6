#include "referral/delivery/channel_grpc.h"

#include <utility>

#include "common/rpc/client.h"
#include "referral/convert/partner_case.h"
#include "veille/partner/v1/referral_inbox_service.grpc.pb.h"

namespace veille::referral {
namespace {

constexpr size_t kLongestReceipt = 200;

// A receipt number that does not fit is dropped: the receipt counts without it.
std::string Fitting(std::string receipt) {
  const bool fits = receipt.size() <= kLongestReceipt && receipt.find('\0') == std::string::npos;
  return fits ? std::move(receipt) : std::string();
}

}  // namespace

struct GrpcChannel::Inbox {
  explicit Inbox(const rpc::Endpoint& endpoint)
      : peer(endpoint, "referral"),
        stub(partner_pb::ReferralInboxService::NewStub(peer.channel())) {}

  const rpc::Peer peer;
  const std::unique_ptr<partner_pb::ReferralInboxService::Stub> stub;
};

GrpcChannel::GrpcChannel(std::shared_ptr<grpc::ChannelCredentials> credentials)
    : credentials_(std::move(credentials)) {}
GrpcChannel::~GrpcChannel() = default;

std::shared_ptr<GrpcChannel::Inbox> GrpcChannel::InboxAt(const std::string& endpoint) {
  absl::MutexLock lock(&mutex_);
  std::shared_ptr<Inbox>& inbox = inboxes_[endpoint];
  if (inbox == nullptr) inbox = std::make_shared<Inbox>(rpc::Endpoint{endpoint, credentials_});
  return inbox;
}

async::Task<absl::StatusOr<std::string>> GrpcChannel::Send(const Claim& claim, absl::Time deadline,
                                                           std::stop_token stop) {
  const std::shared_ptr<Inbox> inbox = InboxAt(claim.endpoint);
  auto receipt =
      co_await rpc::Call(inbox->peer, *inbox->stub,
                         &partner_pb::ReferralInboxService::Stub::PrepareAsyncDeliverReferral,
                         ToNotice(claim.delivery.uuid(), claim.partner_case, claim.full),
                         rpc::Outgoing{claim.landlord, deadline, std::move(stop)});
  if (!receipt.ok()) co_return receipt.status();
  co_return Fitting(std::move(*receipt->mutable_receipt_number()));
}

}  // namespace veille::referral
