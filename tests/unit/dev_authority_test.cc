#include "veillectl/dev_authority/dev_authority.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "testing/status_matchers.h"
#include "testing/temporary_folder.h"

namespace veille::veillectl {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::ContentOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

class DevAuthorityTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return folder_.path() + "/" + name; }
  std::string Content(const std::string& name) const { return ContentOf(Path(name)); }

  testing::TemporaryFolder folder_;
};

using Certificate = std::unique_ptr<X509, void (*)(X509*)>;

Certificate Parse(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  Certificate certificate(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr), X509_free);
  BIO_free(bio);
  EXPECT_NE(certificate, nullptr);
  return certificate;
}

int DaysOf(const std::string& pem) {
  const Certificate certificate = Parse(pem);
  int days = 0;
  int seconds = 0;
  ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(certificate.get()),
                 X509_get0_notAfter(certificate.get()));
  return days;
}

std::vector<std::string> UrisOf(const std::string& pem) {
  const Certificate certificate = Parse(pem);
  std::vector<std::string> uris;
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate.get(), NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_URI) continue;
    const ASN1_STRING* uri = name->d.uniformResourceIdentifier;
    uris.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                      ASN1_STRING_length(uri));
  }
  GENERAL_NAMES_free(names);
  return uris;
}

TEST_F(DevAuthorityTest, ACertificateSaysWhatItShall) {
  ASSERT_THAT(DevAuthority::Create(folder_.path()), IsOk());
  const Certificate root = Parse(Content("authority.pem"));
  EXPECT_EQ(X509_check_ca(root.get()), 1);
  EXPECT_EQ(DaysOf(Content("authority.pem")), 365);
  const Certificate leaf = Parse(Content("call-tracking.pem"));
  EXPECT_EQ(X509_check_ca(leaf.get()), 0);
  EXPECT_EQ(X509_verify(leaf.get(), X509_get0_pubkey(root.get())), 1);
  EXPECT_EQ(DaysOf(Content("call-tracking.pem")), 90);
  EXPECT_THAT(UrisOf(Content("call-tracking.pem")),
              ElementsAre("spiffe://veille.internal/service/call-tracking"));
  for (const char* host : {"localhost", "call-tracking"}) {
    EXPECT_EQ(X509_check_host(leaf.get(), host, 0, 0, nullptr), 1) << host;
  }
  for (const char* address : {"127.0.0.1", "::1"}) {
    EXPECT_EQ(X509_check_ip_asc(leaf.get(), address, 0), 1) << address;
  }
  EXPECT_NE(X509_check_host(leaf.get(), "referral", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_get_extended_key_usage(leaf.get()), uint32_t{XKU_SSL_SERVER | XKU_SSL_CLIENT});
  EXPECT_EQ(EVP_PKEY_get_bits(X509_get0_pubkey(leaf.get())), 256);
}

TEST_F(DevAuthorityTest, KeysAreTheirOwnersAlone) {
  const auto authority = DevAuthority::Create(folder_.path());
  ASSERT_THAT(authority, IsOk());
  ASSERT_THAT(authority->IssuePartner(ids::LandlordId::Random(), ids::PartnerId::Random()), IsOk());
  int keys = 0;
  for (const auto& entry : fs::directory_iterator(folder_.path())) {
    if (entry.path().extension() != ".key") continue;
    ++keys;
    EXPECT_EQ(entry.status().permissions(), fs::perms(0600)) << entry.path();
  }
  EXPECT_EQ(keys, 8);  // authority, four programs, a partner, tokens, audit
}

TEST_F(DevAuthorityTest, IsNotOverwrittenUnasked) {
  EXPECT_THAT(DevAuthority::Open(folder_.path()), StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_THAT(DevAuthority::Create(folder_.path()), IsOk());
  const std::string root = Content("authority.pem");
  EXPECT_THAT(DevAuthority::Create(folder_.path()), StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(Content("authority.pem"), root);
  ASSERT_THAT(DevAuthority::Open(folder_.path()), IsOk());
  ASSERT_THAT(DevAuthority::Replace(folder_.path()), IsOk());
  EXPECT_NE(Content("authority.pem"), root);
}

TEST_F(DevAuthorityTest, RenewsItsPrograms) {
  ASSERT_THAT(DevAuthority::Create(folder_.path()), IsOk());
  const auto authority = DevAuthority::Open(folder_.path());
  ASSERT_THAT(authority, IsOk());
  const std::string before = Content("referral.pem");
  const std::string tokens = Content("tokens.key");
  ASSERT_THAT(authority->RenewPrograms(), IsOk());
  EXPECT_NE(Content("referral.pem"), before);
  EXPECT_EQ(Content("tokens.key"), tokens);
  const Certificate root = Parse(Content("authority.pem"));
  EXPECT_EQ(X509_verify(Parse(Content("referral.pem")).get(), X509_get0_pubkey(root.get())), 1);
}

TEST_F(DevAuthorityTest, NamesAPartnerOfALandlord) {
  const auto authority = DevAuthority::Create(folder_.path());
  ASSERT_THAT(authority, IsOk());
  const auto landlord = ids::LandlordId::Random();
  const auto partner = ids::PartnerId::Random();
  ASSERT_THAT(authority->IssuePartner(landlord, partner), IsOk());
  EXPECT_THAT(UrisOf(Content("partner-" + partner.ToString() + ".pem")),
              ElementsAre("spiffe://veille.internal/landlord/" + landlord.ToString() + "/partner/" +
                          partner.ToString()));
}

TEST_F(DevAuthorityTest, SignsATokenThatItsIssuerKnows) {
  const auto authority = DevAuthority::Create(folder_.path());
  ASSERT_THAT(authority, IsOk());
  const std::string landlord = ids::LandlordId::Random().ToString();
  const auto token = authority->Token("volunteer", "julie", landlord, "", absl::Minutes(5));
  ASSERT_THAT(token, IsOk());
  const std::vector<std::string> parts = absl::StrSplit(*token, '.');
  ASSERT_EQ(parts.size(), 3U);
  const auto decoded = [&parts](int i) {
    std::string text;
    EXPECT_TRUE(absl::WebSafeBase64Unescape(parts[i], &text));
    return json::parse(text);
  };
  const json issuer = json::parse(Content("issuers.json"))[0];
  EXPECT_EQ(decoded(1)["iss"], issuer["issuer"]);
  EXPECT_EQ(decoded(1)["aud"], issuer["audience"]);
  EXPECT_EQ(decoded(1)["sub"], "julie");
  EXPECT_EQ(decoded(1)["exp"].get<int64_t>() - decoded(1)["iat"].get<int64_t>(), 300);
  const json keys = json::parse(Content(issuer["keys"]))["keys"];
  EXPECT_EQ(decoded(0)["kid"], keys[0]["kid"]);
  EXPECT_EQ(decoded(0)["alg"], "ES256");
}

TEST_F(DevAuthorityTest, SignsNothingThatNoServiceWouldTake) {
  const auto authority = DevAuthority::Create(folder_.path());
  ASSERT_THAT(authority, IsOk());
  const std::string id = ids::Uuid::Random().ToString();
  const auto hour = absl::Hours(1);
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(authority->Token("king", "x", id, "", hour), refused);
  EXPECT_THAT(authority->Token("service", "call-tracking", id, "", hour), refused);
  EXPECT_THAT(authority->Token("volunteer", "", id, "", hour), refused);
  EXPECT_THAT(authority->Token("volunteer", "x", "", "", hour), refused);
  EXPECT_THAT(authority->Token("volunteer", "x", id, id, hour), refused);
  EXPECT_THAT(authority->Token("operator", "x", id, "", hour), refused);
  EXPECT_THAT(authority->Token("partner", "x", id, "", hour), refused);
  EXPECT_THAT(authority->Token("dpo", "x", id, "", absl::ZeroDuration()), refused);
  EXPECT_THAT(authority->Token("dpo", "x", id, "", absl::Hours(13)), refused);
  EXPECT_THAT(authority->Token("dpo", "x", id, "", absl::Hours(12)), IsOk());
  EXPECT_THAT(authority->Token("operator", "x", "", "", hour), IsOk());
  EXPECT_THAT(authority->Token("partner", "x", id, id, hour), IsOk());
}

TEST_F(DevAuthorityTest, SaysWhichFileIsNoGood) {
  ASSERT_THAT(DevAuthority::Create(folder_.path()), IsOk());
  folder_.Write("tokens.key", "nothing");
  EXPECT_THAT(std::string(DevAuthority::Open(folder_.path()).status().message()),
              HasSubstr("tokens.key"));
  fs::copy_file(Path("referral.key"), Path("authority.key"), fs::copy_options::overwrite_existing);
  EXPECT_THAT(std::string(DevAuthority::Open(folder_.path()).status().message()),
              HasSubstr("authority.key"));
}

}  // namespace
}  // namespace veille::veillectl
