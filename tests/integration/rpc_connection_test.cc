// What one connection may cost, over the real protocol: sizes, calls at once, age, idleness, pings.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "common/rpc/client.h"
#include "integration/rpc_probe.h"
#include "testing/status_matchers.h"
#include "testing/wait_until.h"

namespace veille::rpc {
namespace {

using testing::IsOk;
using testing::StatusIs;
using testing::WaitUntil;

constexpr absl::Duration kSoon = absl::Milliseconds(200);

TEST(MessageTest, IsRefusedAboveItsSize) {
  const Probe probe;
  const ProbeClient client(probe);
  const size_t limit = 4 << 20;
  EXPECT_THAT(client.Find(std::string(limit - 100, 'a')), IsOk());
  EXPECT_THAT(client.Find(std::string(limit + 100, 'a')),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(client.Find(), IsOk()) << "on the same connection";
}

// Packed, megabytes of one letter are some kilobytes.
TEST(MessageTest, IsNotUnpacked) {
  const Probe probe;
  const ProbeClient client(probe);
  for (const size_t bytes : {size_t{1} << 10, size_t{64} << 20}) {
    for (const auto algorithm : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
      grpc::ClientContext context;
      ProbeClient::Prepare(context);
      context.set_compression_algorithm(algorithm);
      registry::FindHouseholdsRequest request;
      request.set_name(std::string(bytes, 'a'));
      registry::FindHouseholdsResponse response;
      EXPECT_THAT(FromGrpc(client.stub().FindHouseholds(&context, request, &response)),
                  StatusIs(absl::StatusCode::kUnimplemented))
          << bytes;
    }
  }
  EXPECT_THAT(client.Find(), IsOk()) << "on the same connection";
}

// A server of somebody else's, which packs what it answers whatever the client can unpack.
class PackingService final : public registry::RegistryService::Service {
  grpc::Status FindHouseholds(grpc::ServerContext* context,
                              const registry::FindHouseholdsRequest* /*request*/,
                              registry::FindHouseholdsResponse* response) override {
    context->set_compression_algorithm(GRPC_COMPRESS_GZIP);
    response->set_next_page_token(std::string(1 << 20, 'a'));
    return grpc::Status::OK;
  }
};

TEST(AnswerTest, IsNotUnpacked) {
  PackingService service;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  const auto find = [&](const grpc::ChannelArguments& arguments) {
    const auto stub = registry::RegistryService::NewStub(grpc::CreateCustomChannel(
        absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials(), arguments));
    grpc::ClientContext context;
    ProbeClient::Prepare(context);
    registry::FindHouseholdsResponse response;
    return FromGrpc(stub->FindHouseholds(&context, {}, &response));
  };
  EXPECT_THAT(find({}), IsOk());
  EXPECT_FALSE(find(ChannelArguments()).ok());
}

// The environment of a service names no way for its calls.
TEST(PeerTest, GoesThroughNoProxy) {
  const Probe probe;
  for (const char* name : {"grpc_proxy", "https_proxy", "http_proxy"}) {
    ASSERT_EQ(setenv(name, "http://127.0.0.1:1", 1), 0);
    const auto find = [](const std::shared_ptr<grpc::Channel>& channel) {
      grpc::ClientContext context;
      ProbeClient::Prepare(context);
      registry::FindHouseholdsResponse response;
      return FromGrpc(Registry(channel).FindHouseholds(&context, {}, &response));
    };
    const Peer peer({probe.address(), grpc::InsecureChannelCredentials()}, "call-tracking");
    EXPECT_THAT(find(peer.channel()), IsOk()) << name;
    EXPECT_FALSE(find(ProbeClient(probe).channel()).ok()) << name;
    unsetenv(name);
  }
}

absl::Status FindWithMetadata(const ProbeClient& client, size_t bytes) {
  grpc::ClientContext context;
  ProbeClient::Prepare(context);
  context.AddMetadata("x-padding", std::string(bytes, 'a'));
  registry::FindHouseholdsResponse response;
  return FromGrpc(client.stub().FindHouseholds(&context, {}, &response));
}

TEST(MetadataTest, IsRefusedAboveItsSize) {
  const Probe probe;
  const ProbeClient client(probe);
  EXPECT_THAT(FindWithMetadata(client, 15 << 10), IsOk());
  EXPECT_THAT(FindWithMetadata(client, 17 << 10), StatusIs(absl::StatusCode::kResourceExhausted));
  // gRPC closes the connection of some that send so much.
  EXPECT_TRUE(WaitUntil([&] { return client.Find().ok(); }));
}

TEST(CallsAtOnceTest, WaitAtTheClientAboveTheirNumber) {
  Probe probe({.connection = {.calls_at_once = 2}});
  const ProbeClient client(probe);
  ASSERT_THAT(client.Find(), IsOk());  // the client knows the number now
  std::vector<std::future<absl::Status>> calls;
  for (int i = 0; i < 4; ++i) calls.push_back(client.FindAndWait());
  ASSERT_TRUE(WaitUntil([&] { return probe.in_flight() == 2; }));
  EXPECT_FALSE(WaitUntil([&] { return probe.in_flight() > 2; }, kSoon));
  const ProbeClient other(probe);
  EXPECT_THAT(other.Find(), IsOk()) << "each connection has its own number";
  probe.Release();
  for (auto& call : calls) EXPECT_THAT(call.get(), IsOk());
}

TEST(IdleTest, ConnectionsAreClosedAndOthersAreNot) {
  Probe probe({.connection = {.idle = absl::Milliseconds(100)}});
  const ProbeClient busy(probe);
  auto call = busy.FindAndWait();
  ASSERT_TRUE(WaitUntil([&] { return probe.in_flight() == 1; }));
  const ProbeClient idle(probe);
  ASSERT_THAT(idle.Find(), IsOk());
  EXPECT_TRUE(WaitUntil([&] { return idle.state() == GRPC_CHANNEL_IDLE; }));
  EXPECT_EQ(busy.state(), GRPC_CHANNEL_READY);
  probe.Release();
  EXPECT_THAT(call.get(), IsOk());
  EXPECT_THAT(idle.Find(), IsOk()) << "over another connection";
  EXPECT_EQ(probe.connections(), 3u);
}

TEST(AgeTest, ConnectionsAreReplacedWithoutAnError) {
  Probe probe({.connection = {.age = absl::Milliseconds(100)}});
  const ProbeClient client(probe);
  const absl::Time begun = absl::Now();
  EXPECT_TRUE(WaitUntil([&] {
    EXPECT_THAT(client.Find(), IsOk());
    return probe.connections() >= 3;
  })) << "connections: "
      << probe.connections();
  EXPECT_GT(absl::Now() - begun, absl::Milliseconds(150)) << "they live as long as they may";
}

TEST(AgeTest, CallsEndWithTheGrace) {
  Probe probe(
      {.connection = {.age = absl::Milliseconds(100), .age_grace = absl::Milliseconds(100)}});
  const ProbeClient client(probe);
  EXPECT_THAT(client.FindAndWait().get(), StatusIs(absl::StatusCode::kUnavailable));
}

TEST(AgeTest, CallsThatEndWithinTheGraceAreAnswered) {
  Probe probe({.connection = {.age = absl::Milliseconds(50), .age_grace = absl::Seconds(30)}});
  const ProbeClient client(probe);
  auto call = client.FindAndWait();
  ASSERT_TRUE(WaitUntil([&] { return probe.in_flight() == 1; }));
  // Others find the connection gone: it is too old.
  EXPECT_TRUE(WaitUntil([&] {
    EXPECT_THAT(client.Find(), IsOk());
    return probe.connections() >= 2;
  }));
  probe.Release();
  EXPECT_THAT(call.get(), IsOk());
}

grpc::ChannelArguments PingingEach(int milliseconds) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, milliseconds);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_MIN_SENT_PING_INTERVAL_WITHOUT_DATA_MS, milliseconds);
  return arguments;
}

