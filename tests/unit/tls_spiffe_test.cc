// What is a SPIFFE ID, and what only looks like one.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/tls/peer_identity.h"
#include "testing/status_matchers.h"

namespace veille::tls {
namespace {

using ::testing::ElementsAre;
using testing::IsOk;
using testing::StatusIs;

TEST(SpiffeIdTest, IsATrustDomainAndAPath) {
  const auto service = ParseSpiffeId("spiffe://veille.internal/service/call-tracking");
  ASSERT_THAT(service, IsOk());
  EXPECT_EQ(service->trust_domain, "veille.internal");
  EXPECT_THAT(service->path, ElementsAre("service", "call-tracking"));
  const auto partner = ParseSpiffeId(
      "spiffe://a_b-9.example/landlord/01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d/partner/X.y_Z-0");
  ASSERT_THAT(partner, IsOk());
  EXPECT_EQ(partner->trust_domain, "a_b-9.example");
  EXPECT_THAT(partner->path, ElementsAre("landlord", "01931f60-8a4e-7c3e-9d1b-0e6f2a7b4c5d",
                                         "partner", "X.y_Z-0"));
  EXPECT_THAT(ParseSpiffeId("spiffe://d/..."), IsOk());  // three dots are a name
}

TEST(SpiffeIdTest, WhatOnlyLooksLikeOneIsRefused) {
  const std::string nul("spiffe://veille.internal/service\0/x", 35);
  for (const std::string& uri : {std::string(),
                                 std::string("spiffe:"),
                                 std::string("spiffe://"),
                                 std::string("spiffe:///service"),
                                 std::string("spiffe://veille.internal"),
                                 std::string("spiffe://veille.internal/"),
                                 std::string("spiffe://veille.internal/service/"),
                                 std::string("spiffe://veille.internal//service"),
                                 std::string("spiffe://veille.internal/./service"),
                                 std::string("spiffe://veille.internal/service/.."),
                                 std::string("spiffe://Veille.internal/service"),
                                 std::string("SPIFFE://veille.internal/service"),
                                 std::string(" spiffe://veille.internal/service"),
                                 std::string("https://veille.internal/service"),
                                 std::string("spiffe:/veille.internal/service"),
                                 std::string("spiffe://veille.internal:443/service"),
                                 std::string("spiffe://root@veille.internal/service"),
                                 std::string("spiffe://veille.internal/service?x=1"),
                                 std::string("spiffe://veille.internal/service#x"),
                                 std::string("spiffe://veille.internal/call%2Dtracking"),
                                 std::string("spiffe://veille.internal/call tracking"),
                                 std::string("spiffe://veille.internal/service\n"),
                                 std::string("spiffe://veille.internal/\xc3\xa9quipe"),
                                 std::string("spiffe://v\xc3\xa9ille.internal/service"),
                                 nul}) {
    EXPECT_THAT(ParseSpiffeId(uri), StatusIs(absl::StatusCode::kInvalidArgument)) << uri;
  }
}

TEST(SpiffeIdTest, HasLimits) {
  const std::string prefix = "spiffe://veille.internal/";
  EXPECT_THAT(ParseSpiffeId(prefix + std::string(2048 - prefix.size(), 'a')), IsOk());
  EXPECT_THAT(ParseSpiffeId(prefix + std::string(2049 - prefix.size(), 'a')),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseSpiffeId("spiffe://" + std::string(255, 'a') + "/x"), IsOk());
  EXPECT_THAT(ParseSpiffeId("spiffe://" + std::string(256, 'a') + "/x"),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace veille::tls
