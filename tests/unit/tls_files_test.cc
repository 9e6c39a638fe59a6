// What is wrong with the files at the start is told, and where.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "absl/time/clock.h"
#include "common/tls/credentials.h"
#include "common/tls/live_files.h"
#include "common/tls/material.h"
#include "common/tls/memory_file.h"
#include "testing/status_matchers.h"
#include "testing/temporary_folder.h"
#include "veillectl/dev_authority/certificate_authority.h"

namespace veille::tls {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using testing::ContentOf;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using veillectl::CertificateAuthority;
using veillectl::KeyedCertificate;
using veillectl::Leaf;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

class TlsFilesTest : public ::testing::Test {
 protected:
  TlsFilesTest() {
    const auto root =
        CertificateAuthority::Generate("a root", kNow - absl::Hours(1), kNow + absl::Hours(1));
    EXPECT_THAT(root, IsOk());
    good_ = *root->Issue(Leaf{.name = "a leaf",
                              .uris = {},
                              .hosts = {},
                              .addresses = {},
                              .begins = kNow - absl::Minutes(2),
                              .ends = kNow + absl::Minutes(2)});
    other_ = *root->Issue(Leaf{.name = "another leaf",
                               .uris = {},
                               .hosts = {},
                               .addresses = {},
                               .begins = kNow - absl::Minutes(2),
                               .ends = kNow + absl::Minutes(2)});
    files_ = {.certificate = folder_.Write("leaf.pem", good_.certificate),
              .key = folder_.Write("leaf.key", good_.key),
              .authority = folder_.Write("authority.pem", root->ToPem()->certificate)};
  }

  std::string WhyNot(absl::Time now = kNow) const {
    const auto material = ReadMaterial(files_, now);
    EXPECT_EQ(material.status().code(), absl::StatusCode::kInvalidArgument);
    const std::string message(material.status().message());
    EXPECT_THAT(message, Not(HasSubstr("BEGIN")));
    return message;
  }

  testing::TemporaryFolder folder_;
  KeyedCertificate good_;
  KeyedCertificate other_;
  Files files_;
};

TEST_F(TlsFilesTest, GoodFilesAreRead) {
  const auto both = ReadMaterial(files_, kNow);
  ASSERT_THAT(both, IsOk());
  EXPECT_THAT(both->pair, AllOf(HasSubstr(good_.certificate), HasSubstr(good_.key)));
  EXPECT_EQ(both->authority, ContentOf(files_.authority));
  const auto authority_alone = ReadMaterial(Files{.authority = files_.authority}, kNow);
  ASSERT_THAT(authority_alone, IsOk());
  EXPECT_EQ(authority_alone->pair, "");
}

// A process that follows so many files that it is looking at them when it exits.
void FollowAndExit(const testing::TemporaryFolder& folder) {
  static const std::string path = folder.path();
  std::atexit([] { std::filesystem::remove_all(path); });  // registered first, so it runs last
  const absl::Time began = absl::Now();
  const auto root = CertificateAuthority::Generate("a root", began, began + absl::Hours(1));
  const auto leaf = root->Issue(
      Leaf{.name = "a leaf", .begins = began - absl::Minutes(1), .ends = began + absl::Hours(1)});
  for (int i = 0; i < 300; ++i) {
    const std::string name = std::to_string(i);
    const Files files{.certificate = folder.Write(name + ".pem", leaf->certificate),
                      .key = folder.Write(name + ".key", leaf->key),
                      .authority = folder.Write(name + ".ca", root->ToPem()->certificate)};
    if (!Follow(files).ok()) std::exit(1);
  }
  absl::SleepFor(began + absl::Milliseconds(1025) - absl::Now());  // they are looked at each second
  std::exit(0);
}

TEST_F(TlsFilesTest, AProcessEndsInOrderWhileItsFilesAreRead) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EXIT(FollowAndExit(folder_), ::testing::ExitedWithCode(0), "");
  }
}

