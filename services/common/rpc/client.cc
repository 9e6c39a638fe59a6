#include "common/rpc/client.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <pthread.h>

#include <thread>

#include "absl/strings/numbers.h"
#include "common/access/caller.h"
#include "common/status/errors.h"

namespace veille::rpc {
namespace {

// A service calls whom it was told to call, and nobody in between whom its environment names.
std::shared_ptr<grpc::Channel> DirectChannel(const Endpoint& endpoint) {
  grpc::ChannelArguments arguments = ChannelArguments();
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  if (!endpoint.pinned.has_value()) {
    return grpc::CreateCustomChannel(endpoint.address, endpoint.credentials, arguments);
  }
  // To whoever is there it is as if the name had been looked up by gRPC.
  arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, endpoint.address);
  arguments.SetSslTargetNameOverride(endpoint.pinned->host);
  return grpc::CreateCustomChannel(endpoint.pinned->target, endpoint.credentials, arguments);
}

}  // namespace

grpc::ChannelArguments ChannelArguments() {
  grpc::ChannelArguments arguments;
  // Without these about 4 MB per stream are taken before a Write waits; with them about 0.1 MB.
  arguments.SetInt("grpc.http2.bdp_probe", 0);
  arguments.SetInt("grpc.http2.lookahead_bytes", 65536);
  // Nothing is unpacked: a small answer may come out as a very large one.
  arguments.SetInt(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, 1 << GRPC_COMPRESS_NONE);
  arguments.SetInt(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  // A peer that restarts is found again within a second. Each attempt may take five (MIN is the
  // name of that too): a TLS handshake over a slow network, or with a busy peer, takes its time.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  // Each peer has connections of its own: two channels to one address must not share a fate.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return arguments;
}

Peer::Peer(const Endpoint& endpoint, std::string own_name)
    : Peer(DirectChannel(endpoint), "service", std::move(own_name)) {}

Peer::Peer(std::shared_ptr<grpc::Channel> channel, std::string role, std::string subject,
           const std::string& token)
    : channel_(std::move(channel)),
      role_(std::move(role)),
      subject_(std::move(subject)),
      authorization_(token.empty() ? "" : "Bearer " + token) {}

void Peer::Prepare(grpc::ClientContext& context, const Outgoing& outgoing) const {
  context.set_deadline(absl::ToChronoTime(outgoing.deadline));
  if (!authorization_.empty()) context.AddMetadata("authorization", authorization_);
  context.AddMetadata(std::string(access::kRoleKey), role_);
  context.AddMetadata(std::string(access::kSubjectKey), subject_);
  context.AddMetadata(std::string(access::kLandlordKey), outgoing.landlord.ToString());
}

namespace internal {

absl::Status WithPushback(absl::Status status, const grpc::ClientContext& context) {
  const auto& metadata = context.GetServerTrailingMetadata();
  const auto pushback = metadata.find("grpc-retry-pushback-ms");
  if (pushback == metadata.end() || errors::RetryDelayOf(status).has_value()) return status;
  int64_t milliseconds = 0;
  const absl::string_view text(pushback->second.data(), pushback->second.size());
  if (!absl::SimpleAtoi(text, &milliseconds) || milliseconds <= 0) return status;
  return errors::WithRetry(std::move(status), absl::Milliseconds(milliseconds));
}

grpc::CompletionQueue& Completions() {
  // Never destroyed: a call may end after main has.
  static auto* const queue = [] {
    auto* made = new grpc::CompletionQueue;
    std::thread thread([made] {
      void* tag = nullptr;
      bool ok = false;
      while (made->Next(&tag, &ok)) static_cast<Completion*>(tag)->caller.resume();
    });
    pthread_setname_np(thread.native_handle(), "calls-ended");
    thread.detach();
    return made;
  }();
  return *queue;
}

}  // namespace internal
}  // namespace veille::rpc
