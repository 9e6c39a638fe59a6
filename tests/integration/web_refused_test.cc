// Targets that are never connected to: addresses of every special range, names that stand for them
// beside good ones, and spellings that some readers take for them. Each is refused beside a call
// that differs in the target alone and arrives.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/web_fixture.h"
#include "testing/status_matchers.h"

namespace veille::testing {
namespace {

// One address of every range, at its beginning, its end or in between.
const std::vector<std::string>& RefusedAddresses() {
  static const auto& addresses = *new std::vector<std::string>{
      // this host, private, shared, loopback, link-local
      "0.0.0.0",
      "0.0.0.1",
      "0.255.255.255",
      "10.0.0.0",
      "10.0.0.1",
      "10.255.255.255",
      "100.64.0.0",
      "100.100.100.200",
      "100.127.255.255",
      "127.0.0.0",
      "127.0.0.1",
      "127.0.0.53",
      "127.0.1.1",
      "127.77.0.0",
      "127.77.0.2",
      "127.255.255.255",
      "169.254.0.0",
      "169.254.169.253",
      "169.254.169.254",
      "169.254.170.2",
      "169.254.255.255",
      "172.16.0.0",
      "172.17.0.1",
      "172.31.255.255",
      "192.168.0.0",
      "192.168.1.1",
      "192.168.255.255",
      // protocols, documentation, AS112, AMT, 6to4 relays, benchmarks, clouds
      "192.0.0.0",
      "192.0.0.8",
      "192.0.0.170",
      "192.0.0.192",
      "192.0.0.255",
      "192.0.2.0",
      "192.0.2.255",
      "192.31.196.1",
      "192.52.193.1",
      "192.88.99.1",
      "192.175.48.6",
      "198.18.0.0",
      "198.19.255.255",
      "198.51.100.1",
      "203.0.113.255",
      "168.63.129.16",
      // multicast, reserved, broadcast
      "224.0.0.0",
      "224.0.0.251",
      "239.255.255.255",
      "240.0.0.0",
      "255.255.255.254",
      "255.255.255.255",
      // IPv6: unspecified, loopback, and IPv4 in all its guises
      "::",
      "::1",
      "::2",
      "::127.0.0.1",
      "::7f00:1",
      "::169.254.169.254",
      "::8.8.8.8",
      "::ffff:0.0.0.0",
      "::ffff:127.0.0.1",
      "::ffff:127.77.0.1",
      "::ffff:10.0.0.1",
      "::ffff:169.254.169.254",
      "::ffff:8.8.8.8",
      "::ffff:0:127.0.0.1",
      "64:ff9b::",
      "64:ff9b::7f00:1",
      "64:ff9b::a9fe:a9fe",
      "64:ff9b::8.8.8.8",
      "64:ff9b:1::",
      "64:ff9b:1:fffe::a00:1",
      "2002:7f00:1::",
      "2002:a00:1::1",
      "2002:a9fe:a9fe::1",
      "2002:808:808::1",
      "2001::1",
      "2001:0:7f00:1::",
      "2001:0:4136:e378:8000:63bf:3fff:fdd2",
      "2001:4860::5efe:127.0.0.1",
      "2001:4860::200:5efe:10.0.0.1",
      // the rest of the registry
      "100::1",
      "100:0:0:1::1",
      "2001:2::1",
      "2001:10::1",
      "2001:20::1",
      "2001:30::1",
      "2001:1::1",
      "2001:1ff:ffff::1",
      "2001:db8::1",
      "2001:db8:ffff::",
      "2620:4f:8000::1",
      "3fff::1",
      "3fff:fff::1",
      "3ffe::1",
      "5f00::1",
      "fc00::1",
      "fd00::1",
      "fd00:ec2::254",
      "fd20:ce::254",
      "fdff:ffff::1",
      "fe80::1",
      "fe80::5efe:10.0.0.1",
      "febf::1",
      "fec0::1",
      "feff::1",
      "ff00::",
      "ff02::1",
      "ff05::1:3",
      "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
      "::1:0:0:1",
      "200::1",
      "400::1",
      "1000::1",
      "4000::1",
      "8000::1",
      "c000::1",
      "e000::1",
      "f000::1",
  };
  return addresses;
}

// Hosts that are refused as they are written, each with the port behind it. The name server of the
// test would answer all of them with the good address.
const std::vector<std::string>& RefusedHosts() {
  static const auto& hosts = *new std::vector<std::string>{
      // numbers
      "2130706433",
      "0x7f000001",
      "0X7F000001",
      "017700000001",
      "127.1",
      "127.0.1",
      "0177.0.0.1",
      "0x7f.0.0.1",
      "127.0.0.0x1",
      "127.0.0.01",
      "127.000.000.001",
      "1.2.3.4.5",
      "256.256.256.256",
      "127.0.0.256",
      "0",
      "0x0",
      "1",
      "3232235777",
      "0xa9fea9fe",
      "2852039166",
      "10.0.0",
      "192.168.257",
      "127.0.0.1.",
      "127.77.0.1.",
      "partner.0x1",
      "partner.1",
      "127.0.0.1.0x",
      // dots and other punctuation
      "partner.example.",
      "partner.example..",
      ".partner.example",
      "partner..example",
      ".",
      "..",
      "",
      "-partner.example",
      "partner-.example",
      "partner_.example",
      "partner.example,localhost",
      "partner.example;localhost",
      "partner example",
      "*",
      "*.example",
      "partner.example!",
      // users
      "user@partner.example",
      "user:word@partner.example",
      "@partner.example",
      "partner.example@",
      ":@partner.example",
      "partner.example@127.0.0.1",
      "127.0.0.1@partner.example",
      "partner.example%40127.0.0.1",
      "a@b@partner.example",
      // percent signs, backslashes, control characters
      "%70artner.example",
      "partner%2eexample",
      "127%2e0%2e0%2e1",
      "127.0.0.1%00.partner.example",
      "partner.example\\@127.0.0.1",
      "127.0.0.1\\.partner.example",
      "partner.example\t",
      "partner.example\n",
      "partner.example\r\nhost: evil",
      " partner.example",
      "partner.example ",
      // names beyond ASCII, and what they are folded to
      "pаrtner.example",
      "ｐartner.example",
      "partner。example",
      "partner．example",
      "①②⑦.⓪.⓪.①",
      "１２７.0.0.1",
      "localhost\xe2\x80\x8b",
      "münchen.example",
      "par\xc2\xadtner.example",
      "\xff",
      // brackets and zones
      "[::1",
      "::1]",
      "::1",
      "[]",
      "[partner.example]",
      "[127.0.0.1]",
      "[127.77.0.1]",
      "[v1.fe80::]",
      "[fe80::1%25lo]",
      "[fe80::1%lo]",
      "[::1%250]",
      "[::ffff:127.77.0.1%25lo]",
      "[[::1]]",
      "[::1]x",
      "x[::1]",
      "[::g]",
      "[1::2::3]",
      "[2001:4860:4860::8888]]",
      // ports
      "partner.example:",
      "partner.example:443:443",
      "partner.example:0",
      "partner.example:+1",
      "partner.example:-1",
      "partner.example:99999",
  };
  return hosts;
}

class RefusedTest : public ::testing::Test {
 protected:
  // That `url` is refused without a connection, and that the same caller reaches the partner.
  void ExpectRefused(const std::string& url, const std::vector<web::Address>& stands_for) {
    SCOPED_TRACE(url);
    const web::Lookup lookup =
        [&](const std::string& host) -> absl::StatusOr<std::vector<web::Address>> {
      return host == kPartnerHost ? std::vector{AddressOf(kPartnerAddress)} : stands_for;
    };
    web::Caller caller(site_.Options(lookup));
    const int connections = site_.server().connections();
    const auto refused = PostTo(caller, url);
    EXPECT_THAT(refused.status().code(), ::testing::AnyOf(absl::StatusCode::kPermissionDenied,
                                                          absl::StatusCode::kInvalidArgument))
        << refused.status();
    const auto vetted =
        async::SyncWait(caller.Vet(url, absl::Now() + absl::Seconds(20), std::stop_token()));
    EXPECT_EQ(vetted.status(), refused.status());
    EXPECT_EQ(caller.opened(), 0);
    EXPECT_EQ(caller.refused(), 0) << "it was the socket that was refused";
    EXPECT_EQ(site_.server().connections(), connections);

    const auto taken = PostTo(caller, site_.Url());
    ASSERT_THAT(taken, IsOk());
    EXPECT_EQ(taken->status, 200);
    EXPECT_EQ(caller.opened(), 1);
    EXPECT_EQ(site_.server().connections(), connections + 1);
    ++refused_;
  }

