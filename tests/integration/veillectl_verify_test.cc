// What `veillectl partner verify` tells about webhooks that are right, and about each way to be
// wrong.

#include <gmock/gmock.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "integration/web_fixture.h"
#include "testing/status_matchers.h"
#include "veillectl/verify/webhook_probe.h"

namespace veille::veillectl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kPartnerAddress;
using testing::kPartnerHost;
using ::testing::SizeIs;
using web::WebhookKey;

std::string Http(const std::string& head, const std::string& body = "") {
  return absl::StrCat("HTTP/1.1 ", head, "\r\nContent-Length: ", body.size(),
                      "\r\nConnection: close\r\n\r\n", body);
}

// Whether a request is signed with the key, and not longer ago than that.
bool IsSigned(const WebhookKey& key, const std::string& request,
              absl::Duration tolerance = absl::Minutes(5)) {
  const size_t end = request.find("\r\n\r\n");
  std::map<std::string, std::string> headers;
  for (const auto line : absl::StrSplit(request.substr(0, end), "\r\n")) {
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(": ", 1));
    if (parts.size() == 2) headers[parts[0]] = parts[1];
  }
  int64_t seconds = 0;
  if (!absl::SimpleAtoi(headers["webhook-timestamp"], &seconds)) return false;
  const absl::Time time = absl::FromUnixSeconds(seconds);
  if (absl::AbsDuration(absl::Now() - time) > tolerance) return false;
  const auto expected = key.Sign(headers["webhook-id"], time, request.substr(end + 4));
  return expected.ok() && *expected == headers["webhook-signature"];
}

class VerifyTest : public ::testing::Test {
 protected:
  void Answer(std::function<std::string(const std::string&)> answer) {
    site_.server().Answer(std::move(answer));
  }
  Verdicts Try(std::optional<WebhookKey> key, absl::Duration limit = absl::Seconds(10)) {
    partner::v1::DeliverReferralRequest notice;
    notice.set_delivery_id("0190e4c1-0000-7000-8000-000000000001");
    notice.set_test(true);
    return Probe({.caller = caller_,
                  .url = site_.Url(),
                  .key = std::move(key),
                  .notice = notice,
                  .limit = limit});
  }
  static std::vector<std::string> WrongOf(const Verdicts& verdicts) {
    std::vector<std::string> wrong;
    for (const Verdict& verdict : verdicts) {
      if (verdict.kind == Verdict::Kind::kWrong) {
        wrong.push_back(absl::StrCat(verdict.step, ": ", verdict.words));
      }
    }
    return wrong;
  }

  testing::PartnerSite site_;
  web::Caller caller_{site_.Options([](const std::string&) {
    return absl::StatusOr<std::vector<web::Address>>({testing::AddressOf(kPartnerAddress)});
  })};
  const WebhookKey key_ = WebhookKey::Generate(WebhookKey::Algorithm::kHmacSha256).value();
};

TEST_F(VerifyTest, ARightWebhookHasNothingToPutRight) {
  Answer([&](const std::string& request) {
    return IsSigned(key_, request) ? Http("204 No Content") : Http("401 Unauthorized");
  });
  const Verdicts verdicts = Try(key_);
  EXPECT_THAT(WrongOf(verdicts), IsEmpty());
  EXPECT_THAT(verdicts, SizeIs(7));
}

TEST_F(VerifyTest, WithoutTheSecretOnlyWhatMustBeRefusedIsTried) {
  Answer([&](const std::string&) { return Http("401 Unauthorized"); });
  const Verdicts verdicts = Try(std::nullopt);
  EXPECT_THAT(WrongOf(verdicts), IsEmpty());
  EXPECT_EQ(verdicts.back().kind, Verdict::Kind::kNotTried);
}

TEST_F(VerifyTest, OneThatDoesNotCheckTheSignatureIsTold) {
  Answer([](const std::string&) { return Http("200 OK"); });
  EXPECT_THAT(WrongOf(Try(key_)),
              ElementsAre(HasSubstr("another key signed is refused: it was answered HTTP 200"),
                          HasSubstr("not signed is refused"), HasSubstr("changed is refused"),
                          HasSubstr("ten minutes ago is refused")));
}

