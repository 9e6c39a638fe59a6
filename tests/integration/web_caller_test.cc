// Calls to a partner's server: what is sent, which answers are taken, how long it may last.

#include "common/web/caller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <thread>

#include "absl/synchronization/notification.h"
#include "integration/web_fixture.h"
#include "testing/status_matchers.h"
#include "testing/wait_until.h"

namespace veille::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr auto kUnavailable = absl::StatusCode::kUnavailable;

class CallerTest : public ::testing::Test {
 protected:
  PartnerSite site_;
  web::Caller caller_{site_.Options(Always({AddressOf(kPartnerAddress)}))};
};

TEST_F(CallerTest, SendsTheRequestAndBringsTheAnswer) {
  const auto response = PostTo(caller_, site_.Url() + "?a=b%20c");
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "taken");
  EXPECT_FALSE(response->cut);
  const std::string sent = site_.server().last_request();
  EXPECT_THAT(sent, StartsWith("POST /inbox?a=b%20c HTTP/1.1\r\n"));
  EXPECT_THAT(sent, HasSubstr("Host: partner.example:"));
  EXPECT_THAT(sent, HasSubstr("content-type: application/json\r\n"));
  EXPECT_THAT(sent, Not(HasSubstr("uthorization")));
  EXPECT_THAT(sent, Not(HasSubstr("Cookie")));
}

TEST_F(CallerTest, CallsAnAddressThatTheOperatorNamed) {
  const auto response = PostTo(caller_, site_.Url(kPartnerAddress));
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->status, 200);
}

TEST_F(CallerTest, FollowsNoRedirect) {
  for (const int status : {301, 302, 303, 307, 308}) {
    site_.server().Say(absl::StrCat("HTTP/1.1 ", status, " Elsewhere\r\nLocation: ", site_.Url(),
                                    "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
    const int connections = site_.server().connections();
    const auto response = PostTo(caller_, site_.Url());
    ASSERT_THAT(response, IsOk());
    EXPECT_EQ(response->status, status);
    EXPECT_EQ(site_.server().connections(), connections + 1);
  }
}

TEST_F(CallerTest, TakesNoNoticeOfProxies) {
  CannedServer proxy;
  const std::string address = absl::StrCat("http://127.0.0.1:", proxy.port());
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
    setenv(name, address.c_str(), 1);
  }
  const auto response = PostTo(caller_, site_.Url());
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) unsetenv(name);
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(proxy.connections(), 0);
}

TEST_F(CallerTest, KeepsNoCookie) {
  site_.server().Say(
      "HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Path=/\r\nContent-Length: 0\r\nConnection: "
      "close\r\n\r\n");
  ASSERT_THAT(PostTo(caller_, site_.Url()), IsOk());
  ASSERT_THAT(PostTo(caller_, site_.Url()), IsOk());
  EXPECT_THAT(site_.server().last_request(), Not(HasSubstr("ookie")));
}

TEST_F(CallerTest, CutsALongAnswer) {
  site_.server().SayOk(std::string(web::kMostBody, 'a'));
  auto response = PostTo(caller_, site_.Url());
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->body.size(), web::kMostBody);
  EXPECT_FALSE(response->cut);

  site_.server().SayOk(std::string(1'000'000, 'a'));
  response = PostTo(caller_, site_.Url());
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body.size(), web::kMostBody);
  EXPECT_TRUE(response->cut);
}

TEST_F(CallerTest, RefusesEndlessHeaders) {
  std::string answer = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 200; ++i)
    absl::StrAppend(&answer, "x-", i, ": ", std::string(100, 'a'), "\r\n");
  site_.server().Say(answer + "Content-Length: 0\r\n\r\n");
  EXPECT_THAT(PostTo(caller_, site_.Url()), StatusIs(kUnavailable));
}

