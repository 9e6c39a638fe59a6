// Who gets a connection, and as whom. Every refusal stands beside the same thing done right.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/client.h"
#include "integration/tls_fixture.h"
#include "testing/late_relay.h"

namespace veille::testing {
namespace {

using ::testing::HasSubstr;
using veillectl::DevLeaf;
using veillectl::KeyedCertificate;
using veillectl::Leaf;

constexpr char kService[] = "spiffe://veille.internal/service/call-tracking";

class TlsTest : public ::testing::Test {
 protected:
  Answer AskAs(const KeyedCertificate& presented) const {
    return AskOnce(server_.address(), Stranger(dev_.RootPem(), presented));
  }
  Answer AskAs(const Leaf& leaf) const { return AskAs(dev_.Issue(leaf)); }

  // A good certificate is taken by the same server, so a refusal was the certificate's.
  void ExpectGoodIsTaken() const {
    const Answer good = AskAs(DevLeaf("call-tracking", "service/call-tracking"));
    EXPECT_TRUE(good.ok()) << good.message;
    EXPECT_EQ(good.identity, kService);
  }

  // No connection: no call arrives.
  void ExpectNoConnection(const KeyedCertificate& presented) const {
    const int before = server_.calls();
    const Answer answer = AskAs(presented);
    EXPECT_EQ(answer.code, grpc::StatusCode::UNAVAILABLE) << answer.message;
    EXPECT_EQ(server_.calls(), before);
    ExpectGoodIsTaken();
  }

  // A connection, but nobody's.
  void ExpectNoIdentity(const Leaf& leaf) const {
    const Answer answer = AskAs(leaf);
    EXPECT_EQ(answer.code, grpc::StatusCode::UNAUTHENTICATED) << answer.message;
    EXPECT_THAT(answer.message, HasSubstr("SPIFFE"));
    ExpectGoodIsTaken();
  }