  PartnerSite site_;
  int refused_ = 0;
};

TEST(HostAndPortTest, AnyHostThatCanBeReadInOneWay) {
  for (const char* target :
       {"inbox.ccas.example:443", "10.0.0.1:8443", "[2001:db8::1]:443", "localhost:7004"}) {
    const auto read = web::ParseHostAndPort(target);
    ASSERT_TRUE(read.ok()) << target;
    EXPECT_EQ(read->ToUrl(), std::string("https://") + target + "/");
  }
  for (const char* target : {"",
                             ":443",
                             "inbox.ccas.example",
                             "inbox.ccas.example:0",
                             "unix:/run/inbox:1",
                             "dns:///inbox.ccas.example:443",
                             "https://inbox.ccas.example:443",
                             "2001:db8::1:443",
                             "[inbox]:443",
                             "a b:443",
                             "xds:inbox:443",
                             "user@host:443",
                             "-x:443",
                             "host:443/path",
                             "host/path:443",
                             "host?query:443",
                             "host#:443",
                             "127.1:443",
                             "0x7f000001:443",
                             "2130706433:443",
                             "127.0.0.01:443",
                             "[fe80::1%25eth0]:443",
                             "host.:443",
                             "a..b:443"}) {
    EXPECT_FALSE(web::ParseHostAndPort(target).ok()) << target;
  }
  // Schemes of gRPC's resolvers are names of hosts here.
  for (const char* target : {"unix:80", "xds:443", "DNS:443", "ipv4:443", "vsock:80"}) {
    EXPECT_TRUE(web::ParseHostAndPort(target).ok()) << target;
  }
}

TEST_F(RefusedTest, AddressesOfSpecialRangesInTheUrl) {
  for (const std::string& address : RefusedAddresses()) {
    const bool is_v6 = address.find(':') != std::string::npos;
    ExpectRefused(site_.Url(is_v6 ? "[" + address + "]" : address), {});
  }
  EXPECT_GE(refused_, 100);
}

TEST_F(RefusedTest, NamesThatStandForThem) {
  for (const std::string& address : RefusedAddresses()) {
    ExpectRefused(site_.Url("other.example"), {AddressOf(address)});
  }
  EXPECT_GE(refused_, 100);
}

TEST_F(RefusedTest, NamesThatStandForOneAmongGoodAddresses) {
  const web::Address good = AddressOf(kPartnerAddress);
  for (const char* address : {"127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "64:ff9b::1",
                              "fd00::1", "::ffff:127.77.0.1"}) {
    const web::Address bad = AddressOf(address);
    ExpectRefused(site_.Url("other.example"), {good, bad});
    ExpectRefused(site_.Url("other.example"), {bad, good});
    ExpectRefused(site_.Url("other.example"), {good, AddressOf("8.8.8.8"), bad, good});
  }
  EXPECT_EQ(refused_, 21);
}

TEST_F(RefusedTest, HostsThatCanBeReadInTwoWays) {
  for (const std::string& host : RefusedHosts()) {
    ExpectRefused(site_.Url(host), {AddressOf(kPartnerAddress)});
  }
  EXPECT_GE(refused_, 90);
}

TEST_F(RefusedTest, UrlsThatAreNoHttps) {
  const std::string rest = site_.Url().substr(sizeof("https") - 1);
  for (const std::string& scheme :
       {"http", "ftp", "file", "gopher", "dict", "ws", "wss", "unix", "httpss", "", "javascript"}) {
    ExpectRefused(scheme + rest, {AddressOf(kPartnerAddress)});
  }
  const std::string url = site_.Url();
  for (const std::string& wrong :
       {url + "#part", url + " ", url + "\\..", url + "\"", url + "\x01", url + "é", " " + url,
        "https:" + url.substr(sizeof("https://") - 1), "https:/" + url.substr(8),
        "//" + url.substr(8), url.substr(8), std::string(), std::string("https://"),
        std::string("https:///"), url + std::string(500, 'a')}) {
    ExpectRefused(wrong, {AddressOf(kPartnerAddress)});
  }
  EXPECT_EQ(refused_, 26);
}

TEST_F(RefusedTest, PortsThatAreNotNamed) {
  for (const int port : {22, 25, 80, 443, 5432, 6379, 7003, 8443, 65535}) {
    ExpectRefused(absl::StrCat("https://partner.example:", port, "/"),
                  {AddressOf(kPartnerAddress)});
  }
  ExpectRefused("https://partner.example/", {AddressOf(kPartnerAddress)});
}

// A name server that answers otherwise the second time: once for the registration, and once for
// the push.
TEST_F(RefusedTest, NamesThatChangeTheirMind) {
  for (const char* address : {"127.0.0.1", "169.254.169.254", "::1", "10.0.0.1", "0.0.0.0"}) {
    SCOPED_TRACE(address);
    std::atomic<int> asked = 0;
    web::Caller caller(site_.Options([&](const std::string&) {
      return absl::StatusOr<std::vector<web::Address>>(
          {AddressOf(asked++ == 0 ? kPartnerAddress : address)});
    }));
    const int connections = site_.server().connections();
    const auto deadline = absl::Now() + absl::Seconds(20);
    EXPECT_THAT(async::SyncWait(caller.Vet(site_.Url(), deadline, std::stop_token())), IsOk());
    EXPECT_THAT(PostTo(caller, site_.Url()), StatusIs(absl::StatusCode::kPermissionDenied));
    EXPECT_EQ(asked, 2);
    EXPECT_EQ(caller.opened(), 0);
    EXPECT_EQ(site_.server().connections(), connections);
  }
}

// The name is asked for once per call: the connection goes where that answer says.
TEST_F(RefusedTest, NamesThatChangeTheirMindWithinACall) {
  std::atomic<int> asked = 0;
  web::Caller caller(site_.Options([&](const std::string&) {
    return absl::StatusOr<std::vector<web::Address>>(
        {AddressOf(asked++ % 2 == 0 ? kPartnerAddress : "127.0.0.1")});
  }));
  const auto taken = PostTo(caller, site_.Url());
  ASSERT_THAT(taken, IsOk());
  EXPECT_EQ(taken->status, 200);
  EXPECT_EQ(asked, 1);
}

// The last gate by itself: every network is named, and still no socket opens to an address other
// than those that were vetted.
TEST_F(RefusedTest, SocketsToWhatWasNotVetted) {
  ASSERT_THAT(curl::Load(), IsOk());
  const auto policy = web::AddressPolicy::Parse("127.0.0.0/8", "1-65535").value();
  const int connections = site_.server().connections();
  for (const auto& [vetted, expected] :
       {std::pair("127.0.0.1", true), std::pair("127.0.0.2", false)}) {
    SCOPED_TRACE(vetted);
    const std::string url = site_.Url("127.0.0.1");
    auto target = web::ParseTarget(url);
    ASSERT_THAT(target, IsOk());
    web::Exchange exchange(policy, *target, {AddressOf(vetted)}, {url, {}, "{}"},
                           site_.Options(nullptr).authorities,
                           {absl::Now() + absl::Seconds(20), absl::Seconds(5)});
    ASSERT_NE(exchange.handle(), nullptr);
    const auto result = exchange.Result(curl::Loaded().easy_perform(exchange.handle()));
    EXPECT_EQ(result.ok(), expected) << result.status();
    EXPECT_EQ(exchange.opened(), expected ? 1 : 0);
    EXPECT_EQ(exchange.refused(), expected ? 0 : 1);
  }
  EXPECT_EQ(site_.server().connections(), connections + 1);
}

}  // namespace
}  // namespace veille::testing