TEST_F(CallerTest, ReadsRetryAfter) {
  site_.server().Say(
      "HTTP/1.1 429 Slow Down\r\nRetry-After: 120\r\nContent-Length: 0\r\nConnection: "
      "close\r\n\r\n");
  auto response = PostTo(caller_, site_.Url());
  ASSERT_THAT(response, IsOk());
  EXPECT_EQ(response->status, 429);
  EXPECT_EQ(response->retry_after, absl::Minutes(2));

  const std::string date = absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT",
                                            absl::Now() + absl::Hours(1), absl::UTCTimeZone());
  site_.server().Say("HTTP/1.1 503 Later\r\nRetry-After: " + date +
                     "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  response = PostTo(caller_, site_.Url());
  ASSERT_THAT(response, IsOk());
  EXPECT_GT(response->retry_after, absl::Minutes(58));
  EXPECT_LE(response->retry_after, absl::Minutes(61));
}

TEST_F(CallerTest, BelievesNoOtherCertificate) {
  CannedServer other(site_.authority().Issue(site_.LeafOf("other.example")).value(),
                     CannedServer::Where::kEverywhere);
  CannedServer stranger(veillectl::SelfSigned(site_.LeafOf(kPartnerHost)).value(),
                        CannedServer::Where::kEverywhere);
  web::CallerOptions options = site_.Options(Always({AddressOf(kPartnerAddress)}));
  options.policy =
      web::AddressPolicy::Parse(absl::StrCat(kPartnerAddress, "/32"), "1-65535").value();
  web::Caller caller(options);
  for (CannedServer* server : {&other, &stranger}) {
    server->SayOk("taken");
    EXPECT_THAT(PostTo(caller, absl::StrCat("https://partner.example:", server->port(), "/")),
                StatusIs(kUnavailable));
    EXPECT_EQ(server->connections(), 1);
    EXPECT_EQ(server->requests(), 0);
  }
  options.authorities.clear();  // those of the system: they do not know the test's
  web::Caller of_the_system(options);
  EXPECT_THAT(PostTo(of_the_system, site_.Url()), StatusIs(kUnavailable));
  EXPECT_EQ(site_.server().requests(), 0);
}

TEST_F(CallerTest, WaitsNoLongerThanItMay) {
  site_.server().Say("", true);
  const absl::Time begun = absl::Now();
  EXPECT_THAT(PostTo(caller_, site_.Url(), absl::Milliseconds(300)),
              StatusIs(absl::StatusCode::kDeadlineExceeded));
  EXPECT_LT(absl::Now() - begun, absl::Seconds(5));
}

