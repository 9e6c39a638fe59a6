// Which server a client takes that knows it by its SPIFFE ID, as the referral service does
// partners' machines. Every refusal stands beside the same thing done right.

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/ids/uuid.h"
#include "integration/tls_fixture.h"

namespace veille::testing {
namespace {

using veillectl::DevLeaf;
using veillectl::Leaf;

class TlsExpectedServerTest : public ::testing::Test {
 protected:
  static std::string Path(const std::string& partner) {
    return "landlord/0190b8e2-7d3a-7c11-8a51-0f3e5d7c9b01/partner/" + partner;
  }
  static std::string Id(const std::string& path) {
    return absl::StrCat("spiffe://veille.internal/", path);
  }
  Leaf OwnLeaf() const { return DevLeaf("inbox", Path(own_)); }

  tls::Files ClientFiles() const { return dev_.authority.FilesOf("referral"); }
  // Of a channel to the partner `own_`.
  std::shared_ptr<grpc::ChannelCredentials> Expecting(const tls::Files& files) const {
    auto credentials = tls::ChannelCredentials(files, Id(Path(own_)));
    EXPECT_TRUE(credentials.ok()) << credentials.status();
    return *credentials;
  }

  // A machine with this certificate is told, or it is not, and then no call arrives.
  void ExpectTaken(const Leaf& leaf) const { Expect(true, leaf); }
  void ExpectRefused(const Leaf& leaf) const { Expect(false, leaf); }
  void Expect(bool taken, const Leaf& leaf) const {
    // Files of its own: those that are followed already would be exchanged later.
    const std::string name = absl::StrCat("machine-", ids::Uuid::Random().ToString());
    const TlsServer machine(dev_.Write(name, dev_.Issue(leaf)));
    const Answer answer = AskOnce(machine.address(), Expecting(ClientFiles()));
    EXPECT_EQ(answer.code, taken ? grpc::StatusCode::OK : grpc::StatusCode::UNAVAILABLE)
        << answer.message;
    EXPECT_EQ(machine.calls(), taken ? 1 : 0);
  }

  const std::string own_ = "0190b8e2-7d3a-7c11-8a51-0f3e5d7c9b02";
  const std::string other_ = "0190b8e2-7d3a-7c11-8a51-0f3e5d7c9b03";
  const TestAuthority dev_;
};

TEST_F(TlsExpectedServerTest, ItsIdCountsAndItsHostDoesNot) {
  ExpectTaken(OwnLeaf());
  Leaf elsewhere = OwnLeaf();
  elsewhere.hosts = {"elsewhere.example"};
  elsewhere.addresses.clear();
  ExpectTaken(elsewhere);
}

TEST_F(TlsExpectedServerTest, SomebodyElsesCertificateIsRefusedOnTheRightHost) {
  ExpectRefused(DevLeaf("inbox", Path(other_)));
  ExpectRefused(DevLeaf("call-tracking", "service/call-tracking"));
  ExpectRefused(DevLeaf("edge", "edge/edge"));
  Leaf foreign = OwnLeaf();
  foreign.uris = {"spiffe://elsewhere.example/" + Path(own_)};
  ExpectRefused(foreign);
  Leaf no_id = OwnLeaf();
  no_id.uris = {"https://127.0.0.1/"};
  ExpectRefused(no_id);
  ExpectTaken(OwnLeaf());
}

TEST_F(TlsExpectedServerTest, TwoIdsAreNobodys) {
  Leaf two = OwnLeaf();
  two.uris.push_back(Id(Path(other_)));
  ExpectRefused(two);
  two.uris = {Id(Path(other_)), Id(Path(own_))};
  ExpectRefused(two);
}

TEST_F(TlsExpectedServerTest, WithoutAnIdItsHostCounts) {
  Leaf ordinary = OwnLeaf();
  ordinary.uris.clear();
  ExpectTaken(ordinary);
  ordinary.hosts = {"elsewhere.example"};
  ordinary.addresses.clear();
  ExpectRefused(ordinary);
}

TEST_F(TlsExpectedServerTest, OnlyTheAuthorityOfPartnersVouchesForThem) {
  const TestAuthority partners;
  tls::Files client = ClientFiles();
  client.authority = partners.authority.Path("authority.pem");
  tls::Files machine = partners.Write("theirs", partners.Issue(OwnLeaf()));
  machine.authority = dev_.authority.Path("authority.pem");  // it knows us by ours
  const TlsServer theirs(machine);
  const TlsServer ours(dev_.Write("ours", dev_.Issue(OwnLeaf())));
  const Answer answer = AskOnce(theirs.address(), Expecting(client));
  EXPECT_EQ(answer.code, grpc::StatusCode::OK) << answer.message;
  EXPECT_EQ(answer.identity, Id("service/referral"));
  EXPECT_EQ(AskOnce(ours.address(), Expecting(client)).code, grpc::StatusCode::UNAVAILABLE);
  // Where there is no authority of their own, it is the other way round.
  EXPECT_EQ(AskOnce(ours.address(), Expecting(ClientFiles())).code, grpc::StatusCode::OK);
  EXPECT_EQ(AskOnce(theirs.address(), Expecting(ClientFiles())).code,
            grpc::StatusCode::UNAVAILABLE);
}

TEST_F(TlsExpectedServerTest, FilesThatAreNoGoodAreToldAtOnce) {
  tls::Files files = ClientFiles();
  files.authority = dev_.authority.Path("absent.pem");
  EXPECT_EQ(tls::ChannelCredentials(files, Id(Path(own_))).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace veille::testing
