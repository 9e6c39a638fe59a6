#include "veillectl/commands/partner_verify.h"

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/ids/uuid.h"
#include "common/status/macros.h"
#include "veille/referral/v1/partner_directory_service.grpc.pb.h"
#include "veillectl/client/failure.h"
#include "veillectl/client/input.h"
#include "veillectl/client/output.h"
#include "veillectl/verify/stranger_probe.h"
#include "veillectl/verify/test_run.h"
#include "veillectl/verify/webhook_probe.h"

namespace veille::veillectl {
namespace {

using Directory = referral::v1::PartnerDirectoryService::Stub;
using Json = nlohmann::ordered_json;
using partner::v1::DeliverReferralRequest;

struct VerifyArguments {
  std::string partner;
  std::string endpoint;
  std::string key_file;
  std::string authority;
  int patience = 30;
};

absl::StatusOr<referral::v1::Partner> ReadPartner(const Connection& referral,
                                                  const std::string& id) {
  referral::v1::GetPartnerRequest request;
  request.set_partner_id(id);
  ASSIGN_OR_RETURN(const referral::v1::GetPartnerResponse response,
                   referral.Call(&Directory::GetPartner, request));
  return response.partner();
}

// Of no case that there is.
DeliverReferralRequest InventedNotice() {
  DeliverReferralRequest notice;
  notice.set_delivery_id(ids::Uuid::Random().ToString());
  notice.set_referral_id(ids::Uuid::Random().ToString());
  notice.set_assignment_fence(1);
  notice.set_version(1);
  notice.set_need(common::v1::NEED_OTHER);
  notice.set_urgency(common::v1::URGENCY_ROUTINE);
  notice.set_test(true);
  return notice;
}

// That of the test, as it would come once more.
DeliverReferralRequest NoticeOf(const referral::v1::PartnerTest& test) {
  DeliverReferralRequest notice = InventedNotice();
  notice.set_delivery_id(test.delivery_id());
  notice.set_referral_id(test.test_id());
  return notice;
}

// The secret; nothing when there is no file, or it holds a public key, which signs nothing.
absl::StatusOr<std::optional<web::WebhookKey>> ReadKey(const std::string& path) {
  if (path.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(const std::string text, ReadInput(path));
  const std::string key(absl::StripAsciiWhitespace(text));
  if (absl::StartsWith(key, "whpk_")) return std::nullopt;
  auto parsed = web::WebhookKey::Parse(key);
  if (!parsed.ok()) return UsageError(path + " holds no key: whsec_… in base64");
  return *std::move(parsed);
}

// Whoever tries a machine may try any: this is its developer's own command.
absl::StatusOr<Verdicts> TryWebhook(const Session& session, const VerifyArguments& arguments,
                                    const std::string& url, DeliverReferralRequest notice) {
  ASSIGN_OR_RETURN(auto key, ReadKey(arguments.key_file));
  ASSIGN_OR_RETURN(web::AddressPolicy anywhere,
                   web::AddressPolicy::Parse("0.0.0.0/0,::/0", "1-65535"));
  web::Caller caller({.policy = std::move(anywhere),
                      .authorities = arguments.authority.empty() ? session.WebhookAuthority()
                                                                 : arguments.authority});
  return Probe({.caller = caller, .url = url, .key = std::move(key), .notice = std::move(notice)});
}

absl::StatusOr<Verdict> TryAsStranger(const Session& session, const referral::v1::Partner& partner,
                                      const DeliverReferralRequest& notice) {
  std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
  // In clear text everybody is believed; whoever says to be a volunteer is none that delivers.
  Identity identity{"volunteer", "verify", session.landlord(), ""};
  if (!session.Authority().empty()) {
    ASSIGN_OR_RETURN(credentials, tls::ChannelCredentials({.authority = session.Authority()}));
    identity = {"service", "referral", session.landlord(), ""};
  }
  return ProbeAsStranger(
      Connection(partner.endpoint(), std::move(identity),
                 std::make_shared<Stranger>(std::move(credentials)), absl::Seconds(10)),
      notice);
}

// With the service: its own test first, then what it would never send.
absl::StatusOr<Verdicts> VerifyPartner(Session& session, const VerifyArguments& arguments) {
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("coordinator"));
  ASSIGN_OR_RETURN(const referral::v1::Partner partner, ReadPartner(referral, arguments.partner));
  ASSIGN_OR_RETURN(
      const referral::v1::PartnerTest test,
      RunTest(referral, arguments.partner, session.RequestId(), absl::Seconds(arguments.patience)));
  Verdicts verdicts = Read(test, partner.channel());
  if (partner.channel() == referral::v1::PARTNER_CHANNEL_WEBHOOK) {
    ASSIGN_OR_RETURN(const Verdicts tried,
                     TryWebhook(session, arguments, partner.endpoint(), NoticeOf(test)));
    verdicts.insert(verdicts.end(), tried.begin(), tried.end());
  } else if (test.has_receive_time()) {
    ASSIGN_OR_RETURN(verdicts.emplace_back(), TryAsStranger(session, partner, NoticeOf(test)));
  }
  ASSIGN_OR_RETURN(const referral::v1::Partner now, ReadPartner(referral, arguments.partner));
  const bool is_active = now.state() == referral::v1::PARTNER_STATE_ACTIVE;
  verdicts.push_back(is_active ? Fine("the partner is active")
                               : Wrong("the partner is active",
                                       "it is on trial: put right what is "
                                       "wrong above, and run this again"));
  return verdicts;
}

void PrintVerdicts(const Session& session, const Verdicts& verdicts) {
  Json lines = Json::array();
  for (const Verdict& verdict : verdicts) {
    const char* mark = verdict.kind == Verdict::Kind::kOk      ? "OK"
                       : verdict.kind == Verdict::Kind::kWrong ? "NO"
                                                               : "--";
    if (session.json()) {
      lines.push_back({{"verdict", mark}, {"step", verdict.step}, {"words", verdict.words}});
      continue;
    }
    const bool is_long = verdict.kind != Verdict::Kind::kOk && !verdict.words.empty();
    std::cout << mark << "  " << verdict.step;
    if (!verdict.words.empty()) {
      std::cout << (is_long ? "\n      " : " (") << verdict.words << (is_long ? "" : ")");
    }
    std::cout << "\n";
  }
  if (session.json()) std::cout << lines.dump(2) << "\n";
}

absl::Status PrintVerification(Session& session, const VerifyArguments& arguments) {
  if (arguments.partner.empty() == arguments.endpoint.empty()) {
    return UsageError("what is verified? Give the id of a partner, or --endpoint https://…");
  }
  absl::StatusOr<Verdicts> verdicts =
      arguments.endpoint.empty()
          ? VerifyPartner(session, arguments)
          : TryWebhook(session, arguments, arguments.endpoint, InventedNotice());
  RETURN_IF_ERROR(verdicts.status());
  PrintVerdicts(session, *verdicts);
  const auto wrong = std::count_if(verdicts->begin(), verdicts->end(), [](const Verdict& verdict) {
    return verdict.kind == Verdict::Kind::kWrong;
  });
  if (wrong == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(wrong, " to put right"));
}

absl::Status TestPartner(Session& session, const std::string& partner) {
  ASSIGN_OR_RETURN(const Connection referral, session.Referral("coordinator"));
  referral::v1::TestPartnerRequest request;
  request.set_request_id(session.RequestId());
  request.set_partner_id(partner);
  ASSIGN_OR_RETURN(const referral::v1::TestPartnerResponse response,
                   referral.Call(&Directory::TestPartner, request));
  session.Print(response, [&](std::ostream& out) { PrintTest(response.test(), out); });
  return absl::OkStatus();
}

void DeclarePartnerTest(CLI::App& group, Session& session) {
  CLI::App* command =
      group.add_subcommand("test", "Pushes an invented case to a partner's machine");
  command->footer(R"(
Answers at once; `veillectl partner show` tells how far it came. When the notice was received and the
case fetched, a partner that is on trial becomes active. The test is over after ten minutes.)");
  const auto partner = std::make_shared<std::string>();
  command->add_option("PARTNER", *partner, "id of the partner")->required()->check(IsUuid());
  session.On(command, [&session, partner] { return TestPartner(session, *partner); });
}

}  // namespace

void PrintTest(const referral::v1::PartnerTest& test, std::ostream& out) {
  out << "  test      " << test.test_id() << " of " << Moment(test.create_time()) << ": "
      << NameOf(test.stage());
  if (test.problem() != referral::v1::PARTNER_TEST_PROBLEM_UNSPECIFIED) {
    out << ", " << NameOf(test.problem());
    if (!test.answer().empty()) out << " (" << test.answer() << ")";
  }
  out << (test.over() ? ", over\n" : "\n");
}

void DeclarePartnerVerify(CLI::App& group, Session& session) {
  DeclarePartnerTest(group, session);
  CLI::App* command =
      group.add_subcommand("verify", "Tells a partner's developer what is still wrong");
  command->footer(R"(
With a partner's id: the service pushes an invented case to the partner's machine, and this command
tells whether it was acknowledged, fetched and accepted; then it pushes itself what must be refused. A
webhook is also tried with --key-file, the key that the registration showed: changed, old and repeated
messages. Without the service, a webhook alone:

  veillectl partner verify <id> --key-file webhook.key
  veillectl partner verify --endpoint https://ccas.example/veille --key-file webhook.key

A line is OK, NO with what to do, or -- with why it was not tried. Ends with 1 when there is a NO.)");
  const auto arguments = std::make_shared<VerifyArguments>();
  command->add_option("PARTNER", arguments->partner, "id of the partner")->check(IsUuid());
  command->add_option("--endpoint", arguments->endpoint, "a webhook, tried without the service")
      ->type_name("URL");
  command->add_option("--key-file", arguments->key_file, "holds the key that signs its webhooks")
      ->type_name("FILE");
  command
      ->add_option("--webhook-authority", arguments->authority,
                   "who signed the webhook's certificate (PEM); those of the system otherwise")
      ->type_name("FILE");
  command->add_option("--patience", arguments->patience, "how many seconds to wait for the machine")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 600))
      ->capture_default_str();
  session.On(command, [&session, arguments] { return PrintVerification(session, *arguments); });
}

}  // namespace veille::veillectl