TEST_F(CallerTest, IsGivenUpAtOnce) {
  site_.server().Say("", true);
  std::stop_source stop;
  std::thread giver([&] {
    EXPECT_TRUE(WaitUntil([&] { return site_.server().requests() == 1; }));
    stop.request_stop();
  });
  EXPECT_THAT(PostTo(caller_, site_.Url(), absl::Seconds(20), stop.get_token()),
              StatusIs(absl::StatusCode::kCancelled));
  giver.join();
  EXPECT_THAT(PostTo(caller_, site_.Url(), absl::Seconds(20), stop.get_token()),
              StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(CallerTest, EndsWhatIsUnderWayWhenItCloses) {
  site_.server().Say("", true);
  std::thread closer([&] {
    EXPECT_TRUE(WaitUntil([&] { return site_.server().requests() == 1; }));
    caller_.Close();
  });
  EXPECT_THAT(PostTo(caller_, site_.Url()), StatusIs(kUnavailable));
  closer.join();
  EXPECT_THAT(PostTo(caller_, site_.Url()), StatusIs(kUnavailable));
}

TEST_F(CallerTest, SaysWhenNobodyAnswersThere) {
  const auto policy = web::AddressPolicy::Parse(absl::StrCat(kPartnerAddress, "/32"), "1-65535");
  web::CallerOptions options = site_.Options(Always({AddressOf(kPartnerAddress)}));
  options.policy = *policy;
  web::Caller caller(options);
  EXPECT_THAT(PostTo(caller, "https://partner.example:1/"), StatusIs(kUnavailable));
  web::Caller nameless(site_.Options(Always({})));
  EXPECT_THAT(PostTo(nameless, site_.Url()), StatusIs(kUnavailable));
  EXPECT_EQ(nameless.opened(), 0);
}

// Names whose servers are silent keep neither their own calls longer than those may last, nor the
// calls to others.
TEST_F(CallerTest, IsNotHeldUpByASilentNameServer) {
  absl::Notification speaks;
  std::atomic<int> asked = 0;
  {
    web::CallerOptions options =
        site_.Options([&](const std::string& host) -> absl::StatusOr<std::vector<web::Address>> {
          if (host != kPartnerHost) {
            ++asked;
            speaks.WaitForNotification();
          }
          return std::vector{AddressOf(kPartnerAddress)};
        });
    options.lookup_threads = 2;
    web::Caller caller(options);
    std::vector<async::Task<absl::StatusOr<web::Response>>> silent;
    for (int i = 0; i < 50; ++i) {
      silent.push_back(caller.Post({site_.Url("silent.example"), {}, ""},
                                   absl::Now() + absl::Milliseconds(300), {}));
    }
    for (const auto& result : async::SyncWaitAll(std::move(silent))) {
      EXPECT_THAT(result, StatusIs(absl::StatusCode::kDeadlineExceeded));
    }
    EXPECT_EQ(asked, 1);
    ASSERT_THAT(PostTo(caller, site_.Url()), IsOk());
    speaks.Notify();
  }
}

TEST_F(CallerTest, MakesManyCallsAtOnce) {
  std::vector<async::Task<absl::StatusOr<web::Response>>> calls;
  for (int i = 0; i < 40; ++i) {
    calls.push_back(caller_.Post({site_.Url(), {}, "{}"}, absl::Now() + absl::Seconds(60), {}));
  }
  for (const auto& response : async::SyncWaitAll(std::move(calls))) {
    ASSERT_THAT(response, IsOk());
    EXPECT_EQ(response->status, 200);
  }
  EXPECT_EQ(caller_.opened(), 40);
}

TEST(AddressPolicyTest, TakesTheInternetAndWhatTheOperatorNames) {
  const web::AddressPolicy internet;
  for (const char* address :
       {"1.1.1.1",        "8.8.8.8",         "9.255.255.255",   "11.0.0.0",
        "100.63.255.255", "100.128.0.0",     "126.255.255.255", "128.0.0.0",
        "172.15.255.255", "172.32.0.0",      "192.0.1.0",       "192.167.255.255",
        "192.169.0.0",    "198.17.255.255",  "198.20.0.0",      "223.255.255.255",
        "168.63.129.15",  "2000::1",         "2001:200::1",     "2001:4860:4860::8888",
        "2003::1",        "2606:4700::1111", "2a00:1450::1",    "3ffd::1"}) {
    EXPECT_THAT(internet.Check(AddressOf(address)), IsOk()) << address;
  }
  const auto named = web::AddressPolicy::Parse("10.1.0.0/16, fd12::/32", "443, 8000-8999");
  ASSERT_THAT(named, IsOk());
  EXPECT_THAT(named->Check(AddressOf("10.1.255.255")), IsOk());
  EXPECT_THAT(named->Check(AddressOf("fd12::1")), IsOk());
  EXPECT_FALSE(named->Check(AddressOf("10.2.0.0")).ok());
  EXPECT_FALSE(named->Check(AddressOf("::ffff:10.1.0.1")).ok());
  for (const int port : {443, 8000, 8999}) EXPECT_TRUE(named->AllowsPort(port)) << port;
  for (const int port : {80, 442, 444, 7999, 9000}) EXPECT_FALSE(named->AllowsPort(port)) << port;
}

TEST(AddressPolicyTest, RefusesListsThatSayLessThanTheySeemTo) {
  for (const char* networks :
       {"10.1.2.3/8", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "/8", "a/8", "10.0.0.0/8,", "::/129",
        "10.0.0/8", "10.0.0.0/-1", "10.0.0.0/8 x"}) {
    EXPECT_FALSE(web::AddressPolicy::Parse(networks, "").ok()) << networks;
  }
  for (const char* ports : {"0", "65536", "a", "443,", "9-8", "-1", "1-", "443-x"}) {
    EXPECT_FALSE(web::AddressPolicy::Parse("", ports).ok()) << ports;
  }
}

}  // namespace
}  // namespace veille::testing