TEST_F(VerifyTest, OneThatTakesOldMessagesIsTold) {
  Answer([&](const std::string& request) {
    return IsSigned(key_, request, absl::Hours(1)) ? Http("200 OK") : Http("401 Unauthorized");
  });
  EXPECT_THAT(WrongOf(Try(key_)), ElementsAre(HasSubstr("older than five minutes")));
}

TEST_F(VerifyTest, OneWithAnotherKeyIsTold) {
  Answer([](const std::string&) { return Http("401 Unauthorized"); });
  EXPECT_THAT(WrongOf(Try(key_)), ElementsAre(HasSubstr("is the key the one that")));
}

TEST_F(VerifyTest, OneThatRefusesARepetitionIsTold) {
  int taken = 0;
  Answer([&](const std::string& request) {
    if (!IsSigned(key_, request)) return Http("401 Unauthorized");
    return taken++ == 0 ? Http("200 OK") : Http("409 Conflict");
  });
  EXPECT_THAT(WrongOf(Try(key_)),
              ElementsAre(HasSubstr("the same webhook-id again is taken, and does no harm: it was "
                                    "answered HTTP 409")));
}

TEST_F(VerifyTest, OneThatRedirectsIsTold) {
  Answer([](const std::string&) { return Http("302 Found"); });
  const auto wrong = WrongOf(Try(key_));
  EXPECT_THAT(wrong, SizeIs(5));
  EXPECT_THAT(wrong.back(), HasSubstr("nothing is followed"));
}

TEST_F(VerifyTest, OneThatAnswersALotIsTold) {
  Answer([&](const std::string& request) {
    return IsSigned(key_, request) ? Http("200 OK", std::string(30'000, 'x'))
                                   : Http("401 Unauthorized");
  });
  EXPECT_THAT(WrongOf(Try(key_)), ElementsAre(HasSubstr("longer than 20 kB")));
}

TEST_F(VerifyTest, OneThatIsSlowIsToldAndAskedNothingMore) {
  site_.server().Say("", /*hangs=*/true);
  EXPECT_THAT(WrongOf(Try(key_, absl::Milliseconds(300))),
              ElementsAre(HasSubstr("answer first, and work afterwards")));
}

TEST_F(VerifyTest, OneWhoseCertificateIsOfAnotherHostIsTold) {
  testing::CannedServer other(site_.authority().Issue(site_.LeafOf("elsewhere.example")).value(),
                              testing::CannedServer::Where::kEverywhere);
  web::CallerOptions options = site_.Options([](const std::string&) {
    return absl::StatusOr<std::vector<web::Address>>({testing::AddressOf(kPartnerAddress)});
  });
  options.policy =
      web::AddressPolicy::Parse(absl::StrCat(kPartnerAddress, "/32"), absl::StrCat(other.port()))
          .value();
  web::Caller caller(std::move(options));
  const Verdicts verdicts =
      Probe({.caller = caller,
             .url = absl::StrCat("https://", kPartnerHost, ":", other.port(), "/inbox"),
             .key = key_,
             .notice = {}});
  EXPECT_THAT(WrongOf(verdicts), ElementsAre(HasSubstr("must be of the host in the address")));
}

TEST_F(VerifyTest, OneThatIsNotThereIsTold) {
  const int port = testing::PartnerSite().server().port();  // nothing listens there any more
  web::CallerOptions options = site_.Options([](const std::string&) {
    return absl::StatusOr<std::vector<web::Address>>({testing::AddressOf(kPartnerAddress)});
  });
  options.policy =
      web::AddressPolicy::Parse(absl::StrCat(kPartnerAddress, "/32"), absl::StrCat(port)).value();
  web::Caller caller(std::move(options));
  const Verdicts verdicts =
      Probe({.caller = caller,
             .url = absl::StrCat("https://", kPartnerHost, ":", port, "/inbox"),
             .key = key_,
             .notice = {}});
  EXPECT_THAT(WrongOf(verdicts), ElementsAre(HasSubstr("is it running")));
}

}  // namespace
}  // namespace veille::veillectl
