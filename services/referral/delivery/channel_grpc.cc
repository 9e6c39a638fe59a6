#include "referral/delivery/channel_grpc.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "veille/partner/v1/referral_inbox_service.grpc.pb.h"

namespace veille::referral {
namespace {

constexpr size_t kLongestReceipt = 200;
constexpr absl::Duration kLongestPinned = absl::Minutes(5);

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

// The addresses of one family, since gRPC takes no others beside them: that of the first, which the
// system would try first.
std::string TargetOf(const std::vector<web::Address>& addresses, int port) {
  const bool is_v6 = addresses.front().is_v6();
  std::vector<std::string> same;
  for (const web::Address& address : addresses) {
    if (address.is_v6() != is_v6) continue;
    const std::string text = address.ToString();
    same.push_back(absl::StrCat(is_v6 ? absl::StrCat("[", text, "]") : text, ":", port));
  }
  return absl::StrCat(is_v6 ? "ipv6:" : "ipv4:", absl::StrJoin(same, ","));
}

}  // namespace

struct GrpcChannel::Inbox {
  explicit Inbox(const rpc::Endpoint& endpoint)
      : stale_time(endpoint.pinned.has_value() ? absl::Now() + kLongestPinned
                                               : absl::InfiniteFuture()),
        peer(endpoint, "referral"),
        stub(partner_pb::ReferralInboxService::NewStub(peer.channel())) {}

  const absl::Time stale_time;
  const rpc::Peer peer;
  const std::unique_ptr<partner_pb::ReferralInboxService::Stub> stub;
};

GrpcChannel::GrpcChannel(EndpointPolicy endpoints, CredentialsOfPartner credentials,
                         web::Caller& caller)
    : endpoints_(endpoints), credentials_(std::move(credentials)), caller_(caller) {}
GrpcChannel::~GrpcChannel() = default;

std::shared_ptr<GrpcChannel::Inbox> GrpcChannel::Known(const Key& key) {
  absl::MutexLock lock(&mutex_);
  const auto found = inboxes_.find(key);
  const bool is_fresh = found != inboxes_.end() && found->second->stale_time > absl::Now();
  return is_fresh ? found->second : nullptr;
}

std::shared_ptr<GrpcChannel::Inbox> GrpcChannel::Keep(const Key& key,
                                                      std::shared_ptr<Inbox> inbox) {
  absl::MutexLock lock(&mutex_);
  absl::erase_if(
      inboxes_, [now = absl::Now()](const auto& entry) { return entry.second->stale_time <= now; });
  return inboxes_.try_emplace(key, std::move(inbox)).first->second;  // another may have been faster
}

void GrpcChannel::Forget(const Key& key, const std::shared_ptr<Inbox>& inbox) {
  absl::MutexLock lock(&mutex_);
  const auto found = inboxes_.find(key);
  if (found != inboxes_.end() && found->second == inbox) inboxes_.erase(found);
}

async::Task<absl::StatusOr<std::optional<rpc::Pinned>>> GrpcChannel::Pin(std::string endpoint,
                                                                         absl::Time deadline,
                                                                         std::stop_token stop) {
  if (endpoints_.insecure_loopback) {
    if (IsLoopbackTarget(endpoint)) co_return std::nullopt;
    co_return absl::FailedPreconditionError(
        "the endpoint cannot be pushed to: without TLS only this machine can");
  }
  CO_ASSIGN_OR_RETURN(const web::Target target, web::ParseHostAndPort(endpoint));
  CO_ASSIGN_OR_RETURN(const std::vector<web::Address> addresses,
                      co_await caller_.Vet(target.ToUrl(), deadline, std::move(stop)));
  co_return rpc::Pinned{target.host, TargetOf(addresses, target.port)};
}

async::Task<absl::StatusOr<std::shared_ptr<GrpcChannel::Inbox>>> GrpcChannel::InboxOf(
    const Claim& claim, absl::Time deadline, std::stop_token stop) {
  const Key key(claim.landlord, claim.partner, claim.endpoint);
  if (auto known = Known(key)) co_return known;
  CO_ASSIGN_OR_RETURN(const auto pinned, co_await Pin(claim.endpoint, deadline, std::move(stop)));
  CO_ASSIGN_OR_RETURN(auto credentials, credentials_(claim.landlord, claim.partner));
  co_return Keep(
      key, std::make_shared<Inbox>(rpc::Endpoint{claim.endpoint, std::move(credentials), pinned}));
}

async::Task<Answer> GrpcChannel::Send(const Claim& claim,
                                      const partner_pb::DeliverReferralRequest& notice,
                                      absl::Time deadline, std::stop_token stop) {
  const auto found = co_await InboxOf(claim, deadline, stop);
  if (!found.ok()) co_return NotSent(found.status());
  const std::shared_ptr<Inbox>& inbox = *found;
  auto receipt =
      co_await rpc::Call(inbox->peer, *inbox->stub,
                         &partner_pb::ReferralInboxService::Stub::PrepareAsyncDeliverReferral,
                         notice, rpc::Outgoing{claim.landlord, deadline, std::move(stop)});
  if (absl::IsUnavailable(receipt.status())) {
    Forget({claim.landlord, claim.partner, claim.endpoint}, inbox);
  }
  if (!receipt.ok()) co_return Refusal(receipt.status());
  co_return Answer{Fitting(std::move(*receipt->mutable_receipt_number()))};
}

}  // namespace veille::referral
