#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>

#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/rpc/client.h"
#include "common/rpc/server.h"
#include "common/rpc/status.h"

namespace veille::rpc {
namespace {

// grpc.health.v1.HealthCheckResponse { status: SERVING } on the wire. The message is too small to
// carry its contract along: Debian packages the service but not its proto.
constexpr std::string_view kServing("\x08\x01", 2);

}  // namespace

absl::Status CheckHealth(const Endpoint& endpoint, absl::Duration timeout) {
  const auto channel =
      grpc::CreateCustomChannel(endpoint.address, endpoint.credentials, ChannelArguments());
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  grpc::ByteBuffer request;
  grpc::Slice empty;
  request = grpc::ByteBuffer(&empty, 1);
  grpc::ByteBuffer response;
  grpc::Status status;
  absl::Notification done;
  stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", grpc::StubOptions(), &request, &response,
                 [&](grpc::Status result) {
                   status = std::move(result);
                   done.Notify();
                 });
  done.WaitForNotification();
  if (!status.ok()) return FromGrpc(status);
  grpc::Slice answer;
  if (!response.DumpToSingleSlice(&answer).ok() ||
      std::string_view(reinterpret_cast<const char*>(answer.begin()), answer.size()) != kServing) {
    return absl::UnavailableError("the server answers, but does not serve");
  }
  return absl::OkStatus();
}

}  // namespace veille::rpc
