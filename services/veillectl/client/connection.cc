#include "veillectl/client/connection.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <utility>

#include "absl/time/clock.h"
#include "common/access/caller.h"
#include "common/rpc/client.h"

namespace veille::veillectl {

Connection::Connection(const std::string& address, Identity identity, absl::Duration timeout)
    : address_(address),
      identity_(std::move(identity)),
      timeout_(timeout),
      channel_(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(),
                                         rpc::ChannelArguments())) {}

bool Connection::WaitUntilReachable(absl::Duration timeout) const {
  return channel_->WaitForConnected(absl::ToChronoTime(absl::Now() + timeout));
}

void Connection::Prepare(grpc::ClientContext& context, absl::Duration timeout) const {
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  const auto add = [&context](std::string_view key, const std::string& value) {
    if (!value.empty()) context.AddMetadata(std::string(key), value);
  };
  add(access::kRoleKey, identity_.role);
  add(access::kSubjectKey, identity_.subject);
  add(access::kLandlordKey, identity_.landlord);
  add(access::kPartnerKey, identity_.partner);
}

}  // namespace veille::veillectl
