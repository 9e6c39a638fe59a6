// What stands before every handler, over the real protocol: rates, deadlines, reasons, room.

#include <gmock/gmock.h>
#include <grpcpp/support/sync_stream.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>

#include "absl/time/clock.h"
#include "common/rpc/reason.h"
#include "common/status/errors.h"
#include "google/rpc/error_details.pb.h"
#include "grpcpp/impl/codegen/client_unary_call.h"
#include "integration/rpc_probe.h"
#include "testing/status_matchers.h"
#include "testing/wait_until.h"

namespace veille::rpc {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::ReasonIs;
using testing::StatusIs;
using testing::WaitUntil;
namespace pb = ::veille::common::v1;

template <typename Detail>
Detail DetailOf(const absl::Status& status) {
  Detail detail;
  const auto payload =
      status.GetPayload("type.googleapis.com/" + Detail::descriptor()->full_name());
  EXPECT_TRUE(payload.has_value() && detail.ParseFromString(std::string(*payload))) << status;
  return detail;
}

absl::Duration RetryOf(const absl::Status& status) {
  const auto delay = DetailOf<google::rpc::RetryInfo>(status).retry_delay();
  return absl::Seconds(delay.seconds()) + absl::Nanoseconds(delay.nanos());
}

TEST(RateTest, WhoCallsTooOftenHearsWhenToCallAgain) {
  Probe probe({.limits = {.calls = {.person = {.per_second = 2, .burst = 3}}}});
  const ProbeClient client(probe);
  for (int i = 0; i < 3; ++i) ASSERT_THAT(client.Find(), IsOk());
  const absl::Status refused = client.Find();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(refused, ReasonIs(pb::ERROR_REASON_RATE_LIMITED));
  EXPECT_EQ(RetryOf(refused), absl::Milliseconds(500));
  EXPECT_THAT(client.Find("martin", "grace"), IsOk()) << "others go on";
  EXPECT_EQ(probe.in_flight(), 0) << "who is refused takes no room";
  probe.clock().Advance(RetryOf(refused));
  EXPECT_THAT(client.Find(), IsOk());
  EXPECT_THAT(probe.metrics(),
              HasSubstr("veille_calls_limited_total{role=\"person\",reason=\"rate\"} 1"));
}

TEST(RoomTest, WhoFindsNoneHearsSoAtOnce) {
  Probe probe({.in_flight = 2});
  const ProbeClient client(probe);
  auto first = client.FindAndWait();
  auto second = client.FindAndWait();
  ASSERT_TRUE(WaitUntil([&] { return probe.in_flight() == 2; }));
  const absl::Status refused = client.Find();
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(refused, ReasonIs(pb::ERROR_REASON_OVERLOADED));
  EXPECT_GT(RetryOf(refused), absl::ZeroDuration());
  probe.Release();
  EXPECT_THAT(first.get(), IsOk());
  EXPECT_THAT(second.get(), IsOk());
  ASSERT_TRUE(WaitUntil([&] { return probe.in_flight() == 0; }));
  EXPECT_THAT(client.Find(), IsOk());
}

// Each kind of call, without a deadline and with one.
class DeadlineTest : public ::testing::Test {
 protected:
  void Identify(grpc::ClientContext& context, const std::string& role, bool with_deadline) {
    ProbeClient::Prepare(context, role, role == "service" ? "call-tracking" : "ada");
    if (!with_deadline) context.set_deadline(std::chrono::system_clock::time_point::max());
  }
  absl::Status CallUnary(const std::string& role, bool with_deadline) {
    grpc::ClientContext context;
    Identify(context, role, with_deadline);
    registry::FindHouseholdsResponse response;
    return FromGrpc(client_.stub().FindHouseholds(&context, {}, &response));
  }
  absl::Status CallServerStream(bool with_deadline) {
    grpc::ClientContext context;
    Identify(context, "service", with_deadline);
    const auto reader = client_.stub().SelectCohort(&context, {});
    registry::SelectCohortResponse page;
    while (reader->Read(&page)) {
    }
    return FromGrpc(reader->Finish());
  }
  absl::Status CallBidiStream(bool with_deadline) {
    grpc::ClientContext context;
    Identify(context, "coordinator", with_deadline);
    const auto stream = client_.stub().ImportHouseholds(&context);
    stream->WritesDone();
    registry::ImportHouseholdsResponse answer;
    while (stream->Read(&answer)) {
    }
    return FromGrpc(stream->Finish());
  }

