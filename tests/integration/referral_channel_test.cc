// Where pushes to partners' inboxes go, with TLS: nowhere that was not vetted.

#include <gtest/gtest.h>

#include <atomic>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/async/sync_wait.h"
#include "integration/tls_fixture.h"
#include "referral/delivery/channel_grpc.h"
#include "testing/status_matchers.h"

namespace veille::referral {
namespace {

using testing::IsOk;
using testing::TlsServer;

constexpr char kHost[] = "inbox.example";

web::Address AddressOf(const std::string& text) { return web::Address::Parse(text).value(); }

class GrpcChannelTest : public ::testing::Test {
 protected:
  // The partner's machine, with a certificate for its host as most authorities issue them.
  tls::Files MachineFor(const std::string& host) const {
    veillectl::Leaf leaf;
    leaf.name = host;
    leaf.hosts = {host};
    leaf.begins = absl::Now() - absl::Hours(1);
    leaf.ends = absl::Now() + absl::Hours(1);
    return dev_.Write(host, dev_.Issue(leaf));
  }

  // Names stand for what this says from now on.
  void LeadsTo(const std::vector<std::string>& addresses) {
    absl::MutexLock lock(&mutex_);
    leads_to_.clear();
    for (const std::string& address : addresses) leads_to_.push_back(AddressOf(address));
  }

  // Calls may go to 127.77.0.0/16 and to 127.0.0.1, at the port of `server`.
  void MayCall(const TlsServer& server) {
    web::CallerOptions options;
    options.policy =
        web::AddressPolicy::Parse("127.77.0.0/16,127.0.0.1/32", absl::StrCat(server.port()))
            .value();
    options.lookup = [this](const std::string&) -> absl::StatusOr<std::vector<web::Address>> {
      ++lookups_;
      absl::MutexLock lock(&mutex_);
      return leads_to_;
    };
    caller_ = std::make_unique<web::Caller>(std::move(options));
    const auto partners = PartnersByTls(dev_.authority.FilesOf("referral"), "veille.internal");
    ASSERT_THAT(partners, IsOk());
    channel_ = std::make_unique<GrpcChannel>(EndpointPolicy{}, *partners, *caller_);
  }

  Answer Push(const std::string& endpoint) {
    Claim claim;
    claim.landlord = landlord_;
    claim.partner = partner_;
    claim.endpoint = endpoint;
    return async::SyncWait(
        channel_->Send(claim, {}, absl::Now() + absl::Seconds(20), std::stop_token()));
  }

  // Nothing was sent, and the same channel reaches the partner.
  void ExpectRefused(const std::string& endpoint, const TlsServer& machine) {
    SCOPED_TRACE(endpoint);
    const int calls = machine.calls();
    const Answer answer = Push(endpoint);
    EXPECT_TRUE(absl::IsPermissionDenied(answer.receipt.status()) ||
                absl::IsInvalidArgument(answer.receipt.status()))
        << answer.receipt.status();
    EXPECT_TRUE(answer.hopeless);
    EXPECT_EQ(machine.calls(), calls);
  }

  const testing::TestAuthority dev_;
  const ids::LandlordId landlord_{ids::Uuid::Random()};
  const ids::PartnerId partner_{ids::Uuid::Random()};
  std::atomic<int> lookups_ = 0;
  absl::Mutex mutex_;
  std::vector<web::Address> leads_to_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<web::Caller> caller_;
  std::unique_ptr<GrpcChannel> channel_;
};

// Its name means nothing to the resolver of gRPC: whoever answers was connected to by address, and
// showed a certificate for the name.
TEST_F(GrpcChannelTest, GoesToTheVettedAddressOfTheNameAndLooksItUpOnce) {
  const TlsServer machine(MachineFor(kHost));
  MayCall(machine);
  LeadsTo({"127.0.0.1", "127.77.0.9"});
  for (int i = 0; i < 3; ++i) {
    const Answer answer = Push(machine.address(kHost));
    ASSERT_THAT(answer.receipt, IsOk());
    EXPECT_EQ(*answer.receipt, "spiffe://veille.internal/service/referral");
  }
  EXPECT_EQ(machine.calls(), 3);
  EXPECT_EQ(lookups_, 1);
}

TEST_F(GrpcChannelTest, AnotherHostsCertificateIsRefused) {
  const TlsServer machine(MachineFor("elsewhere.example"));
  MayCall(machine);
  LeadsTo({"127.0.0.1"});
  const Answer answer = Push(machine.address(kHost));
  EXPECT_TRUE(absl::IsUnavailable(answer.receipt.status())) << answer.receipt.status();
  EXPECT_FALSE(answer.hopeless);
  EXPECT_EQ(machine.calls(), 0);
  EXPECT_THAT(Push(machine.address("elsewhere.example")).receipt, IsOk());
}

TEST_F(GrpcChannelTest, NothingGoesWhereNoCallMayGo) {
  const TlsServer machine(MachineFor(kHost));
  MayCall(machine);
  for (const char* address :
       {"127.0.0.2", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fd00::1",
        "64:ff9b::7f00:1", "::ffff:127.0.0.1", "2002:7f00:1::"}) {
    LeadsTo({address});
    ExpectRefused(machine.address(kHost), machine);
    LeadsTo({"127.0.0.1", address});
    ExpectRefused(machine.address(kHost), machine);
    const bool is_v6 = AddressOf(address).is_v6();
    ExpectRefused(machine.address(is_v6 ? absl::StrCat("[", address, "]") : address), machine);
  }
  LeadsTo({"127.0.0.1"});
  ExpectRefused(absl::StrCat(kHost, ":", machine.port() - 1), machine);
  for (const char* host :
       {"127.1", "2130706433", "0x7f000001", "0177.0.0.1", "dns:///x", "user@x"}) {
    ExpectRefused(machine.address(host), machine);
  }
  EXPECT_THAT(Push(machine.address(kHost)).receipt, IsOk());
}

// A name that stands for something else the next time is vetted again before anything goes there.
TEST_F(GrpcChannelTest, WhatANameStandsForLaterIsVettedToo) {
  auto machine = std::make_unique<TlsServer>(MachineFor(kHost));
  const std::string endpoint = machine->address(kHost);
  MayCall(*machine);
  LeadsTo({"127.0.0.1"});
  ASSERT_THAT(Push(endpoint).receipt, IsOk());
  LeadsTo({"10.0.0.1"});
  EXPECT_THAT(Push(endpoint).receipt, IsOk()) << "goes where the name was vetted";
  machine.reset();
  EXPECT_TRUE(absl::IsUnavailable(Push(endpoint).receipt.status()));
  const Answer answer = Push(endpoint);
  EXPECT_TRUE(absl::IsPermissionDenied(answer.receipt.status())) << answer.receipt.status();
  EXPECT_TRUE(answer.hopeless);
}

TEST_F(GrpcChannelTest, ANameWithoutAddressesIsTriedAgain) {
  const TlsServer machine(MachineFor(kHost));
  MayCall(machine);
  LeadsTo({});
  const Answer answer = Push(machine.address(kHost));
  EXPECT_TRUE(absl::IsUnavailable(answer.receipt.status())) << answer.receipt.status();
  EXPECT_FALSE(answer.hopeless);
  LeadsTo({"127.0.0.1"});
  EXPECT_THAT(Push(machine.address(kHost)).receipt, IsOk());
}

}  // namespace
}  // namespace veille::referral
