// Keys brought over the wire: from whom they are taken, how much, how long it may last.

#include "common/tokens/fetch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/time/clock.h"
#include "common/tokens/minting.h"
#include "common/tokens/verifier.h"
#include "integration/canned_server.h"
#include "testing/fake_clock.h"
#include "testing/status_matchers.h"
#include "testing/temporary_folder.h"
#include "testing/wait_until.h"

namespace veille::tokens {
namespace {

using ::testing::HasSubstr;
using ::veille::testing::CannedServer;
using ::veille::testing::IsOk;
using ::veille::testing::StatusIs;
using ::veille::testing::WaitUntil;
using veillectl::CertificateAuthority;
using veillectl::KeyedCertificate;
using veillectl::Leaf;

constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

struct Authority {
  Authority()
      : authority(CertificateAuthority::Generate("test", begins, ends).value()),
        path(folder.Write("authority.pem", authority.ToPem()->certificate)) {}

  Leaf LeafFor(const std::string& host) const {
    Leaf leaf;
    leaf.name = host;
    leaf.hosts = {host};
    leaf.begins = begins;
    leaf.ends = ends;
    return leaf;
  }
  KeyedCertificate Issue(const Leaf& leaf) const { return authority.Issue(leaf).value(); }

  const absl::Time begins = absl::Now() - absl::Hours(2);
  const absl::Time ends = absl::Now() + absl::Hours(2);
  const testing::TemporaryFolder folder;
  const CertificateAuthority authority;
  const std::string path;
};

FetchOptions Loopback() {
  FetchOptions options;
  options.loopback_http = true;
  return options;
}

std::string Plain(const CannedServer& server) {
  return "http://127.0.0.1:" + std::to_string(server.port()) + "/keys";
}
std::string Secure(const CannedServer& server) {
  return "https://localhost:" + std::to_string(server.port()) + "/keys";
}

absl::StatusOr<std::string> Fetched(const std::string& location, const FetchOptions& options) {
  return FetchKeys(location, options, std::stop_token());
}

TEST(FetchTest, BringsWhatIsAnswered) {
  CannedServer server;
  server.SayOk("the keys");
  const auto text = Fetched(Plain(server), Loopback());
  ASSERT_THAT(text, IsOk());
  EXPECT_EQ(*text, "the keys");
}

TEST(FetchTest, AsksInClearTextOnlyWhereThatIsSaid) {
  CannedServer server;
  server.SayOk("the keys");
  EXPECT_THAT(Fetched(Plain(server), FetchOptions()), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(server.requests(), 0);
}

class SecureFetchTest : public ::testing::Test {
 protected:
  // What comes from a server with this certificate, whether it was asked at all.
  absl::StatusOr<std::string> FetchedFrom(const KeyedCertificate& certificate,
                                          const FetchOptions& options) {
    CannedServer server(certificate);
    server.SayOk("the keys");
    auto text = Fetched(Secure(server), options);
    asked_ = server.requests();
    return text;
  }
  FetchOptions Trusting() const {
    FetchOptions options;
    options.authorities = ours_.path;
    return options;
  }

  const Authority ours_;
  int asked_ = 0;
};

TEST_F(SecureFetchTest, TakesAServerThatTheAuthorityCertifies) {
  const auto text = FetchedFrom(ours_.Issue(ours_.LeafFor("localhost")), Trusting());
  ASSERT_THAT(text, IsOk());
  EXPECT_EQ(*text, "the keys");
  EXPECT_EQ(asked_, 1);
}

TEST_F(SecureFetchTest, AsksNobodyElse) {
  const Authority others;
  Leaf expired = ours_.LeafFor("localhost");
  expired.ends = absl::Now() - absl::Hours(1);
  Leaf client = ours_.LeafFor("localhost");
  client.usages = "clientAuth";
  const KeyedCertificate wrong[] = {others.Issue(others.LeafFor("localhost")),
                                    ours_.Issue(ours_.LeafFor("login.example")),
                                    ours_.Issue(expired), ours_.Issue(client),
                                    veillectl::SelfSigned(ours_.LeafFor("localhost")).value()};
  for (const KeyedCertificate& certificate : wrong) {
    EXPECT_THAT(FetchedFrom(certificate, Trusting()), StatusIs(kUnavailable));
    EXPECT_EQ(asked_, 0);
  }
  // The system knows nothing of our authority.
  EXPECT_THAT(FetchedFrom(ours_.Issue(ours_.LeafFor("localhost")), FetchOptions()),
              StatusIs(kUnavailable));
  EXPECT_EQ(asked_, 0);
}

TEST(FetchTest, FollowsNobodyElsewhere) {
  CannedServer elsewhere, server;
  elsewhere.SayOk("other keys");
  for (const char* status : {"301 Moved", "302 Found", "307 Temporary", "308 Permanent"}) {
    server.Say("HTTP/1.1 " + std::string(status) + "\r\nLocation: " + Plain(elsewhere) +
               "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    const auto text = Fetched(Plain(server), Loopback());
    EXPECT_THAT(text, StatusIs(kUnavailable));
    EXPECT_THAT(std::string(text.status().message()), HasSubstr("HTTP 30"));
  }
  EXPECT_EQ(elsewhere.requests(), 0);
}

TEST(FetchTest, TakesNoOtherAnswer) {
  CannedServer server;
  for (const char* answer :
       {"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 206 Partial\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 204 Empty\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}", "SSH-2.0-OpenSSH\r\n", ""}) {
    server.Say(answer);
    EXPECT_THAT(Fetched(Plain(server), Loopback()), StatusIs(kUnavailable)) << answer;
  }
}

TEST(FetchTest, TakesSoMuchAndNoMore) {
  CannedServer server;
  const std::string most(kMostKeyBytes, 'k');
  server.SayOk(most);
  EXPECT_THAT(Fetched(Plain(server), Loopback()), IsOk());
  server.SayOk(most + "k");
  EXPECT_THAT(Fetched(Plain(server), Loopback()), StatusIs(kUnavailable));
  // The same when it does not say beforehand how much there will be.
  server.Say("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + most + "k");
  const auto text = Fetched(Plain(server), Loopback());
  EXPECT_THAT(text, StatusIs(kUnavailable));
  EXPECT_THAT(std::string(text.status().message()), HasSubstr("256 KB"));
}

TEST(FetchTest, WaitsNoLongerThanItMay) {
  CannedServer server;
  FetchOptions options = Loopback();
  options.timeout = absl::Milliseconds(200);
  for (const char* answer : {"", "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"}) {
    server.Say(answer, /*hangs=*/true);
    const absl::Time begin = absl::Now();
    EXPECT_THAT(Fetched(Plain(server), options), StatusIs(kUnavailable));
    EXPECT_LT(absl::Now() - begin, absl::Seconds(3));
  }
}

TEST(FetchTest, StopsWhenItIsToldTo) {
  CannedServer server;
  server.Say("", /*hangs=*/true);
  std::stop_source stop;
  FetchOptions options = Loopback();
  options.timeout = absl::Minutes(1);
  std::jthread stopper([&] {
    EXPECT_TRUE(WaitUntil([&] { return server.requests() == 1; }));
    stop.request_stop();
  });
  EXPECT_THAT(FetchKeys(Plain(server), options, stop.get_token()),
              StatusIs(absl::StatusCode::kCancelled));
}

// From the first token on, by way of a new key, to the end of the provider.
TEST(VerifierOverHttpsTest, FollowsItsProvider) {
  const Authority authority;
  CannedServer server(authority.Issue(authority.LeafFor("localhost")));
  const auto old_key = SigningKey::Generate(Algorithm::kEdDsa, "old").value();
  const auto new_key = SigningKey::Generate(Algorithm::kEs256, "new").value();
  server.SayOk(PublicJwks({old_key}));
  Issuer issuer;
  issuer.name = "https://login.example";
  issuer.audience = "veille";
  issuer.keys = Secure(server);
  issuer.authorities = authority.path;
  testing::FakeClock clock(absl::Now());
  const auto verifier = Verifier::Start({issuer}, clock).value();
  const auto code = [&](const SigningKey& key) {
    MintedClaims claims;
    claims.issuer = issuer.name;
    claims.audience = issuer.audience;
    claims.subject = "person";
    claims.roles = {"dpo"};
    claims.issued = clock.Now() - absl::Seconds(1);
    claims.lifetime = absl::Hours(1);
    return verifier->Verify(Mint(key, claims).value(), clock.Now()).status().code();
  };
  EXPECT_TRUE(WaitUntil([&] { return code(old_key) == absl::StatusCode::kOk; }));
  EXPECT_EQ(code(new_key), kUnavailable);
  server.SayOk(PublicJwks({old_key, new_key}));
  clock.Advance(kRefreshAtMostEvery);
  EXPECT_TRUE(WaitUntil([&] { return code(new_key) == absl::StatusCode::kOk; }));
  server.Say("HTTP/1.1 503 Gone\r\nContent-Length: 0\r\n\r\n");
  const int requests = server.requests();
  clock.Advance(kRefreshEvery);
  EXPECT_TRUE(WaitUntil([&] { return server.requests() > requests; }));
  EXPECT_EQ(code(old_key), absl::StatusCode::kOk);
}

}  // namespace
}  // namespace veille::tokens