  Probe probe_;
  const ProbeClient client_{probe_};
};

TEST_F(DeadlineTest, IsRequiredOfEveryKindOfCall) {
  for (const absl::Status& refused :
       {CallUnary("coordinator", false), CallServerStream(false), CallBidiStream(false)}) {
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(refused, ReasonIs(pb::ERROR_REASON_DEADLINE_REQUIRED));
    EXPECT_THAT(std::string(refused.message()), HasSubstr("set one")) << "the way out";
  }
  EXPECT_THAT(CallUnary("coordinator", true), IsOk());
  EXPECT_THAT(CallServerStream(true), IsOk());
  EXPECT_THAT(CallBidiStream(true), IsOk());
}

TEST_F(DeadlineTest, IsNotAskedOfThoseWhoMayNotCall) {
  EXPECT_THAT(CallUnary("volunteer", false), ReasonIs(pb::ERROR_REASON_ACCESS_DENIED));
  EXPECT_THAT(CallUnary("nobody", false), ReasonIs(pb::ERROR_REASON_UNAUTHENTICATED));
}

// What is left is too little for an answer; a client whose time is over before has none from here.
TEST_F(DeadlineTest, ThatIsTooShortIsRefusedBeforeAnythingIsDone) {
  absl::Status refused;
  EXPECT_TRUE(WaitUntil([&] {
    grpc::ClientContext context;
    Identify(context, "coordinator", true);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(45));
    registry::FindHouseholdsResponse response;
    refused = FromGrpc(client_.stub().FindHouseholds(&context, {}, &response));
    return errors::ReasonOf(refused) == pb::ERROR_REASON_DEADLINE_TOO_SHORT;
  })) << refused;
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kDeadlineExceeded));
}

constexpr char kReflection[] = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";

// Raw calls: of contracts that are gRPC's own, of none, and with bytes that are none of ours.
absl::Status CallRaw(
    const std::shared_ptr<grpc::Channel>& channel, const char* path,
    grpc::internal::RpcMethod::RpcType type, const std::string& bytes = "",
    void (*prepare)(grpc::ClientContext&) = [](grpc::ClientContext&) {}) {
  grpc::ClientContext context;
  prepare(context);
  const grpc::internal::RpcMethod method(path, type);
  grpc::ByteBuffer response;
  const grpc::Slice slice(bytes);
  const grpc::ByteBuffer request(&slice, 1);
  return FromGrpc(grpc::internal::BlockingUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
      channel.get(), method, &context, request, &response));
}

TEST_F(DeadlineTest, IsNotAskedByHealth) {
  EXPECT_THAT(CallRaw(client_.channel(), "/grpc.health.v1.Health/Check",
                      grpc::internal::RpcMethod::NORMAL_RPC),
              IsOk());
}

TEST_F(DeadlineTest, IsNotAskedByReflection) {
  EXPECT_THAT(CallRaw(client_.channel(), kReflection, grpc::internal::RpcMethod::BIDI_STREAMING),
              IsOk());
}

TEST(RequestTest, WhoseBytesAreNoneIsMalformed) {
  const Probe probe;
  const ProbeClient client(probe);
  const absl::Status refused =
      CallRaw(client.channel(), "/veille.registry.v1.RegistryService/FindHouseholds",
              grpc::internal::RpcMethod::NORMAL_RPC, "\x0a\x7f\x01",
              [](grpc::ClientContext& context) { ProbeClient::Prepare(context); });
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(refused, ReasonIs(pb::ERROR_REASON_MALFORMED_REQUEST));
}