  const TestAuthority dev_;
  const TlsServer server_{dev_.authority.FilesOf("tenant-registry")};
};

TEST_F(TlsTest, WithoutACertificateACallerIsNobody) {
  const Answer answer = AskOnce(server_.address(), Channel(dev_.authority.FilesOf("")));
  EXPECT_TRUE(answer.ok()) << answer.message;
  EXPECT_EQ(answer.identity, "nobody");
}

// With the arguments of our own channels: an attempt must not be given up, and begun anew, for
// ever.
TEST_F(TlsTest, ASlowHandshakeIsWaitedFor) {
  const int port = LatePort(server_.port(), absl::Seconds(3));
  const rpc::Peer peer({absl::StrCat("127.0.0.1:", port), Channel(dev_.authority.FilesOf(""))},
                       "call-tracking");
  EXPECT_TRUE(
      peer.channel()->WaitForConnected(absl::ToChronoTime(absl::Now() + absl::Seconds(20))));
}

TEST_F(TlsTest, ACertificateTellsWhoItIs) {
  const auto ask = [this](const std::string& name) {
    return AskOnce(server_.address(), Channel(dev_.authority.FilesOf(name))).identity;
  };
  EXPECT_EQ(ask("call-tracking"), kService);
  EXPECT_EQ(ask("edge"), "spiffe://veille.internal/edge/edge");
  const auto landlord = ids::LandlordId::Random();
  const auto partner = ids::PartnerId::Random();
  ASSERT_TRUE(dev_.authority.IssuePartner(landlord, partner).ok());
  EXPECT_EQ(ask("partner-" + partner.ToString()), "spiffe://veille.internal/landlord/" +
                                                      landlord.ToString() + "/partner/" +
                                                      partner.ToString());
}

TEST_F(TlsTest, NoTlsNoAnswer) {
  const Answer answer = AskOnce(server_.address(), grpc::InsecureChannelCredentials());
  EXPECT_EQ(answer.code, grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(server_.calls(), 0);
  ExpectGoodIsTaken();
}

TEST_F(TlsTest, AnExpiredCertificateIsRefused) {
  Leaf leaf = DevLeaf("call-tracking", "service/call-tracking");
  leaf.begins = absl::Now() - absl::Hours(2);
  leaf.ends = absl::Now() - absl::Seconds(2);
  ExpectNoConnection(dev_.Issue(leaf));
}

TEST_F(TlsTest, ACertificateThatIsNotValidYetIsRefused) {
  Leaf leaf = DevLeaf("call-tracking", "service/call-tracking");
  leaf.begins = absl::Now() + absl::Hours(1);
  ExpectNoConnection(dev_.Issue(leaf));
}

TEST_F(TlsTest, ACertificateOfAnotherAuthorityIsRefused) {
  const TestAuthority other;  // of the same name
  ExpectNoConnection(other.Issue(DevLeaf("call-tracking", "service/call-tracking")));
}

TEST_F(TlsTest, ASelfSignedCertificateIsRefused) {
  const auto own = veillectl::SelfSigned(DevLeaf("call-tracking", "service/call-tracking"));
  ASSERT_TRUE(own.ok());
  ExpectNoConnection(*own);
}

TEST_F(TlsTest, ACertificateThatIsNoAuthoritySignsNothing) {
  const auto leaf = veillectl::CertificateAuthority::FromPem(
      dev_.Issue(DevLeaf("call-tracking", "service/call-tracking")));
  ASSERT_TRUE(leaf.ok());
  auto signed_by_leaf = leaf->Issue(DevLeaf("referral", "service/referral"));
  ASSERT_TRUE(signed_by_leaf.ok());
  signed_by_leaf->certificate += leaf->ToPem()->certificate;  // the whole chain
  ExpectNoConnection(*signed_by_leaf);
}

TEST_F(TlsTest, ACertificateForServersAloneIsNoClients) {
  Leaf leaf = DevLeaf("call-tracking", "service/call-tracking");
  leaf.usages = "serverAuth";
  ExpectNoConnection(dev_.Issue(leaf));
}

TEST_F(TlsTest, TwoUrisAreNobodys) {
  Leaf leaf = DevLeaf("call-tracking", "service/call-tracking");
  leaf.uris.emplace_back("spiffe://veille.internal/service/referral");
  ExpectNoIdentity(leaf);
  leaf.uris[1] = "https://veille.internal/";
  ExpectNoIdentity(leaf);
}

TEST_F(TlsTest, NoUriIsNobodys) {
  Leaf leaf = DevLeaf("call-tracking", "service/call-tracking");
  leaf.uris.clear();
  ExpectNoIdentity(leaf);
  leaf.hosts.clear();
  leaf.addresses.clear();
  ExpectNoIdentity(leaf);
}

TEST_F(TlsTest, AUriThatIsNoSpiffeIdIsNobodys) {
  Leaf leaf = DevLeaf("call-tracking", "service/call-tracking");
  for (const char* uri :
       {"https://veille.internal/service/call-tracking", "spiffe://veille.internal",
        "spiffe://veille.internal/service//call-tracking", "SPIFFE://veille.internal/service/x",
        "spiffe://veille.internal:8443/service/call-tracking"}) {
    SCOPED_TRACE(uri);
    leaf.uris = {uri};
    ExpectNoIdentity(leaf);
  }
}

// Whether it counts is for whoever reads it: the services take one trust domain only.
TEST_F(TlsTest, AnotherTrustDomainIsTold) {
  Leaf leaf = DevLeaf("call-tracking", "service/call-tracking");
  leaf.uris = {"spiffe://elsewhere.example/service/call-tracking"};
  EXPECT_EQ(AskAs(leaf).identity, leaf.uris[0]);
}

TEST_F(TlsTest, AServerOfAnUnknownAuthorityIsRefused) {
  const TestAuthority other;
  for (const std::string name : {"", "call-tracking"}) {
    EXPECT_EQ(AskOnce(server_.address(), Channel(other.authority.FilesOf(name))).code,
              grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(server_.calls(), 0);
  }
  EXPECT_TRUE(AskOnce(server_.address(), Channel(dev_.authority.FilesOf(""))).ok());
}

TEST_F(TlsTest, AServerWithAnotherHostsNameIsRefused) {
  Leaf leaf = DevLeaf("elsewhere", "service/tenant-registry");
  leaf.hosts = {"elsewhere.internal"};
  leaf.addresses.clear();
  const TlsServer elsewhere(dev_.Write("elsewhere", dev_.Issue(leaf)));
  for (const char* host : {"127.0.0.1", "localhost"}) {
    EXPECT_EQ(AskOnce(elsewhere.address(host), Channel(dev_.authority.FilesOf(""))).code,
              grpc::StatusCode::UNAVAILABLE);
    EXPECT_TRUE(AskOnce(server_.address(host), Channel(dev_.authority.FilesOf(""))).ok()) << host;
  }
  EXPECT_EQ(elsewhere.calls(), 0);
}

TEST_F(TlsTest, AClientsCertificateIsNoServers) {
  Leaf leaf = DevLeaf("tenant-registry", "service/tenant-registry");
  leaf.usages = "clientAuth";
  const TlsServer client_only(dev_.Write("client-only", dev_.Issue(leaf)));
  EXPECT_EQ(AskOnce(client_only.address(), Channel(dev_.authority.FilesOf(""))).code,
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(AskOnce(server_.address(), Channel(dev_.authority.FilesOf(""))).ok());
}

// The highest version that is agreed with a client that has none above `most`; empty for none.
std::string VersionWith(int port, int most) {
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_client_method()),
                                                             SSL_CTX_free);
  SSL_CTX_set_security_level(context.get(), 0);  // or OpenSSL itself would not speak the old ones
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.get(), most);
  SSL_CTX_set_alpn_protos(context.get(), reinterpret_cast<const unsigned char*>("\x02h2"), 3);
  const std::unique_ptr<BIO, void (*)(BIO*)> connection(BIO_new_ssl_connect(context.get()),
                                                        BIO_free_all);
  BIO_set_conn_hostname(connection.get(), ("127.0.0.1:" + std::to_string(port)).c_str());
  if (BIO_do_handshake(connection.get()) != 1) return "";
  SSL* ssl = nullptr;
  BIO_get_ssl(connection.get(), &ssl);
  return SSL_get_version(ssl);
}

TEST_F(TlsTest, SpeaksTls13And12AndNothingOlder) {
  EXPECT_EQ(VersionWith(server_.port(), TLS1_3_VERSION), "TLSv1.3");
  EXPECT_EQ(VersionWith(server_.port(), TLS1_2_VERSION), "TLSv1.2");
  EXPECT_EQ(VersionWith(server_.port(), TLS1_1_VERSION), "");
  EXPECT_EQ(VersionWith(server_.port(), TLS1_VERSION), "");
}

}  // namespace
}  // namespace veille::testing
