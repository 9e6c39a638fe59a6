#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/identity/proven_authenticator.h"

namespace veille::identity {
namespace {

namespace pb = ::veille::common::v1;

constexpr char kDomain[] = "veille.internal";
const ids::LandlordId kLandlord = ids::LandlordId::Random();
const ids::PartnerId kPartner = ids::PartnerId::Random();

tls::Identity Certificate(std::vector<std::string> path, std::string domain = kDomain) {
  return {std::move(domain), std::move(path)};
}

TEST(CertificateTest, NamesAServiceForTheLandlordItSays) {
  const auto caller =
      CallerOf(Certificate({"service", "call-tracking"}), kDomain, kLandlord.ToString());
  ASSERT_TRUE(caller.ok() && caller->has_value()) << caller.status();
  EXPECT_EQ((*caller)->role, pb::ROLE_SERVICE);
  EXPECT_EQ((*caller)->subject, "call-tracking");
  EXPECT_EQ((*caller)->landlord, kLandlord);
}

TEST(CertificateTest, NamesAPartnerWhateverLandlordItSays) {
  const auto caller =
      CallerOf(Certificate({"landlord", kLandlord.ToString(), "partner", kPartner.ToString()}),
               kDomain, ids::LandlordId::Random().ToString());
  ASSERT_TRUE(caller.ok() && caller->has_value()) << caller.status();
  EXPECT_EQ((*caller)->role, pb::ROLE_PARTNER);
  EXPECT_EQ((*caller)->landlord, kLandlord);
  EXPECT_EQ((*caller)->partner, kPartner);
}

TEST(CertificateTest, OfTheEdgeNamesNobody) {
  const auto caller = CallerOf(Certificate({"edge", "paris"}), kDomain, kLandlord.ToString());
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_FALSE(caller->has_value());
}

TEST(CertificateTest, OfAnotherDomainOrPathIsRefused) {
  const std::string landlord = kLandlord.ToString();
  for (const tls::Identity& certificate : std::vector<tls::Identity>{
           Certificate({"service", "call-tracking"}, "elsewhere.internal"),
           Certificate({"service"}), Certificate({"service", "a", "b"}), Certificate({"edge"}),
           Certificate({"operator", "ops"}), Certificate({"landlord", landlord}),
           Certificate({"landlord", landlord, "partner", "none"}),
           Certificate({"landlord", "none", "partner", kPartner.ToString()}),
           Certificate({"landlord", landlord, "volunteer", kPartner.ToString()})}) {
    EXPECT_TRUE(absl::IsUnauthenticated(CallerOf(certificate, kDomain, landlord).status()))
        << certificate.trust_domain << " " << ::testing::PrintToString(certificate.path);
  }
}

tokens::Grant Granted(std::vector<access::Role> roles) {
  tokens::Grant grant;
  grant.subject = "ada";
  grant.roles = std::move(roles);
  grant.landlord = kLandlord;
  return grant;
}

TEST(GrantTest, GivesTheOneRoleOrTheOneThatIsAskedFor) {
  const auto only = CallerOf(Granted({pb::ROLE_VOLUNTEER}), "");
  ASSERT_TRUE(only.ok()) << only.status();
  EXPECT_EQ(only->role, pb::ROLE_VOLUNTEER);
  EXPECT_EQ(only->subject, "ada");
  EXPECT_EQ(only->landlord, kLandlord);
  const auto asked = CallerOf(Granted({pb::ROLE_VOLUNTEER, pb::ROLE_COORDINATOR}), "coordinator");
  ASSERT_TRUE(asked.ok()) << asked.status();
  EXPECT_EQ(asked->role, pb::ROLE_COORDINATOR);
}

TEST(GrantTest, GivesNoRoleThatItDoesNotName) {
  for (const auto& [grant, role] : std::vector<std::pair<tokens::Grant, std::string>>{
           {Granted({pb::ROLE_VOLUNTEER}), "coordinator"},
           {Granted({pb::ROLE_VOLUNTEER}), "service"},
           {Granted({pb::ROLE_VOLUNTEER}), "nonsense"},
           {Granted({pb::ROLE_VOLUNTEER, pb::ROLE_DPO}), ""},
           {Granted({pb::ROLE_PARTNER}), ""}}) {
    EXPECT_TRUE(absl::IsUnauthenticated(CallerOf(grant, role).status())) << role;
  }
  tokens::Grant nowhere = Granted({pb::ROLE_COORDINATOR});
  nowhere.landlord = {};
  EXPECT_TRUE(absl::IsUnauthenticated(CallerOf(nowhere, "").status()));
}

TEST(GrantTest, AnOperatorBelongsToNoLandlord) {
  const auto caller = CallerOf(Granted({pb::ROLE_OPERATOR}), "");
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_TRUE(caller->landlord.is_nil());
}

}  // namespace
}  // namespace veille::identity