TEST_F(TlsFilesTest, WhatIsAbsentIsNamed) {
  const Files good = files_;
  for (std::string Files::* file : {&Files::certificate, &Files::key, &Files::authority}) {
    files_ = good;
    files_.*file = folder_.path() + "/absent";
    EXPECT_THAT(WhyNot(), AllOf(HasSubstr("/absent"), HasSubstr("No such file")));
    files_.*file = folder_.path();
    EXPECT_THAT(WhyNot(), HasSubstr("is not a file"));
  }
  files_ = good;
  files_.key = "";
  EXPECT_THAT(WhyNot(), HasSubstr("a certificate needs its key"));
  files_.certificate = "";
  EXPECT_THAT(ReadMaterial(files_, kNow), IsOk());
  EXPECT_EQ(ServerCredentials(files_).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(TlsFilesTest, WhatIsNoPemIsNamed) {
  folder_.Write("leaf.pem", "nothing of the kind");
  EXPECT_THAT(WhyNot(), AllOf(HasSubstr("leaf.pem"), HasSubstr("no certificate in PEM")));
  folder_.Write("leaf.pem", good_.certificate.substr(0, good_.certificate.size() / 2));
  EXPECT_THAT(WhyNot(), AllOf(HasSubstr("leaf.pem"), HasSubstr("cannot be read")));
  folder_.Write("leaf.pem", good_.certificate + "-----BEGIN CERTIFICATE-----\nAAAA\n");
  EXPECT_THAT(WhyNot(), AllOf(HasSubstr("leaf.pem"), HasSubstr("cannot be read")));
  folder_.Write("leaf.pem", good_.certificate);
  folder_.Write("leaf.key", good_.certificate);
  EXPECT_THAT(WhyNot(), AllOf(HasSubstr("leaf.key"), HasSubstr("no private key in PEM")));
  folder_.Write("leaf.key", good_.key);
  folder_.Write("authority.pem", "");
  EXPECT_THAT(WhyNot(), AllOf(HasSubstr("authority.pem"), HasSubstr("no certificate in PEM")));
}

TEST_F(TlsFilesTest, AKeyThatIsAnothersOrOthersMayReadIsNamed) {
  folder_.Write("leaf.key", other_.key);
  EXPECT_THAT(WhyNot(), AllOf(HasSubstr("leaf.key is not the key of"), HasSubstr("leaf.pem")));
  folder_.Write("leaf.key", good_.key);
  for (const int mode : {0640, 0604, 0610}) {
    fs::permissions(files_.key, fs::perms(mode));
    EXPECT_THAT(WhyNot(), AllOf(HasSubstr("leaf.key"), HasSubstr("chmod 600")));
  }
  fs::permissions(files_.key, fs::perms(0400));
  EXPECT_THAT(ReadMaterial(files_, kNow), IsOk());
}

TEST_F(TlsFilesTest, ACertificateOutOfItsTimeIsNamed) {
  EXPECT_THAT(WhyNot(kNow + absl::Minutes(3)), AllOf(HasSubstr("leaf.pem"), HasSubstr("expired")));
  EXPECT_THAT(WhyNot(kNow - absl::Minutes(3)),
              AllOf(HasSubstr("leaf.pem"), HasSubstr("not valid yet")));
  EXPECT_THAT(ReadMaterial(files_, kNow + absl::Minutes(1)), IsOk());
}

TEST(MemoryFileTest, ChangesAllAtOnceAndShowsIt) {
  auto file = MemoryFile::Create("one");
  ASSERT_THAT(file, IsOk());
  const std::string path = file->path();
  EXPECT_EQ(ContentOf(path), "one");
  const auto before = fs::last_write_time(path);
  std::ifstream open(path);
  ASSERT_THAT(file->Replace("two, and longer"), IsOk());
  EXPECT_EQ(file->path(), path);
  EXPECT_EQ(ContentOf(path), "two, and longer");
  EXPECT_GE(fs::last_write_time(path) - before, std::chrono::seconds(1));  // at whatever pace
  std::string still;
  std::getline(open, still);
  EXPECT_EQ(still, "one") << "who has opened it reads on what it opened";
}

}  // namespace
}  // namespace veille::tls
