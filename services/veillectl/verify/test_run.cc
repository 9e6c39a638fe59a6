#include "veillectl/verify/test_run.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status/macros.h"
#include "veille/referral/v1/partner_directory_service.grpc.pb.h"

namespace veille::veillectl {
namespace {

constexpr absl::Duration kBetweenLooks = absl::Milliseconds(200);
constexpr absl::Duration kForAcceptance = absl::Seconds(3);

constexpr char kTold[] = "the service's notice arrives and is acknowledged";
constexpr char kFetched[] = "the case is fetched with GetMyReferral";
constexpr char kAccepted[] = "the case is accepted with AcceptReferral";

std::string Quoted(const referral::v1::PartnerTest& test) {
  return test.answer().empty() ? "" : absl::StrCat(" (", test.answer(), ")");
}

// What to do about a push that failed.
std::string Advice(const referral::v1::PartnerTest& test, referral::v1::PartnerChannel channel) {
  const bool is_webhook = channel == referral::v1::PARTNER_CHANNEL_WEBHOOK;
  switch (test.problem()) {
    case referral::v1::PARTNER_TEST_PROBLEM_UNREACHABLE:
      return absl::StrCat("no answer", Quoted(test),
                          is_webhook
                              ? ": is it running, does the name lead to it, is its "
                                "certificate of that host and of a known authority?"
                              : ": is it running, does it speak TLS with a certificate of the "
                                "authority that the service knows?");
    case referral::v1::PARTNER_TEST_PROBLEM_ADDRESS_REFUSED:
      return absl::StrCat("the address may not be called", Quoted(test),
                          ": it must be on the internet, or in a network that the operator names");
    case referral::v1::PARTNER_TEST_PROBLEM_TOO_SLOW:
      return "no answer within 10 seconds: answer first, and work afterwards";
    case referral::v1::PARTNER_TEST_PROBLEM_NO_INBOX:
      return absl::StrCat("the answer says that no inbox is there", Quoted(test),
                          ": is it the right address?");
    case referral::v1::PARTNER_TEST_PROBLEM_REFUSED:
      return absl::StrCat("it was refused", Quoted(test),
                          is_webhook
                              ? ": answer 2xx to what is signed with the partner's key; is it "
                                "the key that is valid now? No redirect is followed"
                              : ": take notices from spiffe://…/service/referral for this "
                                "landlord");
    default:
      return "nothing was pushed in time: does the partner rest, and has it a key?";
  }
}

bool IsSettled(const referral::v1::PartnerTest& test) {
  return test.over() || test.problem() != referral::v1::PARTNER_TEST_PROBLEM_UNSPECIFIED ||
         test.stage() == referral::v1::PARTNER_TEST_STAGE_ACCEPTED;
}

}  // namespace

absl::StatusOr<referral::v1::PartnerTest> RunTest(const Connection& referral,
                                                  const std::string& partner_id,
                                                  const std::string& request_id,
                                                  absl::Duration patience) {
  referral::v1::TestPartnerRequest request;
  request.set_request_id(request_id);
  request.set_partner_id(partner_id);
  absl::Time until = absl::Now() + patience;
  while (true) {
    ASSIGN_OR_RETURN(
        const referral::v1::TestPartnerResponse stands,
        referral.Call(&referral::v1::PartnerDirectoryService::Stub::TestPartner, request));
    if (stands.test().stage() == referral::v1::PARTNER_TEST_STAGE_FETCHED) {
      until = std::min(until, absl::Now() + kForAcceptance);
    }
    if (IsSettled(stands.test()) || absl::Now() >= until) return stands.test();
    absl::SleepFor(kBetweenLooks);
  }
}

Verdicts Read(const referral::v1::PartnerTest& test, referral::v1::PartnerChannel channel) {
  if (!test.has_receive_time()) {
    return {Wrong(kTold, Advice(test, channel)), NotTried(kFetched, "it was not told"),
            NotTried(kAccepted, "it was not told")};
  }
  Verdicts verdicts = {
      Fine(kTold, test.tries() > 1 ? absl::StrCat("at try ", test.tries()) : std::string())};
  if (!test.has_fetch_time()) {
    verdicts.push_back(
        Wrong(kFetched, absl::StrCat("it was told of referral ", test.test_id(),
                                     " and did not ask for it: call GetMyReferral with that id, as "
                                     "this partner")));
  } else {
    verdicts.push_back(Fine(kFetched));
  }
  if (test.has_accept_time()) {
    verdicts.push_back(Fine(kAccepted));
  } else {
    verdicts.push_back(NotTried(kAccepted, "nobody did; of a real case a person must, in time"));
  }
  return verdicts;
}

}  // namespace veille::veillectl
