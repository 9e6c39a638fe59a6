// As many connections as a large installation has, and how fast new ones are made.

#include <gtest/gtest.h>

#include <functional>
#include <regex>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/client.h"
#include "e2e/crowd.h"
#include "e2e/edge.h"

namespace veille::e2e {
namespace {

using testing::Subprocess;

// Each connection has a file at both of its ends, at the edge two.
void ExpectAllLease(Programme& programme, Crowd& crowd) {
  const absl::Time start = absl::Now();
  crowd.ConnectAndLease();
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  EXPECT_EQ(crowd.leased(), crowd.size());
  EXPECT_EQ(crowd.connected(), crowd.size());
  std::printf("%d volunteers connected and leased in %.1f s; call-tracking has %.0f MB at most\n",
              crowd.leased(), seconds,
              static_cast<double>(programme.PeakBytes(Service::kCalls)) / 1e6);
}

TEST(CrowdTest, TwoThousandVolunteersLeaseThroughTheEdge) {
  if (!AllowOpenFiles(10'000)) GTEST_SKIP() << "10,000 open files are not allowed here";
  Programme programme;
  Crowd crowd(programme, {.landlords = 1, .volunteers = 2000});
  // All of them have one address here.
  const Edge edge(programme, {"--calls-per-second", "5000", "--burst", "5000"});
  programme.GoThrough(edge.address());
  ExpectAllLease(programme, crowd);
}

TEST(CrowdTest, TenThousandVolunteersLeaseDirectlyWithoutTls) {
  if (!AllowOpenFiles(20'000)) GTEST_SKIP() << "20,000 open files are not allowed here";
  Programme programme(Programme::Security::kLoopback);
  Crowd crowd(programme, {.landlords = 2, .volunteers = 5000});
  ExpectAllLease(programme, crowd);
}

// Handshakes a second that `openssl s_time`, one after the other, gets from a server.
double HandshakesWith(const std::string& address) {
  Subprocess client(
      {"/usr/bin/openssl", "s_time", "-connect", address, "-new", "-tls1_3", "-time", "3"});
  const std::string told = client.ReadAll();
  std::smatch found;
  if (!std::regex_search(told, found, std::regex(R"((\d+) connections in (\d+) real seconds)"))) {
    ADD_FAILURE() << address << ": " << told;
    return 0;
  }
  return std::stod(found[1]) / std::stod(found[2]);
}

// The same by channels of ours: TLS, then the settings of HTTP/2.
double ConnectionsTo(const std::string& address,
                     const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
  int made = 0;
  const absl::Time start = absl::Now();
  while (absl::Now() < start + absl::Seconds(3)) {
    const auto channel = grpc::CreateCustomChannel(address, credentials, rpc::ChannelArguments());
    EXPECT_TRUE(channel->WaitForConnected(absl::ToChronoTime(absl::Now() + absl::Seconds(20))));
    ++made;
  }
  return made / absl::ToDoubleSeconds(absl::Now() - start);
}

TEST(CrowdTest, HandshakesASecond) {
  Programme programme;
  const Edge edge(programme);
  const tls::Files files = programme.authority()->FilesOf("edge");
  const std::string openssl = absl::StrCat("127.0.0.1:", FreePort());
  Subprocess server({"/usr/bin/openssl", "s_server", "-accept", openssl, "-cert", files.certificate,
                     "-key", files.key, "-tls1_3", "-www"});
  ASSERT_TRUE(server.WaitForLine("ACCEPT", absl::Seconds(20)).has_value());
  const double reference = HandshakesWith(openssl);
  ASSERT_GT(reference, 0);
  const auto credentials = *tls::ChannelCredentials(programme.authority()->FilesOf(""));
  const auto tell = [&](const char* what, double handshakes) {
    std::printf("%-40s %6.0f handshakes a second, %.2f of openssl\n", what, handshakes,
                handshakes / reference);
    EXPECT_GT(handshakes, 0);
  };
  tell("openssl s_time, openssl s_server", reference);
  tell("openssl s_time, the edge", HandshakesWith(edge.address()));
  tell("a channel of ours, the edge", ConnectionsTo(edge.address(), credentials));
  tell("a channel of ours, call-tracking",
       ConnectionsTo(programme.address(Service::kCalls), credentials));
}

}  // namespace
}  // namespace veille::e2e
