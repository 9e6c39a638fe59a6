#include "veillectl/client/connection.h"

#include <grpcpp/create_channel.h>

#include <utility>

#include "absl/time/clock.h"
#include "common/rpc/client.h"

namespace veille::veillectl {

Connection::Connection(const std::string& address, Identity identity,
                       std::shared_ptr<const Proof> proof, absl::Duration timeout)
    : address_(address),
      identity_(std::move(identity)),
      proof_(std::move(proof)),
      timeout_(timeout),
      channel_(grpc::CreateCustomChannel(address, proof_->credentials(), rpc::ChannelArguments())) {
}

bool Connection::WaitUntilReachable(absl::Duration timeout) const {
  return channel_->WaitForConnected(absl::ToChronoTime(absl::Now() + timeout));
}

void Connection::Prepare(grpc::ClientContext& context, absl::Duration timeout) const {
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  // What cannot be shown was told when the session connected; the service says the rest.
  proof_->Attach(identity_, context).IgnoreError();
}

}  // namespace veille::veillectl