TEST(RequestTest, OfAMethodThatNobodyHasSaysSo) {
  const Probe probe;
  const ProbeClient client(probe);
  for (const char* path : {"/veille.registry.v1.RegistryService/ForgetHousehold",
                           "/veille.registry.v9.RegistryService/FindHouseholds", "/", "nonsense"}) {
    for (const auto type :
         {grpc::internal::RpcMethod::NORMAL_RPC, grpc::internal::RpcMethod::BIDI_STREAMING}) {
      const absl::Status refused = CallRaw(client.channel(), path, type);
      EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnimplemented)) << path;
      EXPECT_THAT(refused, ReasonIs(pb::ERROR_REASON_METHOD_UNKNOWN)) << path;
    }
  }
  EXPECT_THAT(client.Find(), IsOk()) << "on the same connection";
}

size_t Threads() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<size_t>(std::distance(begin(tasks), end(tasks)));
}

// Anybody may open a stream of reflection, and each has a thread for as long as it stands.
TEST(ReflectionTest, TakesSoManyThreadsAndNoMore) {
  using Stream = grpc::ClientReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>;
  constexpr int kStreams = 60;
  const Probe probe;
  const ProbeClient client(probe);
  const grpc::internal::RpcMethod method(kReflection, grpc::internal::RpcMethod::BIDI_STREAMING);
  const size_t before = Threads();
  std::vector<grpc::ClientContext> contexts(kStreams);
  std::vector<std::unique_ptr<Stream>> streams;
  for (grpc::ClientContext& context : contexts) {
    streams.emplace_back(
        grpc::internal::ClientReaderWriterFactory<grpc::ByteBuffer, grpc::ByteBuffer>::Create(
            client.channel().get(), method, &context));
  }
  const auto end = [](Stream& stream) {
    stream.WritesDone();
    return FromGrpc(stream.Finish());
  };
  EXPECT_THAT(end(*streams.back()), StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_LT(Threads(), before + kStreams / 2);
  streams.pop_back();
  for (const auto& stream : streams) (void)end(*stream);
  EXPECT_TRUE(WaitUntil([&] {
    return CallRaw(client.channel(), kReflection, grpc::internal::RpcMethod::BIDI_STREAMING).ok();
  })) << "when they are gone, it is as before";
}

// The look outside one's own work.
class ReasonTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::string> Get(const std::string& role, const std::string& value) {
    grpc::ClientContext context;
    ProbeClient::Prepare(context, role);
    if (!value.empty()) context.AddMetadata(std::string(kReasonKey), value);
    registry::GetHouseholdResponse response;
    const grpc::Status status = client_.stub().GetHousehold(&context, {}, &response);
    if (!status.ok()) return FromGrpc(status);
    return response.household().client_reference();
  }
  absl::Status Find(const std::string& role) {
    grpc::ClientContext context;
    ProbeClient::Prepare(context, role);
    registry::FindHouseholdsResponse response;
    return FromGrpc(client_.stub().FindHouseholds(&context, {}, &response));
  }

  Probe probe_;
  const ProbeClient client_{probe_};
};

TEST_F(ReasonTest, IsRequiredWhereTheContractSaysSo) {
  for (const char* role : {"coordinator", "dpo"}) {
    const auto refused = Get(role, "");
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition)) << role;
    EXPECT_THAT(refused, ReasonIs(pb::ERROR_REASON_REASON_REQUIRED)) << role;
    EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(refused.status()).metadata().at("metadata_key"),
              kReasonKey);
    const auto given = Get(role, EncodeReason("plainte du 3 avril, dossier n° 17"));
    ASSERT_THAT(given, IsOk()) << role;
    EXPECT_EQ(*given, "plainte du 3 avril, dossier n° 17");
  }
  EXPECT_THAT(Get("coordinator", "too short"), ReasonIs(pb::ERROR_REASON_REASON_REQUIRED));
  EXPECT_THAT(Get("volunteer", EncodeReason("out of mere curiosity")),
              ReasonIs(pb::ERROR_REASON_ACCESS_DENIED))
      << "a reason opens nothing that the role does not";
}

TEST_F(ReasonTest, IsRequiredOfTheRolesWhoseWorkItIsNot) {
  EXPECT_THAT(Find("coordinator"), IsOk());
  EXPECT_THAT(Find("dpo"), ReasonIs(pb::ERROR_REASON_REASON_REQUIRED));
}

}  // namespace
}  // namespace veille::rpc
