// How the sample clients prove who they are, and whom they believe.

#include "absl/strings/str_join.h"
#include "e2e/clients_fixture.h"

namespace veille::e2e {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::StartsWith;

class ClientsSecurityTest : public ClientsTest {
 protected:
  // Of a certificate that the authority gave to somebody with these URIs.
  std::shared_ptr<grpc::ChannelCredentials> CredentialsWith(std::vector<std::string> uris) const {
    veillectl::Leaf leaf = veillectl::DevLeaf("somebody", "service/somebody");
    leaf.uris = std::move(uris);
    const auto issued = authority().certificates().Issue(leaf);
    EXPECT_THAT(issued, IsOk());
    const std::string name = NewId();
    return CredentialsOf({.certificate = folder_.Write(name + ".pem", issued->certificate),
                          .key = folder_.Write(name + ".key", issued->key),
                          .authority = authority().Path("authority.pem")});
  }
};

TEST_P(ClientsSecurityTest, AnInboxHearsTheReferralServiceAndNobodyElse) {
  ASSERT_NO_FATAL_FAILURE(RegisterPartner());
  const auto inbox = StartInbox();
  const std::string heard = NewId();
  const auto deliver = [&](std::shared_ptr<grpc::ChannelCredentials> credentials,
                           const std::string& referral = NewId()) {
    return Deliver(Notice(referral), story_.landlord_id, std::move(credentials)).status();
  };
  const std::string name = "spiffe://veille.internal/service/referral";
  EXPECT_THAT(deliver(CredentialsWith({name}), heard), IsOk());

  // Whom the authority knows, but as somebody else.
  for (const std::string program : {"call-tracking", "edge"}) {
    const auto credentials = CredentialsOf(authority().FilesOf(program));
    EXPECT_TRUE(absl::IsPermissionDenied(deliver(credentials))) << program;
  }
  EXPECT_TRUE(absl::IsPermissionDenied(deliver(CredentialsOf(PartnerFiles()))));
  for (const std::vector<std::string>& uris : std::vector<std::vector<std::string>>{
           {"spiffe://veille.example/service/referral"},
           {name + "/more"},
           {name, "spiffe://veille.internal/service/call-tracking"},
           {"spiffe://veille.internal/service/call-tracking", name},
           {}}) {
    EXPECT_TRUE(absl::IsPermissionDenied(deliver(CredentialsWith(uris))))
        << absl::StrJoin(uris, " ");
  }

  // Whom it does not know.
  const auto another = veillectl::DevAuthority::Create(folder_.path() + "/another");
  ASSERT_THAT(another, IsOk());
  tls::Files foreign = another->FilesOf("referral");
  foreign.authority = authority().Path("authority.pem");
  EXPECT_TRUE(absl::IsUnavailable(deliver(CredentialsOf(foreign))));
  EXPECT_TRUE(absl::IsUnavailable(deliver(CredentialsOf(authority().FilesOf("")))));
  EXPECT_TRUE(absl::IsUnavailable(deliver(grpc::InsecureChannelCredentials())));

  EXPECT_THAT(deliver(CredentialsOf(authority().FilesOf("referral")), heard), IsOk());
  EXPECT_THAT(End(*inbox, heard), ::testing::ElementsAre("received", "received"));
}

TEST_P(ClientsSecurityTest, ATokenThatIsRenewedIsTakenWithoutARestart) {
  ASSERT_NO_FATAL_FAILURE(RegisterPartner());
  const auto inbox = RunInbox(folder_.Write("partner", "worn-out"));
  ASSERT_TRUE(inbox->WaitForLine("ListMyReferrals: UNAUTHENTICATED: ", kPatience).has_value());
  folder_.Write("partner", PartnerToken());
  ASSERT_THAT(CreateReferral(*programme_, story_.landlord_id, "31555"), IsOk());
  EXPECT_THAT(End(*inbox, AwaitCompleted().referral_id()), ActedOnce());
}

TEST_P(ClientsSecurityTest, WithoutAnAuthorityTheyStayOnThisMachine) {
  const Programme loopback(Programme::Security::kLoopback);
  const auto volunteer = [&](const std::string& address) {
    return Run("volunteer", NewId(),
               {{"VEILLE_CALLS_ADDRESS", address},
                {"VEILLE_LANDLORD", story_.landlord_id},
                {"VEILLE_SUBJECT", "noor"}});
  };
  const auto here = volunteer(loopback.address(Service::kCalls));
  EXPECT_THAT(here->ReadAll(), StartsWith("LeaseNextCall: CAMPAIGN_NOT_FOUND: "));
  EXPECT_EQ(here->Wait(kPatience), 1);

  for (const std::string address : {"192.0.2.1:7002", "localhost.example:7002"}) {
    const auto beyond = volunteer(address);
    EXPECT_THAT(beyond->ReadAll(),
                HasSubstr(address + " is not on this machine: VEILLE_TLS_AUTHORITY is needed"));
    EXPECT_EQ(beyond->Wait(kPatience), 1);
    const auto inbox = Run("partner_inbox", address,
                           {{"VEILLE_LANDLORD", story_.landlord_id}, {"VEILLE_PARTNER", NewId()}});
    EXPECT_THAT(inbox->ReadAll(), HasSubstr(address + " is not on this machine"));
    EXPECT_EQ(inbox->Wait(kPatience), 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Languages, ClientsSecurityTest, ::testing::ValuesIn(Languages()),
                         NameOfLanguage());

}  // namespace
}  // namespace veille::e2e
