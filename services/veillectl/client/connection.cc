#include "veillectl/client/connection.h"

#include <grpcpp/create_channel.h>

#include <utility>

#include "absl/time/clock.h"
#include "common/rpc/client.h"
#include "common/rpc/reason.h"
#include "common/status/errors.h"

namespace veille::veillectl {

Connection::Connection(const std::string& address, Identity identity,
                       std::shared_ptr<const Proof> proof, absl::Duration timeout)
    : address_(address),
      identity_(std::move(identity)),
      proof_(std::move(proof)),
      timeout_(timeout),
      channel_(grpc::CreateCustomChannel(address, proof_->credentials(), rpc::ChannelArguments())) {
}

Connection Connection::WithReason(std::string reason) const {
  Connection other = *this;
  other.identity_.reason = std::move(reason);
  return other;
}

bool Connection::AwaitRate(const absl::Status& failed, absl::Time until) {
  if (errors::ReasonOf(failed) != common::v1::ERROR_REASON_RATE_LIMITED) return false;
  const std::optional<absl::Duration> delay = errors::RetryDelayOf(failed);
  if (!delay.has_value() || absl::Now() + *delay >= until) return false;
  absl::SleepFor(*delay);
  return true;
}

bool Connection::WaitUntilReachable(absl::Duration timeout) const {
  return channel_->WaitForConnected(absl::ToChronoTime(absl::Now() + timeout));
}

void Connection::Prepare(grpc::ClientContext& context, absl::Duration timeout) const {
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  if (!service_.empty()) context.AddMetadata("veille-service", service_);
  // What cannot be shown was told when the session connected; the service says the rest.
  proof_->Attach(identity_, context).IgnoreError();
  if (!identity_.reason.empty()) {
    context.AddMetadata(std::string(rpc::kReasonKey), rpc::EncodeReason(identity_.reason));
  }
}

}  // namespace veille::veillectl
