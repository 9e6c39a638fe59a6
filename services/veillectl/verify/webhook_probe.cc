#include "veillectl/verify/webhook_probe.h"

#include <google/protobuf/util/json_util.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/async/sync_wait.h"

namespace veille::veillectl {
namespace {

using web::WebhookKey;
using Answered = absl::StatusOr<web::Response>;

constexpr char kReachable[] = "it is reached over https, with a certificate that is trusted";
constexpr char kVerifyFirst[] =
    "verify webhook-signature over the bytes as they came, before anything else, and answer 401";

std::string BodyOf(const partner::v1::DeliverReferralRequest& notice) {
  std::string data;
  (void)google::protobuf::util::MessageToJsonString(notice, &data);
  return absl::StrCat(R"({"type":"referral.assigned","data":)", data, "}");
}

class Prober {
 public:
  explicit Prober(const WebhookProbe& probe) : probe_(probe), body_(BodyOf(probe.notice)) {}

  Verdicts Run() {
    if (!IsReached()) return std::move(verdicts_);
    IsRefused("what is not signed is refused", Post({}, body_));
    if (!probe_.key.has_value()) {
      verdicts_.push_back(NotTried("what is signed is taken",
                                   "nothing can be signed here without the secret (whsec_…)"));
      return std::move(verdicts_);
    }
    IsRefused("a body that was changed is refused",
              Post(Signed(*probe_.key, absl::Now()), absl::StrCat(body_, " ")));
    IsRefused("what was signed ten minutes ago is refused",
              Post(Signed(*probe_.key, absl::Now() - absl::Minutes(10)), body_),
              "refuse a webhook-timestamp that is older than five minutes");
    IsTaken();
    return std::move(verdicts_);
  }

 private:
  std::vector<std::string> Signed(const WebhookKey& key, absl::Time time) const {
    auto headers = web::SignedHeaders({key}, probe_.notice.delivery_id(), time, body_);
    return headers.ok() ? *std::move(headers) : std::vector<std::string>();
  }

  Answered Post(std::vector<std::string> headers, const std::string& body) const {
    headers.emplace_back("content-type: application/json");
    return async::SyncWait(
        probe_.caller.Post({probe_.url, std::move(headers), body}, absl::Now() + probe_.limit, {}));
  }

  // Why there is no answer, as far as it is the machine's fault.
  std::string WhyNot(const absl::Status& status) const {
    if (absl::IsDeadlineExceeded(status)) {
      return absl::StrCat("it did not answer within ", absl::FormatDuration(probe_.limit),
                          ": answer first, and work afterwards");
    }
    const std::string said(status.message());
    if (absl::StrContains(said, "SSL") || absl::StrContains(said, "certificate")) {
      return absl::StrCat(
          said,
          ": the certificate must be of the host in the address, not expired, and "
          "signed by an authority that is known (--webhook-authority names another)");
    }
    return absl::StrCat(said, ": is it running, and is the address right?");
  }

  // By the first wrong push: its answer is looked at as well.
  bool IsReached() {
    const auto other = WebhookKey::Generate(WebhookKey::Algorithm::kHmacSha256);
    if (!other.ok()) {
      verdicts_.push_back(NotTried(kReachable, std::string(other.status().message())));
      return false;
    }
    const Answered answer = Post(Signed(*other, absl::Now()), body_);
    if (!answer.ok()) {
      verdicts_.push_back(Wrong(kReachable, WhyNot(answer.status())));
      return false;
    }
    verdicts_.push_back(Fine(kReachable));
    IsRefused("what another key signed is refused", answer);
    return true;
  }

  void IsRefused(const std::string& step, const Answered& answer,
                 const std::string& advice = kVerifyFirst) {
    if (!answer.ok()) {
      verdicts_.push_back(Wrong(step, WhyNot(answer.status())));
    } else if (answer->status >= 400 && answer->status < 500) {
      verdicts_.push_back(Fine(step, absl::StrCat("HTTP ", answer->status)));
    } else {
      verdicts_.push_back(Wrong(
          step,
          absl::StrCat("it was answered HTTP ", answer->status, ": ",
                       Redirected(answer->status).empty() ? advice : Redirected(answer->status))));
    }
  }

  static std::string Redirected(int status) {
    return status >= 300 && status < 400
               ? "nothing is followed; register the address that it leads to"
               : "";
  }

  void IsTaken() {
    if (!IsReceipt("what is signed is taken")) return;
    IsReceipt("the same webhook-id again is taken, and does no harm");
  }

  bool IsReceipt(const std::string& step) {
    const absl::Time begun = absl::Now();
    const Answered answer = Post(Signed(*probe_.key, absl::Now()), body_);
    if (!answer.ok()) {
      verdicts_.push_back(Wrong(step, WhyNot(answer.status())));
      return false;
    }
    if (answer->status < 200 || answer->status >= 300) {
      const std::string redirected = Redirected(answer->status);
      verdicts_.push_back(Wrong(
          step, absl::StrCat("it was answered HTTP ", answer->status, ": ",
                             !redirected.empty() ? redirected
                                                 : "answer 2xx; if it is 401, is the key the one "
                                                   "that the registration showed?")));
      return false;
    }
    if (answer->cut) {
      verdicts_.push_back(Wrong(step,
                                "the answer is longer than 20 kB, and so is not read: answer "
                                "{\"receiptNumber\": \"…\"}, or nothing"));
      return false;
    }
    verdicts_.push_back(
        Fine(step, absl::StrCat("HTTP ", answer->status, " after ",
                                absl::ToInt64Milliseconds(absl::Now() - begun), " ms")));
    return true;
  }

  const WebhookProbe& probe_;
  const std::string body_;
  Verdicts verdicts_;
};

}  // namespace

Verdicts Probe(const WebhookProbe& probe) { return Prober(probe).Run(); }

}  // namespace veille::veillectl
