#include "common/rpc/reason.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/status_matchers.h"

namespace veille::rpc {
namespace {

using testing::IsOk;
using testing::ReasonIs;
using testing::StatusIs;

std::string Repeated(int times, std::string_view text) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(ReasonTest, TravelsAsItIs) {
  for (const std::string& reason :
       {std::string("the tenant's daughter is worried: 3 calls unanswered"),
        std::string("signalement de la mairie, « urgent » — à 100 %"),
        std::string("理由はここに書かれています"),
        std::string("+1 & a=b?c/d%41 "
                    "is text")}) {
    const auto read = ReadReason(EncodeReason(reason));
    ASSERT_THAT(read, IsOk()) << reason;
    EXPECT_EQ(*read, reason);
    for (const char c : EncodeReason(reason)) EXPECT_TRUE(c > 0x20 && c < 0x7f);
  }
  // What a client need not encode may stand as it is.
  const auto plain = ReadReason("complaint of a neighbour");
  ASSERT_THAT(plain, IsOk());
  EXPECT_EQ(*plain, "complaint of a neighbour");
}

TEST(ReasonTest, HasTenToFiveHundredCharactersWithoutTheSpacesAround) {
  EXPECT_THAT(ReadReason(EncodeReason(Repeated(10, "é"))), IsOk());
  EXPECT_THAT(ReadReason(EncodeReason(Repeated(500, "é"))), IsOk());
  const auto trimmed = ReadReason(EncodeReason("   0123456789 "));
  ASSERT_THAT(trimmed, IsOk());
  EXPECT_EQ(*trimmed, "0123456789");
  for (const std::string& wrong : {std::string(), std::string(" "), Repeated(9, "é"),
                                   "  " + Repeated(9, "é") + "  ", Repeated(501, "é")}) {
    EXPECT_THAT(ReadReason(EncodeReason(wrong)), ReasonIs(common::v1::ERROR_REASON_REASON_REQUIRED))
        << wrong.size();
  }
}

TEST(ReasonTest, IsRefusedWhenItIsNoText) {
  const std::string text = "0123456789";
  for (const std::string& wrong :
       {text + "%", text + "%4", text + "%zz", text + "%C3", text + "%C3%28", text + "%ED%A0%80",
        text + "%00", text + "%0A" + text, text + "%1B[31m", text + "%7F", text + "%C2%9B31m",
        text + "\xc3"}) {
    const auto read = ReadReason(wrong);
    EXPECT_THAT(read, StatusIs(absl::StatusCode::kFailedPrecondition)) << wrong;
    EXPECT_THAT(read, ReasonIs(common::v1::ERROR_REASON_REASON_REQUIRED)) << wrong;
    EXPECT_THAT(std::string(read.status().message()), ::testing::HasSubstr("veille-reason"));
    EXPECT_THAT(std::string(read.status().message()), ::testing::Not(::testing::HasSubstr(text)));
  }
}

}  // namespace
}  // namespace veille::rpc