TEST(PingTest, WhoPingsTooOftenIsToldToGo) {
  Probe probe;
  const ProbeClient client(probe, PingingEach(20));
  const absl::Status cut = client.FindAndWait().get();
  EXPECT_THAT(cut, StatusIs(absl::StatusCode::kUnavailable));
}

TEST(PingTest, WhoPingsAsOftenAsIsAllowedStays) {
  Probe probe({.connection = {.least_between_pings = absl::Milliseconds(1)}});
  const ProbeClient client(probe, PingingEach(20));
  auto call = client.FindAndWait();
  ASSERT_TRUE(WaitUntil([&] { return probe.in_flight() == 1; }));
  EXPECT_FALSE(WaitUntil([&] { return client.state() != GRPC_CHANNEL_READY; }, kSoon));
  probe.Release();
  EXPECT_THAT(call.get(), IsOk());
}

// A client that shook hands and says nothing more: a phone in a tunnel.
class SilentClient {
 public:
  explicit SilentClient(const std::string& address) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    EXPECT_EQ(connect(descriptor_, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    // The preface and empty SETTINGS.
    constexpr char kHello[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
    EXPECT_EQ(send(descriptor_, kHello, sizeof kHello - 1, 0), ssize_t{sizeof kHello - 1});
  }
  ~SilentClient() { close(descriptor_); }

  // What came is read and forgotten.
  bool Cut() const {
    char bytes[4096];
    while (true) {
      const ssize_t read = recv(descriptor_, bytes, sizeof bytes, MSG_DONTWAIT);
      if (read == 0) return true;
      if (read < 0) return errno != EAGAIN;
    }
  }

 private:
  const int descriptor_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

TEST(PingTest, WhoAnswersNoneIsFoundOut) {
  const Probe probe({.connection = {.own_pings = absl::Milliseconds(100),
                                    .own_ping_timeout = absl::Milliseconds(500)}});
  const ProbeClient alive(probe);
  ASSERT_THAT(alive.Find(), IsOk());
  const SilentClient silent(probe.address());
  EXPECT_FALSE(silent.Cut());
  EXPECT_TRUE(WaitUntil([&] { return silent.Cut(); }));
  EXPECT_EQ(alive.state(), GRPC_CHANNEL_READY);
  EXPECT_EQ(probe.connections(), 1u);
}

}  // namespace
}  // namespace veille::rpc
